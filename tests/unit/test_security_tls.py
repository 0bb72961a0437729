"""Every way out asks the other side who it is, and says nothing to one that can't prove it."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from bot.discretion import Secrets
from bot.observing.sentry import reporting_errors
from bot.settings import read_settings
from bot.telegram import build_bot
from core.database.postgres import PostgresDatabase
from core.database.supabase import SupabaseDatabase
from core.database.tls import weakness, with_tls
from core.errors import Misconfigured, Unavailable
from core.files.storage_api import StorageApi
from core.llm.connection import Connection
from core.speech.realtime import RealtimeVoice
from tests.unit.tls_servers import https_server, postgres_server, self_signed

Way = Callable[[str], Awaitable[object]]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return self_signed(tmp_path_factory.mktemp("tls"))


async def telegram(url: str) -> None:
    bot = build_bot("42:secret", url, 4)
    try:
        await bot.get_me(request_timeout=10)
    finally:
        await bot.session.close()


async def a_file_of_telegram(url: str) -> None:
    bot = build_bot("42:secret", url, 4)
    try:
        async for _ in bot.session.stream_content(f"{url}/file/bot42:secret/photos/1.jpg"):
            pass
    finally:
        await bot.session.close()


async def supabase(url: str) -> None:
    database = SupabaseDatabase(url, "sb_secret_0123456789abcdefghijklmnop")
    await database.connect()
    try:
        await database.call("anything")
    finally:
        await database.close()


async def storage(url: str) -> None:
    api = StorageApi(url, "sb_secret_0123456789abcdefghijklmnop", "files")
    api.open()
    try:
        await api.bucket_is_public()
    finally:
        await api.close()


async def the_model(url: str) -> None:
    connection = Connection(
        "OPENAI", "models", api_key="sk-secret", base_url=url, connections=1, read_seconds=10
    )
    try:
        await (await connection.client()).models.list()
    finally:
        await connection.close()


async def the_realtime_voice(url: str) -> None:
    voice = RealtimeVoice(api_key="sk-secret", base_url=url, model="any", voice="any")
    try:
        await voice.speak("secret", "en")
    finally:
        await voice.close()


WAYS: list[Way] = [
    telegram,
    a_file_of_telegram,
    supabase,
    storage,
    the_model,
    the_realtime_voice,
]


@pytest.mark.parametrize("way", WAYS)
async def test_a_certificate_that_nobody_vouches_for_is_refused(
    certificate: Path, way: Way
) -> None:
    async with https_server(certificate) as heard:
        with pytest.raises(Exception):  # noqa: B017, PT011 - each library has its own
            await way(heard.url)
        assert heard.calls
        assert heard.secret == []
        # Nothing else is wrong with that server: whoever trusts it is answered.
        trusting = ssl.create_default_context(cafile=certificate)
        async with aiohttp.request("GET", heard.url, ssl=trusting) as answer:
            assert answer.status == 200
        assert heard.secret == [b"GET / HTTP/1.1\r\n"]


async def test_reports_of_errors_go_to_nobody_else(certificate: Path) -> None:
    async with https_server(certificate) as heard:
        dsn = f"https://secret@127.0.0.1:{heard.port}/1"
        async with reporting_errors(dsn, environment="test", process="run", secrets=Secrets([])):
            logging.getLogger("bot.anything").error("broken")
        assert heard.calls
        assert heard.secret == []


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ("postgresql://u:p@db.example/x", "require"),
        ("postgresql://u:p@db.example/x?connect_timeout=3", "require"),
        ("postgres://u:p@db.example", "require"),
        ("host=db.example password='a b'", "require"),
        ("host=localhost,db.example", "require"),
        ("host=localhost hostaddr=192.0.2.1", "require"),
        ("postgresql://u:p@db.example/x?sslmode=disable", "disable"),
        ("host=db.example sslmode=verify-full", "verify-full"),
        ("service=mine", None),
        ("postgresql://u:p@localhost/x", None),
        ("postgresql://u:p@[::1]:5433,127.0.0.1/x", None),
        ("host=/run/postgresql", None),
        ("dbname=x", None),
    ],
)
def test_tls_is_asked_of_a_database_elsewhere(given: str, asked: str | None) -> None:
    done = with_tls(given)
    parts = conninfo_to_dict(done)
    assert parts.pop("sslmode", None) == asked
    before = conninfo_to_dict(given)
    before.pop("sslmode", None)
    assert parts == before


def test_the_environment_of_libpq_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGHOST", "db.example")
    assert "sslmode=require" in with_tls("dbname=x")
    monkeypatch.setenv("PGSSLMODE", "verify-full")
    assert with_tls("dbname=x") == "dbname=x"
    assert weakness("dbname=x") is None


@pytest.mark.parametrize(
    ("dsn", "told"),
    [
        ("host=db.example sslmode=disable", "plain text"),
        ("host=db.example sslmode=prefer", "plain text"),
        ("host=db.example sslmode=require", "who it is"),
        ("host=db.example sslmode=verify-ca", "who it is"),
        ("host=db.example sslmode=verify-full", None),
        ("host=db.example sslmode=require channel_binding=require", None),
        ("host=/run/postgresql", None),
    ],
)
def test_what_is_left_open_is_told(dsn: str, told: str | None) -> None:
    found = weakness(dsn)
    assert found == told if told is None else told in str(found)


def database_url(monkeypatch: pytest.MonkeyPatch, folder: Path, url: str) -> str:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("DATA_DIR", str(folder / "data"))
    monkeypatch.setenv("DATABASE_URL", url)
    return read_settings().database_url.get_secret_value()


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loopback stands for a machine that is not this one."""
    monkeypatch.setattr("core.database.tls._is_here", lambda host: False)


@pytest.mark.usefixtures("elsewhere")
async def test_a_server_that_says_it_has_no_tls_hears_no_name_and_no_password(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with postgres_server(None) as heard:
        dsn = database_url(
            monkeypatch, tmp_path, f"postgresql://me:secret@127.0.0.1:{heard.port}/x"
        )
        with pytest.raises((Misconfigured, Unavailable)):
            await PostgresDatabase(dsn).open()
        assert heard.calls
        assert heard.plain == []
        # What libpq does of its own accord: it goes on in plain text.
        with pytest.raises(psycopg.Error):
            await psycopg.AsyncConnection.connect(f"host=127.0.0.1 port={heard.port} user=me")
        assert heard.plain


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize("more", ["sslmode=verify-full", "sslrootcert=system"])
async def test_a_server_that_has_to_prove_itself_and_can_not_hears_no_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, certificate: Path, more: str
) -> None:
    async with postgres_server(certificate) as heard:
        address = f"postgresql://me:secret@127.0.0.1:{heard.port}/x?{more}"
        with pytest.raises((Misconfigured, Unavailable)):
            await PostgresDatabase(database_url(monkeypatch, tmp_path, address)).open()
        assert heard.secret == []


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize("how", ["named", "system"])
async def test_one_that_can_is_spoken_to(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, certificate: Path, how: str
) -> None:
    more = f"sslmode=verify-full&sslrootcert={certificate}"
    if how == "system":
        more = "sslrootcert=system"
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    async with postgres_server(certificate) as heard:
        address = f"postgresql://me:secret@127.0.0.1:{heard.port}/x?{more}"
        with pytest.raises((Misconfigured, Unavailable)):  # there is no database behind it
            await PostgresDatabase(database_url(monkeypatch, tmp_path, address)).open()
        assert b"me" in heard.secret[0]
