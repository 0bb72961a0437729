"""No token, key or password gets into the log, onto the screen, to people, or into the database."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from core.database.embedded import EmbeddedPostgres
from tests.e2e.hostile_servers import PERSON, Hostile, hostile_servers
from tests.processes import ROOT, Process, clean_environment
from tests.unit.tls_servers import postgres_server

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

TOKEN = "4242:AAmarkedTokenOfTelegram0123456789"
KEY = "sk-markedKeyOfTheModel0123456789"
STT_KEY = "stt-markedKeyOfTheEars0123456789"
WEBHOOK = "markedSecretOfTheWebhook"
PASSWORD = "marked:Pass/word@of#the+database"
SUPABASE = "sb_secret_markedKeyOfTheProject0123456789"
MARKED = [TOKEN, TOKEN.partition(":")[2], KEY, STT_KEY, WEBHOOK, PASSWORD, SUPABASE]


def found_in(text: str) -> list[str]:
    return [
        secret
        for secret in MARKED
        if any(form in text for form in (secret, quote(secret, safe=""), repr(secret)[1:-1]))
    ]


async def output_of(*command: str, **settings: str) -> str:
    """Everything that a command writes; it has to end by itself."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *command,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=ROOT,
        env=clean_environment() | settings,
    )
    try:
        written, _ = await asyncio.wait_for(process.communicate(), 120)
    except TimeoutError:
        process.kill()
        written, _ = await process.communicate()
        raise AssertionError(f"{command} did not end: {written.decode()[-2000:]}") from None
    return written.decode()


async def everything_kept(data: Path) -> str:
    postgres = EmbeddedPostgres(data / "postgres")
    try:
        async with await psycopg.AsyncConnection.connect(await postgres.start()) as connection:
            tables = await connection.execute(
                "select format('%I.%I', table_schema, table_name) from information_schema.tables"
                " where table_type = 'BASE TABLE' and table_schema in ('public', 'extensions')"
            )
            rows: list[str] = []
            for (table,) in await tables.fetchall():
                kept = await connection.execute(f"select t::text from {table} t".encode())
                rows += [f"{table}: {row[0]}" for row in await kept.fetchall()]
            return "\n".join(rows)
    finally:
        await postgres.stop()


def settings_for(hostile: Hostile, data: Path, **more: str) -> dict[str, str]:
    return {
        "BOT_TOKEN": TOKEN,
        "TELEGRAM_API_URL": hostile.url,
        "OPENAI_API_KEY": KEY,
        "OPENAI_BASE_URL": f"{hostile.url}/v1",
        "STT_API_KEY": STT_KEY,
        "STT_BASE_URL": f"{hostile.url}/stt/v1",
        "WEBHOOK_SECRET": WEBHOOK,
        "ADMIN_IDS": str(PERSON),
        "LLM_TRIES": "3",
        "LLM_TOTAL_SECONDS": "6",
        "LLM_FIRST_TOKEN_SECONDS": "3",
        "DRAIN_SECONDS": "1",
        "DATA_DIR": str(data),
        **more,
    }


@pytest.mark.parametrize(("level", "form"), [("DEBUG", "text"), ("INFO", "json")])
async def test_servers_that_quote_secrets_are_not_quoted(
    folder: Path, data: Path, level: str, form: str
) -> None:
    async with hostile_servers() as hostile:
        settings = settings_for(hostile, data, LOG_LEVEL=level, LOG_FORMAT=form)
        bot = Process("-m", "bot", log=folder / "bot.log", env=settings)
        await bot.start()
        wanted = {
            *(f"model {way}" for way in ("broken", "html", "dropped", "stream", "garbage")),
            *(f"polling {way}" for way in ("broken", "html", "dropped", "garbage")),
            *(f"telegram {way}" for way in ("refused", "broken", "html")),
            "model refused",
            "model unauthorized",
        }
        try:
            async with asyncio.timeout(150):
                while wanted - set(hostile.failures):
                    assert bot.alive, bot.text()[-3000:]
                    await asyncio.sleep(0.2)
        except TimeoutError:
            raise AssertionError(
                f"not met: {wanted - set(hostile.failures)}\n{bot.text()[-5000:]}"
            ) from None
        await bot.terminate()
    written = bot.text()
    assert "WARNING" in written
    assert found_in(written) == []
    assert found_in("\n".join(hostile.told)) == []
    kept = await everything_kept(data)
    assert "What now" in kept
    assert found_in(kept) == []


async def test_a_database_that_is_not_there(data: Path) -> None:
    address = f"postgresql://me:{quote(PASSWORD, safe='')}@127.0.0.1:1/x?connect_timeout=2"
    async with hostile_servers() as hostile:
        more = {"DATABASE_URL": address, "LOG_LEVEL": "DEBUG"}
        more |= {"WEBHOOK_LISTEN": "127.0.0.1:0", "WEBHOOK_URL": f"{hostile.url}/telegram"}
        commands = ["run", "webhook", "worker", "migrate", "doctor"]
        # Most of it is waiting for the database.
        written = await asyncio.gather(
            *(
                output_of("-m", "bot", command, **settings_for(hostile, data / command, **more))
                for command in commands
            )
        )
    assert all(written)
    assert found_in("\n".join(written)) == []


@pytest.mark.parametrize("form", ["url", "words"])
async def test_a_database_that_breaks_off(data: Path, form: str) -> None:
    async with postgres_server(None) as heard, hostile_servers() as hostile:
        address = f"postgresql://me:{quote(PASSWORD, safe='')}@127.0.0.1:{heard.port}/x"
        if form == "words":
            address = f"host=127.0.0.1 port={heard.port} user=me dbname=x password='{PASSWORD}'"
        settings = settings_for(hostile, data, DATABASE_URL=address, LOG_LEVEL="DEBUG")
        written = await output_of("-m", "bot", "migrate", **settings)
    assert heard.calls
    assert found_in(written) == []


async def test_a_supabase_that_quotes(data: Path) -> None:
    async with hostile_servers() as hostile:
        more = {"SUPABASE_URL": hostile.url, "SUPABASE_SECRET_KEY": SUPABASE}
        settings = settings_for(hostile, data, LOG_LEVEL="DEBUG", **more)
        written = await asyncio.gather(
            output_of("-m", "bot", "run", **settings), output_of("-m", "bot", "doctor", **settings)
        )
    assert any(failure.startswith("model") for failure in hostile.failures)
    assert found_in("\n".join(written)) == []


CRASHES = """
import asyncio, gc, sys, threading, warnings
import bot.__main__ as door
from bot.cli import migrate

token = sys.argv.pop()

class Falls:
    def __del__(self):
        raise RuntimeError(token)

async def never_retrieved():
    task = asyncio.get_running_loop().create_task(fails())
    await asyncio.sleep(0.01)
    del task
    gc.collect()

async def fails():
    raise RuntimeError(token)

def crash(settings, arguments):
    asyncio.run(never_retrieved(), debug=True)
    thread = threading.Thread(target=asyncio.run, args=(fails(),))
    thread.start()
    thread.join()
    Falls()
    warnings.warn(token)
    raise RuntimeError(f"https://api.telegram.org/bot{token}/getMe")

migrate.main = crash
sys.exit(door.main(["migrate"]))
"""


async def test_crashes_do_not_show_what_they_were_about(data: Path) -> None:
    written = await output_of(
        "-c", CRASHES, TOKEN, BOT_TOKEN=TOKEN, OPENAI_API_KEY=KEY, DATA_DIR=str(data)
    )
    for seen in ("never retrieved", "Thread", "Falls", "RuntimeError"):
        assert seen in written
    assert found_in(written) == []
