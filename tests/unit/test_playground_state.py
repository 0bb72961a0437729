"""What a restart keeps, with and without a clean end; and pushing updates to a webhook."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web

from bot.playground import Playground, start_playground, webhook
from bot.playground.state_log import StateLog

MIRA = 1001


async def call(base: str, method: str, /, **body: Any) -> Any:
    address = f"{base}/bot42:secret/{method}"
    async with ClientSession() as session, session.post(address, json=body) as response:
        answer = await response.json()
    assert answer["ok"], answer
    return answer["result"]


async def act(url: str, path: str, **body: Any) -> Any:
    async with ClientSession() as session, session.post(url + path, json=body) as response:
        assert response.status == 200, await response.text()
        return await response.json()


async def read(url: str, path: str) -> Any:
    async with ClientSession() as session, session.get(url + path) as response:
        return await response.json()


@asynccontextmanager
async def running(state: Path | None = None) -> AsyncIterator[Playground]:
    playground = await start_playground(state=state)
    try:
        yield playground
    finally:
        await playground.close()


async def test_chats_people_queue_and_files_outlive_a_restart(tmp_path: Path) -> None:
    async with running(tmp_path) as first:
        await call(first.url, "getMe")
        await act(first.url, "/playground/people", first_name="Лев", language_code="ru")
        for text in ("/start", "one", "two"):
            await act(first.url, f"/playground/chats/{MIRA}/messages", text=text)
        taken = await call(first.url, "getUpdates", allowed_updates=["message"])
        await call(first.url, "getUpdates", offset=taken[1]["update_id"] + 1)
        kept = await call(first.url, "sendMessage", chat_id=MIRA, text="answer")
        gone = await call(first.url, "sendMessage", chat_id=MIRA, text="oops")
        await call(first.url, "deleteMessage", chat_id=MIRA, message_id=gone["message_id"])
        await call(
            first.url, "editMessageText", chat_id=MIRA, message_id=kept["message_id"], text="better"
        )
        await call(
            first.url, "setMyCommands", commands=[{"command": "help", "description": "help"}]
        )
        source = first.world.keeping.incoming / "a"
        source.write_bytes(b"words")
        file = first.world.files.add("documents", "a.txt", "text/plain", source, {}, 5)
        people = await read(first.url, "/playground/people")
        before = await read(first.url, f"/playground/chats/{MIRA}")
    async with running(tmp_path) as second:
        assert await read(second.url, "/playground/people") == people
        assert await read(second.url, f"/playground/chats/{MIRA}") == before
        assert await call(second.url, "getUpdates") == taken[2:]
        found = second.world.files.find(file.file_id)
        assert found
        assert second.world.files.content(found).read_bytes() == b"words"
        await act(second.url, f"/playground/chats/{MIRA}/edits", message_id=1, text="unheard")
        await act(second.url, f"/playground/chats/{MIRA}/messages", text="three")
        new = (await call(second.url, "getUpdates"))[1:]
        assert [update["update_id"] for update in new] == [taken[2]["update_id"] + 1]
        assert new[0]["message"]["message_id"] == gone["message_id"] + 1


async def test_ids_are_not_used_again_when_everything_was_confirmed(tmp_path: Path) -> None:
    last = 0
    for _ in range(3):
        async with running(tmp_path) as ground:
            await call(ground.url, "getMe")
            await act(ground.url, f"/playground/chats/{MIRA}/messages", text="hello")
            update = (await call(ground.url, "getUpdates"))[-1]
            assert update["update_id"] > last
            last = update["update_id"]
            assert await call(ground.url, "getUpdates", offset=last + 1) == []


async def test_two_playgrounds_do_not_share_a_folder(tmp_path: Path) -> None:
    async with running(tmp_path):
        with pytest.raises(BlockingIOError):
            await start_playground(state=tmp_path)


async def test_a_taken_port_leaves_the_folder_free(tmp_path: Path) -> None:
    async with running() as other:
        port = int(other.url.rpartition(":")[2])
        with pytest.raises(OSError, match="address already in use"):
            await start_playground(port=port, state=tmp_path)
        async with running(tmp_path) as ground:
            await call(ground.url, "getMe")


@asynccontextmanager
async def process(state: Path) -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.playground", "--port", "0", "--state", str(state),
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert child.stdout
    try:
        yield (await child.stdout.readline()).decode().strip(), child
    finally:
        if child.returncode is None:
            child.kill()
        await child.communicate()


async def test_a_killed_process_has_kept_what_it_answered(tmp_path: Path) -> None:
    async with process(tmp_path) as (url, child):
        await call(url, "getMe")
        for number in range(20):
            await act(url, f"/playground/chats/{MIRA}/messages", text=f"word {number}")
        child.kill()
        await child.wait()
    async with process(tmp_path) as (url, child):
        updates = await call(url, "getUpdates")
        assert [u["message"]["text"] for u in updates] == [f"word {n}" for n in range(20)]
        child.send_signal(signal.SIGTERM)
        async with asyncio.timeout(30):
            assert await child.wait() == 0


def test_a_torn_line_is_left_out(tmp_path: Path) -> None:
    log = StateLog(tmp_path)
    log.put("a/1", {"x": 1})
    log.put("a/2", {"x": 2})
    log.drop("a/2")
    log.close()
    with (tmp_path / "playground.log").open("ab") as file:
        file.write(b'["a/3", {"x"')
    for _ in range(2):
        log = StateLog(tmp_path)
        assert log.live == {"a/1": {"x": 1}}
        assert log.highest == {"a": 2}
        log.close()


class Receiver:
    """A bot's own server. `answers` are taken one by one, 200 when there are no more."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.seen: list[tuple[str, str]] = []
        self.secrets: set[str | None] = set()
        self.changed = asyncio.Event()

    async def handle(self, request: web.Request) -> web.Response:
        update = await request.json()
        status = self.answers.pop(0) if self.answers else 200
        self.seen.append((update["message"]["text"], str(status)))
        self.secrets.add(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        self.changed.set()
        return web.Response(status=status)

    async def until(self, done: Callable[[], bool]) -> None:
        async with asyncio.timeout(30):
            while not done():
                self.changed.clear()
                await self.changed.wait()


@asynccontextmanager
async def listening(receiver: Receiver) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_post("/hook", receiver.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    await runner.cleanup()


Says = Callable[[str], Awaitable[Any]]


async def test_a_webhook_gets_updates_in_order_until_it_takes_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(webhook, "FIRST_DELAY", 0.01)
    receiver = Receiver()
    async with listening(receiver) as address, running() as ground:
        await call(ground.url, "getMe")
        chat = f"/playground/chats/{MIRA}/messages"
        await act(ground.url, chat, text="waiting since before")
        receiver.answers = [500, 503, 404]
        await call(ground.url, "setWebhook", url=address, secret_token="s-1")
        await act(ground.url, chat, text="second")
        await receiver.until(lambda: ("second", "200") in receiver.seen)
        assert receiver.seen == [
            ("waiting since before", "500"),
            ("waiting since before", "503"),
            ("waiting since before", "404"),
            ("waiting since before", "200"),
            ("second", "200"),
        ]
        assert receiver.secrets == {"s-1"}
        polling = f"{ground.url}/bot42:secret/getUpdates"
        async with ClientSession() as session, session.get(polling) as polled:
            assert polled.status == 409
            assert "webhook is active" in (await polled.json())["description"]
        ground.world.bots[42].queue.redeliver(1)
        await receiver.until(lambda: len(receiver.seen) == 6)
        assert receiver.seen[-1] == ("second", "200")
        await call(ground.url, "deleteWebhook")
        assert (await call(ground.url, "getWebhookInfo"))["url"] == ""
        await act(ground.url, chat, text="by polling")
        texts = [u["message"]["text"] for u in await call(ground.url, "getUpdates")]
        assert texts == ["by polling"]


async def test_one_stuck_chat_does_not_hold_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(webhook, "FIRST_DELAY", 30.0)
    receiver = Receiver()
    receiver.answers = [500, 500]
    async with listening(receiver) as address, running() as ground:
        await call(ground.url, "setWebhook", url=address)
        await act(ground.url, f"/playground/chats/{MIRA}/messages", text="stuck")
        await receiver.until(lambda: len(receiver.seen) == 2)
        await act(ground.url, "/playground/chats/1002/messages", text="free")
        await receiver.until(lambda: ("free", "200") in receiver.seen)
        info = await call(ground.url, "getWebhookInfo")
        assert info["pending_update_count"] == 1
        assert "500" in info["last_error_message"]


@pytest.mark.parametrize(
    "arguments",
    [
        {"url": "https://example.org/hook"},
        {"url": "ftp://127.0.0.1/hook"},
        {"url": "http://127.0.0.1/hook", "secret_token": "not allowed!"},
    ],
)
async def test_webhooks_that_are_refused(arguments: dict[str, str]) -> None:
    async with running() as ground, ClientSession(ground.url) as session:
        async with session.post("/bot42:secret/setWebhook", json=arguments) as response:
            assert response.status == 400
        assert ground.world.bots[42].webhook == {}
