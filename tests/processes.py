"""The whole product as separate processes: the playground's servers, the bot, and a way to act."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp
import psutil

ROOT = Path(__file__).parent.parent
TOKEN = "4242:ground"
BOT_ID = 4242


class Process:
    """A child with its own log. Ended by its own id, never by name."""

    def __init__(self, *command: str, log: Path, env: Mapping[str, str] | None = None) -> None:
        self._command = command
        self._env = env
        self._log = log
        self._child: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("ab") as log:
            self._child = await asyncio.create_subprocess_exec(
                sys.executable,
                *self._command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                env=clean_environment() | dict(self._env or {}),
                cwd=ROOT,
            )

    @property
    def child(self) -> asyncio.subprocess.Process:
        assert self._child, "not started"
        return self._child

    @property
    def alive(self) -> bool:
        return self._child is not None and self._child.returncode is None

    async def line(self) -> str:
        assert self.child.stdout
        return (await self.child.stdout.readline()).decode().strip()

    async def kill(self) -> None:
        await self._end(signal.SIGKILL, 10)

    async def terminate(self, seconds: float = 40) -> int | None:
        await self._end(signal.SIGTERM, seconds)
        return self.child.returncode

    def text(self) -> str:
        return self._log.read_text("utf-8", "replace") if self._log.exists() else ""

    async def _end(self, number: signal.Signals, seconds: float) -> None:
        if not self.alive:
            return
        self.child.send_signal(number)
        try:
            async with asyncio.timeout(seconds):
                await self.child.wait()
        except TimeoutError:
            self.child.kill()
            await self.child.wait()
            raise
        finally:
            # The transport of the pipe would otherwise be closed after the loop.
            self.child._transport.close()  # type: ignore[attr-defined]


def clean_environment() -> dict[str, str]:
    """The environment without any setting of the bot, so that nobody's `.env` or shell gets in."""
    from bot.settings import Settings

    ours = {name.upper() for name in Settings.model_fields}
    return {name: value for name, value in os.environ.items() if name not in ours}


class Ground:
    """The playground's server and the deeds of its people."""

    def __init__(self, url: str, process: Process, http: aiohttp.ClientSession) -> None:
        self.url = url
        self.process = process
        self.http = http

    async def post(self, deed: str, **body: Any) -> Any:
        async with self.http.post(f"{self.url}/sim/{deed}", json=body) as response:
            answer = await response.json()
            assert response.status < 400, answer
            return answer

    async def get(self, what: str, **query: Any) -> Any:
        async with self.http.get(f"{self.url}/sim/{what}", params=query) as response:
            return await response.json()

    async def people(self, count: int) -> list[int]:
        return (await self.post("people", count=count))["people"]

    async def says(self, person: int, text: str, *, bot: int = BOT_ID, **more: Any) -> Any:
        return await self.post("messages", bot=bot, person=person, text=text, **more)

    async def sends(
        self, person: int, name: str, content: bytes, *, kind: str = "document", caption: str = ""
    ) -> None:
        """A file, as the page sends it; to the bot that the page belongs to."""
        form = aiohttp.FormData(quote_fields=False)
        form.add_field("file", io.BytesIO(content), filename=name)
        form.add_field("kind", kind)
        form.add_field("caption", caption)
        path = f"{self.url}/playground/chats/{person}/files"
        async with self.http.post(path, data=form) as response:
            assert response.status < 400, await response.text()

    async def sent(self, **query: Any) -> list[dict[str, Any]]:
        return (await self.get("sent", **query))["sent"]

    async def last_seq(self) -> int:
        return (await self.get("sent", since=10**12))["last_seq"]

    def bot_environment(self, data: Path) -> dict[str, str]:
        return {
            "BOT_TOKEN": TOKEN,
            "TELEGRAM_API_URL": self.url,
            "OPENAI_BASE_URL": f"{self.url}/v1",
            "OPENAI_API_KEY": "sk-ground",
            "DATA_DIR": str(data),
        }

    async def until_polled(self, bot: int = BOT_ID, seconds: float = 60) -> None:
        """Until the bot takes its updates: nothing is left pending."""
        limit = time.monotonic() + seconds
        while time.monotonic() < limit:
            calls = (await self.get("counters"))["calls"]
            if calls.get("getUpdates") or calls.get("getupdates"):
                return
            await asyncio.sleep(0.02)
        raise AssertionError("the bot did not poll")


@asynccontextmanager
async def ground(folder: Path) -> AsyncIterator[Ground]:
    process = Process("-m", "bot.playground", "--port", "0", log=folder / "playground.log")
    await process.start()
    try:
        url = await process.line()
        assert url.startswith("http://127.0.0.1:"), process.text()
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(connector=connector) as http:
            yield Ground(url, process, http)
    finally:
        await process.terminate()


def bot_process(ground: Ground, data: Path, **settings: str) -> Process:
    return Process(
        "-m", "bot", log=data.parent / "bot.log", env=ground.bot_environment(data) | settings
    )


def webhook_process(
    ground: Ground, data: Path, port: int, name: str = "1", **settings: str
) -> Process:
    """It listens on `port`, which several may share; Telegram sends there unless `WEBHOOK_URL`
    says otherwise."""
    listen = f"127.0.0.1:{port}"
    own = {"WEBHOOK_URL": f"http://{listen}/hook", "WEBHOOK_LISTEN": listen}
    environment = ground.bot_environment(data) | own | settings
    return Process("-m", "bot", "webhook", log=data.parent / f"webhook-{name}.log", env=environment)


def worker_process(ground: Ground, data: Path, name: str = "1", **settings: str) -> Process:
    environment = ground.bot_environment(data) | settings
    return Process("-m", "bot", "worker", log=data.parent / f"worker-{name}.log", env=environment)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def postmaster(data: Path) -> psutil.Process:
    """The server of the embedded database, checked to be the one of this folder."""
    pid = int((data / "postgres" / "data" / "postmaster.pid").read_text().split()[0])
    process = psutil.Process(pid)
    assert "postgres" in process.name()
    return process


def gone(process: psutil.Process) -> bool:
    """Ended; where nobody reaps orphans its empty shell may still be listed."""
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


async def stop_database(data: Path) -> None:
    """End a database that a killed bot has left running."""
    with suppress(FileNotFoundError, psutil.NoSuchProcess):
        server = postmaster(data)
        server.send_signal(signal.SIGINT)
        limit = time.monotonic() + 30
        while not gone(server) and time.monotonic() < limit:
            await asyncio.sleep(0.05)
