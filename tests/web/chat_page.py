"""The chat page as a person uses it: write, press, read, look."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.async_api import Browser, ConsoleMessage, Locator, Page

PATIENCE_MS = 20_000
RECORD = re.compile("Записать голосовое|Record a voice")
PERMISSIONS = ["clipboard-read", "clipboard-write", "microphone"]


class ChatPage:
    """One person's open page. A wait over `PATIENCE_MS` ends in playwright's TimeoutError."""

    def __init__(self, page: Page, person_id: int, folder: Path, test: str) -> None:
        self.page = page
        self.person_id = person_id
        self.troubles: list[str] = []
        self._folder = folder
        self._test = test
        page.on("pageerror", lambda error: self.troubles.append(f"script error: {error}"))
        page.on("console", self._heard)

    @classmethod
    async def open(
        cls,
        browser: Browser,
        url: str,
        first_name: str,
        *,
        folder: Path,
        test: str,
        phone: bool = False,
        dark: bool = False,
    ) -> ChatPage:
        context = await browser.new_context(
            viewport={"width": 390, "height": 844} if phone else {"width": 1200, "height": 820},
            is_mobile=phone,
            has_touch=phone,
            color_scheme="dark" if dark else "light",
            locale="ru-RU",
        )
        context.set_default_timeout(PATIENCE_MS)
        await context.grant_permissions(PERMISSIONS, origin=url)
        people = await (await context.request.get(f"{url}/playground/people")).json()
        person_id = next(one["id"] for one in people if one["first_name"] == first_name)
        page = cls(await context.new_page(), person_id, folder, test)
        await page.page.goto(f"{url}/#/{person_id}")
        await page.ready()
        return page

    async def ready(self) -> None:
        """Until the chat's history stands on the page: messages, or that there are none."""
        await self.page.locator(".row[data-id], .empty").first.wait_for()

    async def say(self, text: str) -> None:
        """Write and send, without waiting for an answer."""
        await self.field.fill(text)
        await self.field.press("Enter")

    async def start(self) -> None:
        await self.page.locator(".start").click()

    async def attach(self, paths: Iterable[Path]) -> None:
        """Put files in the tray above the field; `say` sends them with its text as the caption."""
        files = list(paths)
        tiles = self.page.locator(".tile")
        before = await tiles.count()
        await self.page.locator(".file-input").set_input_files(files)
        await tiles.nth(before + len(files) - 1).wait_for()

    async def record_voice(self, seconds: int) -> None:
        """Speak into the browser's microphone and send it; returns when the message has arrived."""
        sent = self.page.locator(".row.out[data-id] .voice")
        before = await sent.count()
        await self.start_recording(seconds)
        await self.page.locator(".voice-send").click()
        await sent.nth(before).wait_for()

    async def start_recording(self, seconds: int) -> None:
        """Returns when at least so much is recorded; what comes of it is still open."""
        await self.page.get_by_role("button", name=RECORD).click()
        await self.page.wait_for_function(
            "(seconds) => Number(document.querySelector('.voice-time').dataset.seconds) >= seconds",
            arg=seconds,
        )

    async def play_last_voice(self, side: str = "in") -> None:
        """Play the newest voice message of the bot (`in`) or of the person (`out`) until it moves.

        Ends in a TimeoutError if the browser cannot play it.
        """
        voice = self.page.locator(f".row.{side}[data-id] .voice").last
        await voice.locator(".play").click()
        await self.page.wait_for_function(
            "(audio) => audio.currentTime > 0",
            arg=await voice.locator("audio").element_handle(),
        )

    async def last_document(self) -> str:
        """The name of the newest document from the bot, once there is one."""
        document = self.page.locator(".row.in[data-id] .document").last
        await document.wait_for()
        return await document.locator(".document-name").inner_text()

    async def download(self, name: str) -> bytes:
        """The newest document of this name, as the browser saves it."""
        named = self.page.locator(".document-name", has_text=re.compile(f"^{re.escape(name)}$"))
        async with self.page.expect_download() as download:
            await self.page.locator(".document", has=named).last.click()
        return (await (await download.value).path()).read_bytes()

    async def press(self, label: str) -> None:
        """Press the latest inline button with exactly this label."""
        await self.key(label).click()

    async def stop(self) -> None:
        """Press Stop under the draft."""
        await self.page.locator(".live .stop").click()

    async def wait_text(self, text: str) -> None:
        """Until a message (not a draft) with this text is there."""
        await self.bubble(text).last.wait_for()

    async def wait_draft(self, text: str) -> None:
        """Until the growing preview shows this text."""
        await self.live.filter(has_text=text).wait_for()

    async def wait_toast(self, text: str) -> None:
        await self.page.locator(".toast", has_text=text).wait_for()

    async def texts(self) -> list[str]:
        """What the messages say, oldest first, without time and marks."""
        return await self.page.locator(".row[data-id] .bubble > .text").all_inner_texts()

    async def reload(self) -> None:
        await self.page.reload()
        await self.ready()

    async def screenshot(self, name: str) -> Path:
        """Kept as `test-results/<test>-<person's id>-<name>.png`."""
        path = self._folder / f"{self._test}-{self.person_id}-{name}.png"
        await self.page.screenshot(path=path, animations="disabled")
        return path

    async def close(self) -> None:
        await self.page.context.close()

    @property
    def field(self) -> Locator:
        return self.page.locator("textarea.field")

    @property
    def live(self) -> Locator:
        return self.page.locator(".live")

    def bubble(self, text: str) -> Locator:
        return self.page.locator(".row[data-id]", has_text=text)

    def key(self, label: str) -> Locator:
        """The latest inline button with exactly this label."""
        exactly = self.page.get_by_text(label, exact=True)
        return self.page.locator(".keyboard .key", has=exactly).last

    def _heard(self, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            self.troubles.append(message.text)
