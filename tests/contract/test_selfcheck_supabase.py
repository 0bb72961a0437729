"""What an operator reads when a Supabase project can't be worked with: each way it can be wrong."""

from __future__ import annotations

import logging
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from core.database.selfcheck import MIGRATIONS
from core.database.supabase import SupabaseDatabase
from core.errors import Misconfigured, Unavailable
from tests.supabase.keys import token

REF = "abcdefghijklmnopqrst"
URL = f"https://{REF}.supabase.co"
KEY = "sb_secret_for_a_test"
PAGE = f"https://supabase.com/dashboard/project/{REF}/settings/api-keys"
VERSIONS = sorted(path.name[:14] for path in MIGRATIONS.glob("*.sql"))
HTML = "<!doctype html><title>Not found</title>"
OLD_KEY = token(role="service_role", ref=REF)


def state(**other: Any) -> httpx.Response:
    """What service_state answers on a healthy project."""
    told: dict[str, Any] = {
        "now": datetime.now(UTC).isoformat(),
        "migrations": VERSIONS,
        "server_version": 170006,
        "read_only": False,
    }
    return httpx.Response(200, json=told | other)


def says(answer: httpx.Response) -> httpx.MockTransport:
    def give(request: httpx.Request) -> httpx.Response:
        assert request.url.path == "/rest/v1/rpc/service_state"
        return answer

    return httpx.MockTransport(give)


def unasked(request: httpx.Request) -> httpx.Response:
    raise AssertionError("nothing may be sent with such settings")


async def refused(
    answer: httpx.Response | None,
    *,
    url: str = URL,
    key: str = KEY,
    kind: type[Exception] = Misconfigured,
) -> str:
    """The message of a start that fails; without `answer` it has to fail before asking."""
    transport = says(answer) if answer else httpx.MockTransport(unasked)
    db = SupabaseDatabase(url, key, transport=transport)
    with pytest.raises(kind) as told:
        await db.open()
    with pytest.raises(Unavailable, match="not open"):
        await db.call("service_state")
    message = str(told.value)
    assert "\n" not in message
    assert "hush" not in message
    assert len(key) < 16 or key not in message
    return message


async def opens(answer: httpx.Response, url: str = URL, key: str = KEY) -> None:
    db = SupabaseDatabase(url, key, transport=says(answer))
    await db.open()
    await db.close()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("supabase.test", "has to look like https://<project>.supabase.co"),
        ("https://", "has to look like"),
        ("https://host:port", "has to look like"),
        (f"https://supabase.com/dashboard/project/{REF}/editor", f"page of the dashboard.*{URL}$"),
        (f"https://supabase.com/dashboard/project/{REF}", f"page of the dashboard.*{URL}$"),
        ("https://supabase.com/dashboard/projects", "page of the dashboard.*https://<project>"),
        (f"https://db.{REF}.supabase.co", f"address of the database: set it to {URL} .*DATABASE_"),
        ("https://aws-1-eu.pooler.supabase.com:5432", "address of the database"),
        (f"{URL}/rest/v1/", f"goes on after the host: set it to {URL}$"),
        (f"{URL}?apikey=hush", "goes on after the host"),
        (f"http://{REF}.supabase.co", f"in the clear: set it to {URL}$"),
        ("http://192.0.2.7:8000", "in the clear"),
        ("https://me:hush@x.test", "a name or a password"),
    ],
)
async def test_an_address_that_can_not_be_right(url: str, words: str) -> None:
    message = await refused(None, url=url)
    assert message.startswith("SUPABASE_URL ")
    assert re.search(words, message)


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("", f"is empty: copy a secret key from {PAGE}"),
        ("sb_secret_abc defghijklmnop", "letters that no key has"),
        ("sb_secret_abcdefghijklmnop\n", "letters that no key has"),
        ("sb_secret_abcde•••••", f"dots of a hidden key; reveal it on {PAGE}"),
        ("sb_publishable_abcdefgh", f"a publishable key.*{PAGE}"),
        ("sbp_0123456789abcdef", "an access token of a Supabase account"),
        ("postgresql://postgres:hush@host/db", "an address .*DATABASE_URL"),
        ("sb_secret_", "not a whole key"),
        ("hush-hush-hush-hush", "not a whole key"),
        (OLD_KEY[:60], "not a whole key"),
        (token(role="anon", ref=REF), f"the old anon key.*{PAGE}"),
        (token(role="authenticated", ref=REF), "not the service_role key"),
        (token(ref=REF), "not the service_role key"),
        (
            token(role="service_role", ref="z" * 20),
            rf"of another project than SUPABASE_URL \({REF}",
        ),
        (token(role="service_role", ref=REF, exp=1_600_000_000), "ran out on 2020-09-13"),
    ],
)
async def test_a_key_that_can_not_be_right(key: str, words: str) -> None:
    message = await refused(None, key=key)
    assert message.startswith("SUPABASE_SECRET_KEY ")
    assert re.search(words, message)


