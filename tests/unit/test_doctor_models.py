"""The doctor before model servers: knowing, ending, answering, hearing, speaking, and refusing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from bot.playground import Playground
from core.checkup import Result
from core.checkup.clock import Clock
from core.checkup.examination import examine
from core.checkup.parts import Parts
from core.checkup.roles import roles
from core.checkup.whole import model_checks
from core.settings import CoreSettings
from tests.unit.llm_server import FakeDatabase
from tests.unit.model_ground import ground

__all__ = ["ground"]

KEY = "sk-a-key-of-the-test-9876"


def settings(url: str = "", **given: Any) -> CoreSettings:
    told = {"openai_api_key": KEY, "openai_base_url": url, **given}
    return CoreSettings(_env_file=None, **told)  # type: ignore[call-arg]


async def examined(given: CoreSettings, parts: Parts | None = None) -> dict[str, Result]:
    parts = parts or Parts(given, Clock())
    return {result.name: result async for result in examine(model_checks(parts))}


class Server:
    """A model server that lists what it is told to, in the ways that servers differ."""

    def __init__(self) -> None:
        self.listed: list[str] | None = []
        self.one_by_one: dict[str, dict[str, Any]] = {}
        self.date: datetime | None = None
        self.url = ""

    async def one(self, request: web.Request) -> web.Response:
        found = self.one_by_one.get(request.match_info["name"])
        if found is None:
            return web.json_response({"error": {"message": "no route"}}, status=404)
        return self._answer(found)

    async def all(self, request: web.Request) -> web.Response:
        if self.listed is None:
            return web.Response(status=404, text="<html>no page</html>")
        return self._answer({"data": [{"id": name} for name in self.listed]})

    def _answer(self, body: dict[str, Any]) -> web.Response:
        date = {"Date": f"{self.date:%a, %d %b %Y %H:%M:%S GMT}"} if self.date else {}
        return web.json_response(body, headers=date)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    running = Server()
    app = web.Application()
    app.router.add_get("/v1/models", running.all)
    app.router.add_get("/v1/models/{name:.+}", running.one)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    running.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    yield running
    await runner.cleanup()


async def test_all_roles_work_and_every_call_is_counted(ground: Playground) -> None:
    given = settings(ground.model_url, tts_model="a-voice")
    parts, db = Parts(given, Clock()), FakeDatabase()
    found = await examined(given, parts)
    assert {result.status for result in found.values()} == {"ok"}
    assert list(found).index("voice speaks") < list(found).index("hearing works")
    assert "the spoken word" in found["hearing works"].found

    assert (await parts.ledger.write(db)).status == "ok"
    assert {row["meta"]["purpose"] for row in db.rows} == {"doctor"}
    assert len(db.rows) == 4
    assert sum(row["totaltokens"] for row in db.rows) > 0
    await parts.ledger.write(db)
    assert len(db.rows) == 4  # not once more


async def test_without_a_voice_a_tone_is_heard(ground: Playground) -> None:
    found = await examined(settings(ground.model_url))
    assert "voice" not in found
    assert found["hearing works"].status == "ok"
    assert "a tone" in found["hearing works"].found


async def test_one_model_for_both_is_asked_once(ground: Playground) -> None:
    found = await examined(settings(ground.model_url, llm_model="x", llm_model_cheap="x"))
    assert "model answers" in found
    assert "cheap model answers" not in found


async def test_a_model_that_is_gone(ground: Playground) -> None:
    found = await examined(settings(ground.model_url, llm_model="missing-one"))
    assert found["model"].status == "failed"
    assert "missing-one" in found["model"].found
    assert found["model"].advice.startswith("Set LLM_MODEL")
    assert found["model answers"].status == "skipped"
    assert found["cheap model answers"].status == "ok"


async def test_a_refused_key_is_told_by_its_end(ground: Playground) -> None:
    found = await examined(settings(ground.model_url, openai_api_key="bad-key-of-the-test-9876"))
    assert found["model"].status == "failed"
    assert "(…9876)" in found["model"].found
    assert "OPENAI_API_KEY" in found["model"].advice
    assert "bad-key" not in str(found)


async def test_a_model_that_is_listed_and_does_not_answer(ground: Playground) -> None:
    ground.model.conduct.failure_rate = 1
    found = await examined(settings(ground.model_url, stt_model=""))
    assert found["model"].status == "ok"
    assert found["model answers"].status == "failed"
    assert found["model answers"].advice


async def test_nobody_there() -> None:
    found = await examined(settings("http://127.0.0.1:1/v1", stt_model=""))
    assert found["model"].status == "failed"
    assert "127.0.0.1:1 can't be reached" in found["model"].found
    assert "OPENAI_BASE_URL" in found["model"].advice


async def test_no_server_is_set() -> None:
    found = await examined(settings(openai_api_key=""))
    assert {result.status for result in found.values()} == {"skipped"}


async def known(server: Server, name: str) -> Result:
    given = settings(server.url, llm_model=name, llm_model_cheap=name, stt_model="")
    return (await examined(given))["model"]


async def test_servers_that_only_list(server: Server) -> None:
    server.listed = ["org/some-model", "llama3.2:latest", "other"]
    assert (await known(server, "org/some-model")).status == "ok"
    assert (await known(server, "llama3.2")).status == "ok"
    missing = await known(server, "org/some-mode")
    assert missing.status == "failed"
    assert "org/some-model" in missing.advice


async def test_servers_that_keep_no_list(server: Server) -> None:
    server.listed = None
    result = await known(server, "some-model")
    assert result.status == "ok"
    assert "no list" in result.found


@pytest.mark.parametrize(
    ("days", "status", "words"),
    [(400, "ok", "ends on"), (21, "warning", "in 21 days"), (-3, "warning", "was to end")],
)
async def test_the_servers_own_word_of_an_end(
    server: Server, days: int, status: str, words: str
) -> None:
    end = datetime.now(UTC).date() + timedelta(days=days)
    server.one_by_one["m"] = {"id": "m", "object": "model", "shutdown_date": end.isoformat()}
    result = await known(server, "m")
    assert result.status == status
    assert words in result.found
    assert end.isoformat() in result.found


async def test_the_servers_clock_is_read(server: Server) -> None:
    server.one_by_one["m"] = {"id": "m"}
    server.date = datetime.now(UTC) - timedelta(hours=1)
    given = settings(server.url, llm_model="m", llm_model_cheap="m", stt_model="")
    parts = Parts(given, Clock())
    await examined(given, parts)
    verdict = await parts.clock.check()
    assert verdict.status == "failed"
    assert "60 min ahead" in verdict.found


def test_a_key_goes_to_the_server_it_was_given_for() -> None:
    by_name = {
        role.name: role
        for role in roles(
            settings(stt_base_url="https://ears.example/v1", tts_model="v", tts_api_key="tts-key")
        )
    }
    assert (by_name["hearing"].key, by_name["hearing"].host) == ("", "ears.example")
    assert (by_name["voice"].key, by_name["voice"].key_setting) == ("tts-key", "TTS_API_KEY")
    assert by_name["model"].host == "api.openai.com"
    assert KEY not in repr(by_name["model"])


async def test_the_tables_word_of_an_end_comes_with_what_to_take_instead(server: Server) -> None:
    server.listed = ["openai/gpt-4o"]  # as OpenRouter calls it; it ends or has ended
    result = await known(server, "openai/gpt-4o")
    assert result.status == "warning"
    assert "2027-01-14" in result.found
    assert "gpt-6-luna" in result.advice
