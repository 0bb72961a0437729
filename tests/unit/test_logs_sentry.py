"""Errors on their way to Sentry, over real HTTP to one that listens on loopback."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from bot.discretion import Secrets
from bot.observing.sentry import reporting_errors
from core import Misconfigured, Unavailable, marked
from tests.e2e.watching import Sentry, serving

WORDS = "слова человека"
SECRET = "s3cret-value"
log = logging.getLogger("core.test_logs_sentry")


@pytest.fixture
async def sentry() -> AsyncIterator[tuple[Sentry, str]]:
    listener = Sentry()
    async with serving(web.post("/api/7/envelope/", listener.envelope)) as where:
        yield listener, f"http://publickey@{where}/7"


def reporting(dsn: str):
    return reporting_errors(
        dsn, environment="test", process="worker", secrets=Secrets([SECRET, dsn])
    )


async def test_an_error_arrives_without_words(sentry: tuple[Sentry, str]) -> None:
    listener, dsn = sentry
    async with reporting(dsn):
        local = WORDS  # noqa: F841  # a variable of the frame
        log.warning("no event: %s", WORDS)
        with marked(turn="ab12cd34"):
            try:
                raise ValueError(WORDS)
            except ValueError:
                log.exception("turn of vision %s failed with %s", "v", SECRET)
        log.error("plain %d", 7)
    first, second = listener.events
    assert first["exception"]["values"][0]["type"] == "ValueError"
    assert first["exception"]["values"][0]["value"] == ""
    assert first["logentry"]["message"] == "turn of vision v failed with ***"
    assert first["tags"] == {"turn": "ab12cd34", "process": "worker"}
    assert first["environment"] == "test"
    assert second["logentry"]["message"] == "plain 7"
    assert "turn" not in second["tags"]
    assert WORDS not in listener.text
    assert SECRET not in listener.text


async def test_an_unexpected_end_is_told_before_it_ends(sentry: tuple[Sentry, str]) -> None:
    listener, dsn = sentry
    with pytest.raises(RuntimeError, match=WORDS):
        async with reporting(dsn):
            raise RuntimeError(WORDS)
    [event] = listener.events
    assert event["exception"]["values"][0]["type"] == "RuntimeError"
    assert WORDS not in listener.text


async def test_what_the_operator_is_told_anyway_is_no_event(sentry: tuple[Sentry, str]) -> None:
    listener, dsn = sentry
    with pytest.raises(Unavailable):
        async with reporting(dsn):
            raise Unavailable("DATABASE_URL: nobody there")
    assert listener.events == []


async def test_a_sentry_that_hangs_holds_the_end_up_for_no_longer_than_two_seconds() -> None:
    released = asyncio.Event()

    async def hang(request: web.Request) -> web.Response:
        await released.wait()
        return web.Response()

    async with serving(web.post("/api/7/envelope/", hang)) as where:
        began = time.monotonic()
        async with reporting(f"http://publickey@{where}/7"):
            log.error("is anybody there")
        # Twice, for a machine that is busy; without a limit it would be half a minute.
        assert time.monotonic() - began < 8
        released.set()


async def test_after_the_end_nothing_is_sent(sentry: tuple[Sentry, str]) -> None:
    listener, dsn = sentry
    async with reporting(dsn):
        pass
    log.error("too late")
    await asyncio.sleep(0.1)
    assert listener.events == []


@pytest.mark.parametrize("dsn", ["nonsense", f"https://{SECRET}@", "https://sentry.example/7"])
async def test_a_wrong_address_is_told_as_such(dsn: str) -> None:
    with pytest.raises(Misconfigured, match="SENTRY_DSN") as told:
        async with reporting(dsn):
            pass
    assert SECRET not in str(told.value)
