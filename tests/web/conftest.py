"""A real Chromium on the playground's page, for every test that looks at it as a person does."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING

import pytest

from bot.playground import Playground, start_playground
from tests.web.chat_page import ChatPage
from tests.web.fake_bot import FakeBot

if TYPE_CHECKING:
    from playwright.async_api import Browser

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A microphone that beeps, for machines with none.
    "--use-fake-device-for-media-stream",
]

PageFor = Callable[..., Awaitable[ChatPage]]


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser's program. None on this machine: a skip, or a failure with REQUIRE_BROWSER=1."""
    found = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if found:
        return found
    words = f"no browser: install one of {', '.join(PROGRAMS)} (Debian: apt install chromium)"
    if os.environ.get("REQUIRE_BROWSER") == "1":
        pytest.fail(words)
    pytest.skip(words)


@pytest.fixture
async def browser(chromium: str) -> AsyncIterator[Browser]:
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture
async def playground() -> AsyncIterator[Playground]:
    playground = await start_playground()
    yield playground
    await playground.close()


@pytest.fixture
def page_url(playground: Playground) -> str:
    """Where the page is. A test that runs the playground elsewhere overrides this fixture."""
    return playground.url


@pytest.fixture
async def bot(playground: Playground) -> AsyncIterator[FakeBot]:
    async with FakeBot(playground.telegram_url) as bot:
        yield bot


@pytest.fixture
async def page_for(
    browser: Browser, page_url: str, request: pytest.FixtureRequest
) -> AsyncIterator[PageFor]:
    """`await page_for("Мира")` opens that person's chat in a browser profile of its own.

    Keyword arguments: `phone` (390 × 844, touch), `dark`. Each page leaves a last screenshot under
    `test-results/`; a script error or a breach of the page's CSP fails the test.
    """
    pages: list[ChatPage] = []
    folder = request.config.rootpath / "test-results"
    test = re.sub(r"\W+", "-", request.node.name).strip("-")

    async def open_page(first_name: str, *, phone: bool = False, dark: bool = False) -> ChatPage:
        page = await ChatPage.open(
            browser, page_url, first_name, folder=folder, test=test, phone=phone, dark=dark
        )
        pages.append(page)
        return page

    yield open_page
    troubles = [trouble for page in pages for trouble in page.troubles]
    for page in pages:
        await page.screenshot("last")
        await page.close()
    assert troubles == []
