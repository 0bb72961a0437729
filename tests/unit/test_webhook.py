"""The webhook's server over real HTTP: who is let in, and what a 200 promises."""

from __future__ import annotations

import asyncio
import contextlib
import io
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from aiogram import Dispatcher
from aiogram.types import Message

from bot.intake import keeping as keeping_module
from bot.intake import taking_over as taking_over_module
from bot.intake import webhook as webhook_module
from bot.intake.handling import Handling
from bot.intake.keeping import Keeping
from bot.intake.taking_over import TakingOver
from bot.intake.updates import lane_of
from bot.intake.webhook import BODY_BYTES, SECRET_HEADER, WebhookServer
from bot.telegram import build_bot
from core import Background, Unavailable
from tests.unit.shelf import Inbox, Shelf

SECRET = "s3cret_-" * 4
PERSON = 100


def update(number: int, text: str = "привет", person: int = PERSON) -> dict[str, Any]:
    chat = {"id": person, "type": "private"}
    message = {"message_id": number, "date": 1, "chat": chat, "text": text}
    return {"update_id": number, "message": message}


class Process:
    """One webhook process: its server, its handlers, its part of the shelf."""

    def __init__(self, shelf: Shelf, holder: str) -> None:
        self.seen: list[str] = []
        self.trouble = ""
        self.handler: Callable[[Message], Awaitable[None]] | None = None
        self.background = Background()
        self.bot = build_bot("7:hook", "http://127.0.0.1:9", 1)
        dispatcher = Dispatcher(disable_fsm=True)

        @dispatcher.message()
        async def hears(message: Message) -> None:
            if self.handler:
                await self.handler(message)
            self.seen.append(message.text or "")

        async def give_up(raw: dict[str, Any], error: Exception) -> None:
            pass

        inbox: Any = Inbox(shelf, holder)
        self.keeping = Keeping(inbox, self.bot.id)
        self.handling = Handling(self.bot, dispatcher, self.keeping, self.background, give_up)
        self.taking_over = TakingOver(self.keeping, self.handling, self.background)
        self.server = WebhookServer(self.handling, path="/a/hook", secret=SECRET, ready=self.ready)

    async def ready(self) -> str:
        return self.trouble

    async def open(self, http: aiohttp.ClientSession) -> None:
        self.http = http
        await self.server.open("127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self.server.port}"

    async def post(self, body: Any, path: str = "/a/hook", **options: Any) -> int:
        headers = {SECRET_HEADER: SECRET} | options.pop("headers", {})
        if "data" not in options:
            options["json"] = body
        async with self.http.post(self.url + path, headers=headers, **options) as response:
            self.answered = response
            await response.read()
            return response.status

    async def get(self, path: str) -> tuple[int, str]:
        async with self.http.get(self.url + path) as response:
            return response.status, await response.text()

    async def raw(self, request: bytes) -> bytes:
        """What comes back until the server closes."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.server.port)
        writer.write(request)
        async with asyncio.timeout(20):
            answer = await reader.read()
        writer.close()
        return answer

    async def drain(self, seconds: float) -> None:
        self.taking_over.stop()
        self.server.refuse()
        await self.handling.drain(seconds)
        await self.server.close()

    async def close(self) -> None:
        await self.server.close()
        await self.background.drain(0)
        await self.bot.session.close()


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
async def two(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[list[Process]]:
    monkeypatch.setattr(webhook_module, "AWAY_SECONDS", 0.5)
    monkeypatch.setattr(webhook_module, "HOLD_SECONDS", 1.0)
    processes = [Process(shelf, "first"), Process(shelf, "second")]
    async with aiohttp.ClientSession() as http:
        for process in processes:
            await process.open(http)
        yield processes
        for process in processes:
            await process.close()


@pytest.fixture
def here(two: list[Process]) -> Process:
    return two[0]


async def until(what: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not what():
            await asyncio.sleep(0.01)


async def test_an_update_is_answered_when_it_is_handled(here: Process) -> None:
    assert await here.post(update(1)) == 200
    assert here.seen == ["привет"]
    assert await here.post(update(1)) == 200
    assert here.seen == ["привет"]


@pytest.mark.parametrize(
    "secret", [None, "", "wrong", SECRET[:-1], SECRET + "x", SECRET.upper(), "ключ", "x" * 5000]
)
async def test_without_the_secret_nobody_is_heard(here: Process, secret: str | None) -> None:
    headers = [b"POST /a/hook HTTP/1.1", b"Host: x", b"Content-Type: application/json"]
    if secret is not None:
        headers.append(SECRET_HEADER.encode() + b": " + secret.encode())
    # The body never comes: the refusal doesn't wait for it.
    answer = await here.raw(b"\r\n".join([*headers, b"Content-Length: 100000", b"", b""]))
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert here.seen == []


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"POST /a/hook HTTP/1.1\r\n"
        + SECRET_HEADER.encode()
        + b" "
        + SECRET.encode()
        + b"\r\n\r\n",
        b"POST /a/hook HTTP/1.1\r\nX: " + SECRET.encode() * 1000 + b"\r\n\r\n",
    ],
)
async def test_what_is_no_http_leaves_no_trace_in_the_log(
    here: Process, garbage: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    assert (await here.raw(garbage)).startswith(b"HTTP/1.0 400 ")
    assert not caplog.records


async def test_an_error_of_our_own_is_in_the_log(
    here: Process, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(raw: dict[str, Any]) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(here.handling, "submit", fails)
    assert await here.post(update(1)) == 500
    assert "a bug" in caplog.text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 404),
        ("/hookah", 404),
        ("/a", 404),
        ("/a/hook/x", 404),
        ("/b/a/hook", 404),
        ("/healthz", 404),
        ("//", 404),
        ("///", 404),
        ("/hook", 200),
        ("/a/hook?x=1", 200),
    ],
)
async def test_its_own_path_alone_also_behind_a_proxy_that_shortens_it(
    here: Process, path: str, status: int
) -> None:
    assert await here.post(update(1), path) == status


@pytest.mark.parametrize("target", ["/", "//", "///", "http://x", "http://x/", "http://x/ook//"])
async def test_what_names_nothing_is_no_part_of_its_path(here: Process, target: str) -> None:
    await here.server.close()
    here.server = WebhookServer(here.handling, path="/a/hook//", secret=SECRET, ready=here.ready)
    await here.server.open("127.0.0.1", 0)
    headers = f"Host: x\r\n{SECRET_HEADER}: {SECRET}\r\nContent-Type: application/json\r\n"
    answer = await here.raw(
        f"POST {target} HTTP/1.1\r\nConnection: close\r\n{headers}\r\n".encode()
    )
    assert answer.startswith(b"HTTP/1.1 404 ")


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"])
async def test_only_post(here: Process, method: str) -> None:
    headers = {SECRET_HEADER: SECRET}
    async with here.http.request(method, f"{here.url}/a/hook", headers=headers) as response:
        assert response.status == 405
    async with here.http.request(method, f"{here.url}/other", headers=headers) as response:
        assert response.status == 404


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[1]",
        b'"x"',
        b"{}",
        b'{"update_id": "1"}',
        b'{"update_id": true}',
        b'{"update_id": -1}',
        b'{"update_id": 1e400}',
        b'{"update_id": 99999999999999999999}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
async def test_what_is_no_update_is_refused(here: Process, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    assert await here.post(None, data=body, headers=headers) == 400
    assert await here.post(update(1)) == 200


async def test_other_kinds_of_content_are_refused(here: Process) -> None:
    assert await here.post(None, data=b"{}", headers={"Content-Type": "text/xml"}) == 415
    assert await here.post(None, data={"update_id": "1"}) == 415


async def test_a_large_body_is_refused_by_its_size(here: Process) -> None:
    largest = b" " * (BODY_BYTES - 200) + b'{"update_id": 1}'
    headers = {"Content-Type": "application/json"}
    assert await here.post(None, data=io.BytesIO(largest), headers=headers) == 200
    too_large = io.BytesIO(largest + b" " * 200)
    assert await here.post(None, data=too_large, headers=headers) == 413


async def test_a_large_body_that_hides_its_size_is_cut_off(here: Process) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b" " * (BODY_BYTES // 10)

    headers = {"Content-Type": "application/json"}
    # It may be cut off before all was sent.
    with contextlib.suppress(aiohttp.ClientConnectionError):
        assert await here.post(None, data=pieces(), headers=headers) == 413
    assert await here.post(update(1)) == 200


async def test_nothing_is_unpacked(here: Process) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    assert await here.post(None, data=b"\x1f\x8b garbage", headers=headers) == 400


async def test_a_body_that_does_not_come_is_not_waited_for(
    here: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook_module, "BODY_SECONDS", 0.2)
    request = (
        b"POST /a/hook HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"Content-Length: 100\r\n" + f"{SECRET_HEADER}: {SECRET}\r\n\r\n".encode() + b'{"upd'
    )
    assert (await here.raw(request)).startswith(b"HTTP/1.1 408 ")


async def test_a_stranger_is_not_asked_for_the_body(here: Process) -> None:
    head = (
        b"POST /a/hook HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"Content-Length: 16\r\nExpect: 100-continue\r\nConnection: close\r\n"
    )
    stranger = await here.raw(head + b"\r\n")
    assert stranger.startswith(b"HTTP/1.1 401 ")
    friend = head + f"{SECRET_HEADER}: {SECRET}\r\n\r\n".encode()
    answer = await here.raw(friend + b'{"update_id": 1}')
    assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 ")


async def test_an_old_proxy_speaks_http_1_0(here: Process) -> None:
    request = (
        b"POST /a/hook HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: 16\r\n"
        + f"{SECRET_HEADER}: {SECRET}\r\n\r\n".encode()
    )
    assert (await here.raw(request + b'{"update_id": 1}')).startswith(b"HTTP/1.0 200 ")


async def test_a_connection_is_used_again(here: Process) -> None:
    await here.post(update(1))
    assert here.answered.headers.get("Connection", "keep-alive") == "keep-alive"
    assert await here.post(update(2)) == 200


@pytest.mark.parametrize(
    "raw", [{"update_id": 1}, {"update_id": 1, "something_new": {"a": 1}}, update(1) | {"x": 2}]
)
async def test_updates_of_tomorrow_are_let_go(here: Process, raw: dict[str, Any]) -> None:
    assert await here.post(raw) == 200


async def test_an_update_of_a_broken_shape_is_written_down(here: Process, shelf: Shelf) -> None:
    assert await here.post({"update_id": 1, "message": {"message_id": "слова"}}) == 200
    assert "слова" not in shelf.failed[1]


async def test_what_takes_long_is_written_down_and_then_answered(
    here: Process, shelf: Shelf
) -> None:
    gate = asyncio.Event()

    async def waits(message: Message) -> None:
        await gate.wait()

    here.handler = waits
    assert await here.post(update(1, "долгое")) == 200
    assert shelf.updates.keys() == {1}
    # What follows in this chat will take long as well.
    assert await here.post(update(2, "следом")) == 200
    assert shelf.holders == {1: "first", 2: "first"}
    assert here.seen == []
    gate.set()
    await until(lambda: here.seen == ["долгое", "следом"])
    await until(lambda: not shelf.updates)


async def test_while_the_database_is_away_updates_wait_at_telegram(
    here: Process, shelf: Shelf
) -> None:
    shelf.away = True

    async def away(message: Message) -> None:
        if shelf.away:
            raise Unavailable("away")

    here.handler = away
    assert await here.post(update(1)) == 503
    assert here.answered.headers["Retry-After"].isdecimal()
    shelf.away = False
    # It was let go: only what Telegram sends again is handled.
    await asyncio.sleep(0.5)
    assert here.seen == []
    assert await here.post(update(1)) == 200
    assert here.seen == ["привет"]


async def test_what_was_broken_off_is_held_no_longer(here: Process, shelf: Shelf) -> None:
    """Claimed here, then repeated by Telegram while the database was away for it."""
    gate = asyncio.Event()
    starving = True

    async def handler(message: Message) -> None:
        if message.text == "долго":
            await gate.wait()
        elif starving:
            raise Unavailable("away")

    here.handler = handler
    assert await here.post(update(7, "долго", person=8)) == 200
    shelf.put(update(1), lane_of(update(1)))
    await here.taking_over.look()
    assert shelf.holders == {7: "first", 1: "first"}
    assert await here.post(update(1)) == 503
    starving = False
    await here.taking_over.look()
    await until(lambda: here.seen == ["привет"])
    gate.set()
    await until(lambda: not shelf.updates)


async def test_what_takes_long_and_can_not_be_written_down_waits_at_telegram(
    here: Process, shelf: Shelf
) -> None:
    gate = asyncio.Event()

    async def waits(message: Message) -> None:
        shelf.away = True
        await gate.wait()

    here.handler = waits
    assert await here.post(update(1)) == 503
    gate.set()
    await asyncio.sleep(0.1)
    assert here.seen == []


async def test_a_client_that_goes_away_breaks_nothing_off(here: Process) -> None:
    entered, gate = asyncio.Event(), asyncio.Event()

    async def waits(message: Message) -> None:
        entered.set()
        await gate.wait()

    here.handler = waits
    leaves = asyncio.ensure_future(here.post(update(1)))
    await entered.wait()
    leaves.cancel()
    await asyncio.wait({leaves})
    assert leaves.cancelled()
    again = asyncio.ensure_future(here.post(update(1)))
    await asyncio.sleep(0.1)
    gate.set()
    assert await again == 200
    await until(lambda: here.seen == ["привет"])


async def test_a_drain_lets_in_what_is_inside_and_nothing_else(here: Process) -> None:
    gate = asyncio.Event()
    entered = asyncio.Event()

    async def waits(message: Message) -> None:
        entered.set()
        await gate.wait()

    here.handler = waits
    inside = asyncio.ensure_future(here.post(update(1, "внутри")))
    await entered.wait()
    draining = asyncio.ensure_future(here.drain(20))
    await asyncio.sleep(0)
    assert await here.post(update(2, "поздно")) == 503
    gate.set()
    assert await inside == 200
    await draining
    assert here.seen == ["внутри"]
    with pytest.raises(aiohttp.ClientConnectionError):
        await here.post(update(3))


async def test_what_does_not_end_in_time_waits_at_telegram(here: Process) -> None:
    entered = asyncio.Event()

    async def hangs(message: Message) -> None:
        entered.set()
        await asyncio.Event().wait()

    here.handler = hangs
    inside = asyncio.ensure_future(here.post(update(1)))
    await entered.wait()
    await here.drain(0)
    assert await inside == 503


async def test_what_a_drained_process_had_kept_another_takes_up(
    two: list[Process], shelf: Shelf
) -> None:
    first, second = two

    async def hangs(message: Message) -> None:
        await asyncio.Event().wait()

    first.handler = hangs
    assert await first.post(update(1)) == 200
    await second.taking_over.look()
    assert second.seen == []
    await first.drain(0)
    await second.taking_over.look()
    await until(lambda: second.seen == ["привет"])
    await until(lambda: not shelf.updates)


async def test_what_ends_in_a_drain_is_left_to_nobody(
    two: list[Process], shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = two
    gate = asyncio.Event()
    drop = Inbox.drop

    async def waits(message: Message) -> None:
        await gate.wait()

    async def drops_late(*arguments: Any) -> None:
        await asyncio.sleep(0.2)
        await drop(*arguments)

    monkeypatch.setattr(Inbox, "drop", drops_late)
    first.handler = waits
    assert await first.post(update(1)) == 200
    draining = asyncio.ensure_future(first.drain(20))
    await asyncio.sleep(0)
    gate.set()
    await draining
    await second.taking_over.look()
    assert not shelf.updates
    assert first.seen == ["привет"]
    assert second.seen == []


async def test_what_was_broken_off_before_a_drain_is_left_to_others(
    two: list[Process], shelf: Shelf
) -> None:
    first, second = two

    async def hangs(message: Message) -> None:
        await asyncio.Event().wait()

    first.handler = hangs
    assert await first.post(update(1)) == 200
    first.handling.withdraw(1)
    await asyncio.sleep(0)
    await first.drain(0)
    await second.taking_over.look()
    await until(lambda: second.seen == ["привет"])
    await until(lambda: not shelf.updates)


async def test_a_chats_order_holds_across_processes(two: list[Process], shelf: Shelf) -> None:
    """What comes to one process stands behind what the other one has kept."""
    first, second = two
    gate = asyncio.Event()

    async def waits(message: Message) -> None:
        await gate.wait()

    first.handler = waits
    assert await first.post(update(1, "раз")) == 200
    await second.taking_over.look()
    assert await second.post(update(2, "два")) == 200
    assert await second.post(update(3, "от соседа", PERSON + 1)) == 200
    assert second.seen == ["от соседа"]
    assert shelf.holders == {1: "first", 2: ""}
    gate.set()
    await until(lambda: shelf.updates.keys() == {2})
    await first.taking_over.look()
    await until(lambda: first.seen == ["раз", "два"])
    await until(lambda: not shelf.updates)
    await second.taking_over.look()
    assert await second.post(update(4, "три")) == 200
    assert second.seen == ["от соседа", "три"]


@pytest.fixture
async def deaf(two: list[Process], monkeypatch: pytest.MonkeyPatch) -> list[Process]:
    """Processes that learn of each other by looking alone."""
    monkeypatch.setattr(Inbox, "notifies", False)
    for module in (keeping_module, taking_over_module):
        monkeypatch.setattr(module, "PAUSE_SECONDS", 0.3)
    for process in two:
        process.background.spawn(process.taking_over.run(), "kept updates")
    return two


async def test_a_chats_order_holds_across_processes_that_hear_nothing(
    deaf: list[Process], shelf: Shelf
) -> None:
    first, second = deaf
    gate = asyncio.Event()

    async def waits(message: Message) -> None:
        await gate.wait()

    first.handler = waits
    assert await first.post(update(1, "раз")) == 200
    assert await second.post(update(2, "два")) == 200
    assert second.seen == []
    gate.set()
    await until(lambda: len(first.seen + second.seen) == 2)
    assert "два" not in first.seen[:1]
    await until(lambda: not shelf.updates)


async def test_what_is_done_before_others_know_of_it_is_answered_at_once(
    deaf: list[Process], shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping_module, "PAUSE_SECONDS", 1000.0)
    gate = asyncio.Event()

    async def waits(message: Message) -> None:
        await gate.wait()

    deaf[0].handler = waits
    inside = asyncio.ensure_future(deaf[0].post(update(1)))
    await until(lambda: bool(shelf.updates))
    gate.set()
    assert await inside == 200
    assert deaf[0].seen == ["привет"]


async def test_what_is_broken_off_before_others_know_of_it_waits_at_telegram(
    deaf: list[Process], shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Confirmed, it would let the chat's next update overtake it."""
    monkeypatch.setattr(keeping_module, "PAUSE_SECONDS", 1000.0)

    async def hangs(message: Message) -> None:
        await asyncio.Event().wait()

    deaf[0].handler = hangs
    inside = asyncio.ensure_future(deaf[0].post(update(1)))
    await until(lambda: bool(shelf.updates))
    await deaf[0].drain(0)
    assert await inside == 503


async def test_a_process_that_was_frozen_lets_go_of_what_others_took(
    two: list[Process], shelf: Shelf
) -> None:
    first, second = two
    gate = asyncio.Event()
    done: list[tuple[str, str | None]] = []

    def waits(name: str) -> Callable[[Message], Awaitable[None]]:
        async def handler(message: Message) -> None:
            await gate.wait()
            done.append((name, message.text))

        return handler

    first.handler, second.handler = waits("first"), waits("second")
    assert await first.post(update(1, "раз")) == 200
    assert await first.post(update(2, "два")) == 200
    shelf.free("first")
    await second.taking_over.look()
    assert shelf.holders == {1: "second", 2: ""}
    await first.taking_over.look()
    gate.set()
    await until(lambda: shelf.updates.keys() == {2})
    await first.taking_over.look()
    await until(lambda: not shelf.updates)
    assert done == [("second", "раз"), ("first", "два")]


async def test_readiness_is_told_in_words(here: Process) -> None:
    assert await here.get("/healthz") == (200, "ok")
    assert await here.get("/readyz") == (200, "ready")
    here.trouble = "stopping"
    assert await here.get("/readyz") == (503, "stopping")
    assert (await here.get("/healthz"))[0] == 200


async def test_processes_of_one_bot_share_a_port(here: Process, shelf: Shelf) -> None:
    third = Process(shelf, "third")
    await third.server.open("127.0.0.1", here.server.port)
    await third.close()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError, match="in use"):
            await third.server.open("127.0.0.1", taken.getsockname()[1])
