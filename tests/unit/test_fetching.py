"""Files of people on their way in, from a server on loopback that behaves and misbehaves."""

from __future__ import annotations

import traceback
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiogram import Bot
from aiogram.client.telegram import TelegramAPIServer
from aiohttp import web

from bot.delivery import fetching
from bot.delivery.drafts import Drafts
from bot.delivery.fetching import TRIES, fetch
from bot.delivery.front import TelegramFront
from bot.telegram import build_bot
from bot.texts import Texts
from core import Background, FetchRefused, Unavailable

TOKEN = "4242:very-secret-token"
SOUND = bytes(range(256)) * 5000


@dataclass
class Telegram:
    """Answers of `links` and `downloads` come first, one for each request; then it behaves."""

    url: str = ""
    links: list[tuple[int, str]] = field(default_factory=list)
    downloads: list[int | str] = field(default_factory=list)
    asked: int = 0
    given: int = 0
    path: str = "voice/1.ogg"

    async def get_file(self, request: web.Request) -> web.Response:
        self.asked += 1
        if self.links:
            status, description = self.links.pop(0)
            refusal = {"ok": False, "error_code": status, "description": description}
            return web.json_response(refusal, status=status)
        file_id = (await request.post())["file_id"]
        file = {"file_id": file_id, "file_unique_id": "u", "file_size": len(SOUND)}
        return web.json_response({"ok": True, "result": file | {"file_path": self.path}})

    async def download(self, request: web.Request) -> web.StreamResponse:
        self.given += 1
        fault = self.downloads.pop(0) if self.downloads else 200
        if fault == "breaks off":
            response = web.StreamResponse(headers={"Content-Length": str(len(SOUND))})
            await response.prepare(request)
            await response.write(SOUND[: len(SOUND) // 2])
            assert request.transport
            request.transport.abort()
            return response
        if fault == "short":
            return web.Response(body=SOUND[:1000])
        if fault != 200:
            return web.Response(status=int(fault))
        return web.Response(body=SOUND)


@pytest.fixture
async def telegram(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Telegram]:
    telegram = Telegram()
    app = web.Application()
    app.router.add_post("/bot{token}/getFile", telegram.get_file)
    app.router.add_get("/file/bot{token}/{path:.*}", telegram.download)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    telegram.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield telegram
    await runner.cleanup()


@pytest.fixture
async def bot(telegram: Telegram) -> AsyncIterator[Bot]:
    bot = build_bot(TOKEN, telegram.url, 10)
    yield bot
    await bot.session.close()


async def fetched(bot: Bot) -> bytes:
    return b"".join([chunk async for chunk in fetch(bot, "f1")])


async def test_a_file_comes_in_chunks(bot: Bot, telegram: Telegram) -> None:
    chunks = [chunk async for chunk in fetch(bot, "f1")]
    assert b"".join(chunks) == SOUND
    assert max(map(len, chunks)) <= fetching.CHUNK_BYTES
    assert (telegram.asked, telegram.given) == (1, 1)


@pytest.mark.parametrize("fault", [404, 500, "breaks off", "short"])
async def test_a_broken_download_goes_on_with_a_new_link(
    bot: Bot, telegram: Telegram, fault: int | str
) -> None:
    telegram.downloads = [fault]
    assert await fetched(bot) == SOUND
    assert (telegram.asked, telegram.given) == (2, 2)


async def test_an_overloaded_telegram_is_asked_again(bot: Bot, telegram: Telegram) -> None:
    telegram.links = [(502, "Bad Gateway"), (500, "Internal Server Error")]
    assert await fetched(bot) == SOUND
    assert telegram.asked == 3


@pytest.mark.parametrize(
    ("description", "reason"),
    [
        ("Bad Request: file is too big", "too_big"),
        ("Bad Request: invalid file_id", "gone"),
    ],
)
async def test_what_will_never_come_is_asked_for_once(
    bot: Bot, telegram: Telegram, description: str, reason: str
) -> None:
    telegram.links = [(400, description)]
    with pytest.raises(FetchRefused) as caught:
        await fetched(bot)
    assert caught.value.reason == reason
    assert telegram.asked == 1


async def test_what_may_be_a_wrong_id_or_a_bad_moment_is_asked_again(
    bot: Bot, telegram: Telegram
) -> None:
    unclear = (400, "Bad Request: wrong file_id or the file is temporarily unavailable")
    telegram.links = [unclear]
    assert await fetched(bot) == SOUND
    telegram.links = [unclear] * 10
    with pytest.raises(FetchRefused) as caught:
        await fetched(bot)
    assert caught.value.reason == "gone"
    assert telegram.asked == 2 + TRIES


@pytest.mark.parametrize("fault", [404, "breaks off"])
async def test_after_a_few_tries_it_may_work_later_and_no_token_is_told(
    bot: Bot, telegram: Telegram, fault: int | str
) -> None:
    telegram.downloads = [fault] * 10
    with pytest.raises(Unavailable) as caught:
        await fetched(bot)
    assert telegram.given == TRIES
    assert TOKEN not in "".join(traceback.format_exception(caught.value))


async def test_an_unreachable_telegram_may_work_later(telegram: Telegram) -> None:
    bot = build_bot(TOKEN, "http://127.0.0.1:1", 1)
    with pytest.raises(Unavailable) as caught:
        await fetched(bot)
    await bot.session.close()
    assert TOKEN not in "".join(traceback.format_exception(caught.value))


async def test_a_revoked_token_is_not_asked_with_again(bot: Bot, telegram: Telegram) -> None:
    telegram.links = [(401, "Unauthorized")] * 5
    with pytest.raises(Unavailable):
        await fetched(bot)
    assert telegram.asked == 1


async def test_who_stops_listening_leaves_no_connection_behind(
    bot: Bot, telegram: Telegram
) -> None:
    stream = fetch(bot, "f1")
    assert await anext(stream)
    await stream.aclose()
    assert await fetched(bot) == SOUND


async def test_a_local_server_gives_its_own_files(telegram: Telegram, tmp_path: Path) -> None:
    sound = tmp_path / "1.ogg"
    sound.write_bytes(SOUND)
    telegram.path = str(sound)
    bot = build_bot(TOKEN, telegram.url, 1)
    bot.session.api = TelegramAPIServer.from_base(telegram.url, is_local=True)
    assert await fetched(bot) == SOUND
    sound.unlink()
    with pytest.raises(Unavailable):
        await fetched(bot)
    await bot.session.close()
    assert telegram.given == 0


async def test_the_front_end_fetches_for_core(bot: Bot) -> None:
    background = Background()
    drafts = Drafts(bot, background)
    front = TelegramFront(drafts, outbox=None, texts=Texts(), alarm=None)  # type: ignore[arg-type]
    assert b"".join([chunk async for chunk in front.fetch("f1")]) == SOUND
