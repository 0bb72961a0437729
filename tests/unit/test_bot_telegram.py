"""The session to Telegram against a server on loopback."""

from __future__ import annotations

import traceback
from collections.abc import AsyncIterator

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramNetworkError, TelegramRetryAfter, TelegramServerError
from aiogram.methods import SendMessage, SendMessageDraft
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.telegram import DoneUnreadably, DownloadFailed, FloodWaits, build_bot, patience
from tests.telegram import RecordingSession

TOKEN = "4242:very-secret-token"


@pytest.fixture
async def server() -> AsyncIterator[str]:
    async def answer(request: web.Request) -> web.StreamResponse:
        if request.match_info["method"] == "sendMessage":
            raise web.HTTPFound(str(request.url))
        return web.json_response({"ok": True, "result": True})

    app = web.Application()
    app.router.add_route("*", "/bot{token}/{method}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.fixture
async def bot(server: str) -> AsyncIterator[Bot]:
    bot = build_bot(TOKEN, server, 10)
    yield bot
    await bot.session.close()


async def test_calls_reach_the_given_server(bot: Bot) -> None:
    assert await bot.send_message_draft(1, draft_id=1, text="a") is True


async def test_errors_of_calls_hide_the_token(bot: Bot) -> None:
    with pytest.raises(TelegramNetworkError) as caught:
        await bot.send_message(1, "a")
    assert "TooManyRedirects" in str(caught.value)
    assert TOKEN not in "".join(traceback.format_exception(caught.value))
    assert caught.value.__context__ is None


async def test_errors_of_bad_addresses_hide_the_token() -> None:
    bot = build_bot(TOKEN, "http://[bad", 1)
    with pytest.raises(Exception) as caught:  # noqa: PT011
        await bot.send_message(1, "a")
    await bot.session.close()
    assert TOKEN not in "".join(traceback.format_exception(caught.value))


async def test_errors_of_downloads_hide_the_token(bot: Bot) -> None:
    with pytest.raises(DownloadFailed) as caught:
        await bot.download_file("voice/none.ogg")
    assert caught.value.status == 404
    assert TOKEN not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (502, "<html>Bad Gateway</html>", TelegramServerError),
        (200, "<html>слова человека</html>", TelegramServerError),
        (200, '{"ok": true, "result": true}', DoneUnreadably),
    ],
)
async def test_an_answer_that_is_none_of_a_bot_api_is_a_server_error(
    status: int, body: str, expected: type[Exception]
) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=status, text=body, content_type="text/html")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with TestServer(app) as server:
        bot = build_bot(TOKEN, str(server.make_url("/")).rstrip("/"), 10)
        with pytest.raises(TelegramServerError) as caught:
            await bot.send_message(1, "a")
        await bot.session.close()
    assert type(caught.value) is expected
    assert "слова" not in "".join(traceback.format_exception(caught.value))


def flood(seconds: int) -> TelegramRetryAfter:
    return TelegramRetryAfter(SendMessage(chat_id=1, text="a"), "Too Many Requests", seconds)


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def recording(slept: list[float]) -> Bot:
    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    session = RecordingSession()
    session.middleware(FloodWaits(sleep))
    return Bot("42:TEST", session=session)


async def test_a_flood_wait_is_waited_out_and_the_call_repeated(
    recording: Bot, slept: list[float]
) -> None:
    recording.session.fail(SendMessage, flood(3), flood(7))
    await recording.send_message(1, "a")
    assert slept == [3, 7]
    assert len(recording.session.sent(SendMessage)) == 1


async def test_no_longer_than_the_caller_has_patience(recording: Bot, slept: list[float]) -> None:
    recording.session.fail(SendMessage, flood(3), flood(3))
    token = patience.set(5)
    with pytest.raises(TelegramRetryAfter):
        await recording.send_message(1, "a")
    patience.reset(token)
    assert slept == [3]


async def test_drafts_decide_themselves(recording: Bot, slept: list[float]) -> None:
    recording.session.fail(SendMessageDraft, flood(1))
    with pytest.raises(TelegramRetryAfter):
        await recording.send_message_draft(1, draft_id=1, text="a")
    assert slept == []
