"""Supabase's command line against a server of ours."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from core.database.socket_folder import PORT
from tests.supabase.packages import supabase_cli

SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Ran:
    code: int
    output: str


class SupabaseCli:
    """`supabase` in a working folder of its own, with `migrations` as its migrations."""

    def __init__(self, folder: Path, migrations: Path) -> None:
        self._program = supabase_cli()
        self._folder = folder
        (folder / "supabase").mkdir()
        (folder / "supabase" / "migrations").symlink_to(migrations)

    async def push(self, dsn: str) -> Ran:
        return await self.run(dsn, "db", "push", "--yes")

    async def security_advisors(self, dsn: str) -> Ran:
        """The code is not 0 when a warning or worse is found."""
        words = ["--type", "security", "--level", "warn", "--fail-on", "warn"]
        return await self.run(dsn, "db", "advisors", *words)

    async def run(self, dsn: str, *command: str) -> Ran:
        async with _over_tcp(dsn) as url:
            process = await asyncio.create_subprocess_exec(
                self._program,
                *command,
                f"--remote={url}",
                cwd=self._folder,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                env=self._environment(),
            )
            try:
                output, _ = await asyncio.wait_for(process.communicate(), SECONDS)
            except BaseException:
                process.kill()
                await process.wait()
                raise
        return Ran(process.returncode or 0, output.decode("utf-8", "replace"))

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ.get("PATH", ""),
            "HOME": str(self._folder),
            "DO_NOT_TRACK": "1",
            "SUPABASE_TELEMETRY_DISABLED": "1",
            "SUPABASE_NO_UPDATE_NOTIFIER": "1",
        }


@asynccontextmanager
async def _over_tcp(dsn: str) -> AsyncIterator[str]:
    """Our servers have a unix socket and nothing else, which this program can't reach."""
    parts = conninfo_to_dict(dsn)
    path = f"{parts['host']}/.s.PGSQL.{PORT}"

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_unix_connection(path)
        async with asyncio.TaskGroup() as both:
            both.create_task(_carry(reader, inner_writer))
            both.create_task(_carry(inner_reader, writer))

    server = await asyncio.start_server(serve, "127.0.0.1", 0, family=socket.AF_INET)
    async with server:
        port = server.sockets[0].getsockname()[1]
        user, name = parts["user"], parts["dbname"]
        yield f"postgresql://{user}@127.0.0.1:{port}/{name}?sslmode=disable"


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()