@pytest.mark.parametrize(
    ("url", "key"),
    [
        (URL, KEY),
        (f"{URL}/", OLD_KEY),
        ("https://api.example.test", token(role="service_role", ref="z" * 20, exp=4e9)),
        ("http://127.0.0.1:54321", KEY),
        ("http://localhost:54321", token(role="service_role", exp=1e300)),
        ("http://[::1]:54321", KEY),
        ("http://kong:8000", OLD_KEY),
    ],
)
async def test_settings_that_may_be_right(
    url: str, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    await opens(state(), url, key)
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def gateway(status: int, message: str, **more: Any) -> httpx.Response:
    return httpx.Response(status, json={"message": message, "hint": "hush"} | more)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        # The key.
        (gateway(401, "Invalid API key"), f"refused by .*another project, revoked.*{PAGE}"),
        (httpx.Response(401), "another project, revoked or cut short"),
        (gateway(401, "Legacy API keys are disabled"), "old kind are switched off"),
        (gateway(401, "Forbidden use of secret API key in browser"), "look like a browser's"),
        (gateway(401, "JWSError", code="PGRST301"), r"refused by .* \(PGRST301\)"),
        (gateway(403, "permission denied", code="42501"), "may not run public.service_state"),
        # The address.
        (httpx.Response(200, html=HTML), "not as a Supabase project does"),
        (httpx.Response(404, html=HTML), "not as a Supabase project does"),
        (gateway(404, "", error="requested path is invalid"), "not as a Supabase project does"),
        (httpx.Response(405, json=["hush"]), "not as a Supabase project does"),
        (
            httpx.Response(301, headers={"location": "https://new.example.test/rest?hush"}),
            "sends us on to https://new.example.test: set that",
        ),
        (httpx.Response(302, headers={"location": "http://["}), "sends us on: set that"),
        # The project.
        (httpx.Response(540, html=HTML), "is paused: restore it on its dashboard"),
        (gateway(402, "exceed_egress_quota"), "has restricted the project"),
        (gateway(406, "Invalid schema: public", code="PGRST106"), "does not serve the schema"),
        # The database.
        (gateway(404, "Could not find", code="PGRST202"), r"service_state .*supabase db push"),
        (httpx.Response(200, json=["hush"]), "a Supabase project of its own"),
        (httpx.Response(200, json={"now": "today"}), "a Supabase project of its own"),
        (state(migrations=VERSIONS[:-1]), rf"lacks .*\({VERSIONS[-1]}\).*supabase db push"),
        (state(migrations=VERSIONS[:1]), rf"lacks .*{VERSIONS[1]}, .* and \d+ more\)"),
        (state(migrations=[*VERSIONS, "20990101000000"]), r"not know \(20990101000000\): update"),
        (state(server_version=140009), r"is PostgreSQL 14\.9: 15 or newer"),
        (state(read_only=True), "takes no writes"),
    ],
)
async def test_a_project_that_can_not_be_worked_with(answer: httpx.Response, words: str) -> None:
    message = await refused(answer)
    assert re.search(words, message), message


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(502, html=HTML),
        gateway(503, "no schema cache", code="PGRST002"),
        httpx.Response(429, text="slow down"),
    ],
    ids=lambda answer: str(answer.status_code),
)
async def test_a_project_that_may_be_back_soon(answer: httpx.Response) -> None:
    told = await refused(answer, kind=Unavailable)
    assert re.fullmatch("SUPABASE_URL: .*; this may pass: try again", told)


def moved(minutes: float) -> httpx.Response:
    return state(now=(datetime.now(UTC) + timedelta(minutes=minutes)).isoformat())


@pytest.mark.parametrize(
    ("minutes", "words"), [(30, r"clock is (29|30) min behind"), (-9, r"is (8|9) min ahead of")]
)
async def test_a_clock_that_is_far_off(minutes: float, words: str) -> None:
    assert re.search(words, await refused(moved(minutes)))


@pytest.mark.parametrize(("minutes", "words"), [(3, "2 min behind|3 min behind"), (-4, "ahead of")])
async def test_a_clock_that_is_a_little_off_is_told(
    minutes: float, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    await opens(moved(minutes))
    (warning,) = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert re.search(words, warning.getMessage())


@pytest.mark.parametrize("history", [None, []])
async def test_a_history_that_nobody_keeps_is_told(
    history: list[str] | None, caplog: pytest.LogCaptureFixture
) -> None:
    await opens(state(migrations=history))
    assert "keeps no history of its migrations" in caplog.text
