"""What the operator sees of a talk, and what nobody but the person may see of it."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from prometheus_client.parser import text_string_to_metric_families

from tests.e2e.watching import QuotingModel, Sentry, free_port, serving
from tests.processes import BOT_ID, Ground, Process
from tests.samples import voice_note

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

MARK = "тайна"
TOKEN = f"{BOT_ID}:tajnyj-token-Botu"
KEY = "sk-tajnyj-klyuch"
STT_KEY = "stt-tajnyj-klyuch"
DSN_KEY = "tajnyjklyuchsentry"
PASSWORD = "tajnyj-parol"
SECRETS = (TOKEN.partition(":")[2], KEY, STT_KEY, DSN_KEY, PASSWORD)
HIDDEN = (MARK, json.dumps(MARK).strip('"'), "%D1%82%D0%B0%D0%B9%D0%BD%D0%B0")


@dataclass
class Watched:
    """A bot at work, a person in a vision, and all that can be seen from outside."""

    here: Ground
    bot: Process
    person: int
    sentry: Sentry
    port: int

    async def talk(self) -> None:
        """Words, a recording, a document, a change of words, and everything that can fail."""
        flood = {"method": "sendMessage", "status": 429, "count": 1}
        await self.here.post("faults", faults=[flood])
        await self.says(f"{MARK}слова первые")
        await self.here.sends(self.person, "v.ogg", voice_note(3), kind="voice")
        await self.turns(2)
        name, content = f"{MARK}файл.txt", f"{MARK}содержание".encode()
        await self.here.sends(self.person, name, content, caption=f"{MARK}подпись")
        await self.turns(3)
        sent = await self.says(f"{MARK}до правки")
        message = sent["messages"][0]["message_id"]
        await self.here.post(
            "edits", bot=BOT_ID, person=self.person, message_id=message, text=f"{MARK}после"
        )
        for trouble in ("сломайся", "откажи", "падай в ответе"):
            await self.says(f"{MARK} {trouble}")
        await self.here.says(self.person, f"{MARK} падай в приёме")
        await self.given_up(1)
        chat = {"id": self.person, "type": "private"}
        await self.here.post(
            "updates",
            bot=BOT_ID,
            kind="message",
            payload={"text": f"{MARK}непонятное", "chat": chat},
            lane=f"chat:{self.person}",
        )
        await self.given_up(2)

    async def says(self, text: str) -> Any:
        """And waits until its turn has ended."""
        before = self.turns_done
        sent = await self.here.says(self.person, text)
        await self.turns(before + 1)
        return sent

    @property
    def turns_done(self) -> int:
        return sum("turn done" in line for line in self.bot.text().splitlines())

    async def turns(self, count: int, seconds: float = 60) -> None:
        async with asyncio.timeout(seconds):
            while self.turns_done < count:
                await asyncio.sleep(0.05)

    async def given_up(self, count: int, seconds: float = 60) -> None:
        failed = "vision_updates_total", (("kind", "message"), ("outcome", "failed"))
        async with asyncio.timeout(seconds):
            while (await self.figures()).get(failed) != count:
                await asyncio.sleep(0.2)

    async def asks(self, path: str) -> tuple[int, str]:
        async with self.here.http.get(f"http://127.0.0.1:{self.port}{path}") as response:
            return response.status, await response.text()

    async def figures(self) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
        status, text = await self.asks("/metrics")
        assert status == 200
        return {
            (sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }


@asynccontextmanager
async def watched(
    here: Ground, data: Path, *, program: str = "tests.e2e.faulty_bot", **settings: str
) -> AsyncIterator[Watched]:
    model, sentry, port = QuotingModel(f"{MARK}ответ"), Sentry(), free_port()
    await here.post("model", reset=True, first_token=0.0, total=0.0, transcript=f"{MARK}голос")
    async with (
        serving(web.post("/v1/chat/completions", model.complete)) as model_at,
        serving(web.post("/api/7/envelope/", sentry.envelope)) as sentry_at,
    ):
        bot = Process(
            "-m",
            program,
            log=data.parent / "bot.log",
            env=here.bot_environment(data)
            | {
                "BOT_TOKEN": TOKEN,
                "OPENAI_API_KEY": KEY,
                "OPENAI_BASE_URL": f"http://{model_at}/v1",
                "STT_BASE_URL": f"{here.url}/v1",
                "STT_API_KEY": STT_KEY,
                "LLM_TRIES": "2",
                "METRICS_PORT": str(port),
                "SENTRY_DSN": f"http://{DSN_KEY}@{sentry_at}/7",
            }
            | settings,
        )
        await bot.start()
        try:
            await here.until_polled()
            name = {"first_name": f"{MARK}имя", "last_name": f"{MARK}фамилия"}
            [person] = (await here.post("people", **name))["people"]
            watch = Watched(here, bot, person, sentry, port)
            await here.says(person, f"/new_vision {MARK}название")
            await here.sent(methods="sendMessage", chat=person, wait=60)
            yield watch
            if bot.alive:
                assert await bot.terminate() == 0
        finally:
            await bot.kill()


def nothing_of(words: tuple[str, ...], text: str) -> None:
    for word in words:
        found = text.casefold().find(word.casefold())
        assert found < 0, text[max(0, found - 300) : found + 300]


@pytest.mark.parametrize("form", ["text", "json"])
async def test_a_whole_talk_leaves_figures_and_no_words(
    here: Ground, data: Path, form: str
) -> None:
    async with watched(here, data, LOG_FORMAT=form, LOG_LEVEL="INFO") as watch:
        await watch.talk()
        figures = await watch.figures()
        ready = await watch.asks("/readyz")
        health = await watch.asks("/healthz")
        told = await watch.asks("/metrics")
        sentry = watch.sentry
        bot = watch.bot
    log = bot.text()

    nothing_of((*HIDDEN, *SECRETS), log)
    nothing_of((*HIDDEN, *SECRETS), told[1])
    nothing_of((*HIDDEN, *SECRETS), sentry.text)
    assert not any(str(watch.person) in dict(labels).values() for _, labels in figures)
    assert "Never retrieved".casefold() in log.casefold()

    # One line for each turn, with what an operator asks first.
    turns = _turns(log, form)
    outcomes = [turn["outcome"] for turn in turns]
    assert outcomes.count("answered") == 4
    assert outcomes.count("failed") == 3
    assert [turn["error"] for turn in turns if turn["outcome"] == "failed"] == [
        "model_down",
        "request",
        "unexpected",
    ]
    first = turns[0]
    assert first["request"].startswith("req_quoting_")
    assert first["response"].startswith("chatcmpl-")
    assert len(first["turn"]) == 8
    if form == "json":
        assert first["prompt_tokens"] == 1204
        assert first["cached_tokens"] == 1024
        assert 0 <= first["own_ms"] <= first["total_ms"]
        assert first["queued_ms"] >= 0
        assert any(turn.get("prepare_ms") is not None for turn in turns)
    else:
        assert first["tokens"] == "1204+31(cached"
    assert any(f"[turn={first['turn']}]" in line for line in log.splitlines()) or form == "json"

    # The same in figures.
    assert health == (200, "ok\n")
    assert ready == (200, "ready\n")
    answered = figures["vision_turns_total", (("outcome", "answered"),)]
    assert answered == outcomes.count("answered")
    assert figures["vision_turns_total", (("outcome", "failed"),)] == 3
    assert figures["vision_turns_running", ()] == 0
    assert figures["vision_turn_own_seconds_count", ()] == answered
    assert figures["vision_database_up", ()] == 1
    assert figures["vision_queue_turns", (("state", "failed"),)] <= 1
    assert figures["vision_errors_total", (("kind", "turn_model_down"),)] == 1
    assert figures["vision_errors_total", (("kind", "update"),)] == 2
    dialogue = (("kind", "prompt"), ("model", "gpt-6.1-terra"), ("purpose", "dialogue"))
    assert figures["vision_tokens_total", dialogue] >= 1204 * 4
    sent = (("method", "sendMessage"), ("outcome", "ok"))
    assert figures["vision_telegram_calls_total", sent] >= 8
    delivered = (("outcome", "delivered"), ("reason", ""), ("type", "text"))
    assert figures["vision_deliveries_total", delivered] == answered
    flooded = (("method", "sendMessage"),)
    assert figures["vision_flood_waits_total", flooded] == 1
    assert figures["vision_flood_wait_seconds_total", flooded] >= 1
    handled = (("kind", "message"), ("outcome", "handled"))
    assert figures["vision_updates_total", handled] >= 7

    # Sentry has the errors, their kinds and places, and the turn to look for.
    kinds = {value["type"] for event in sentry.events for value in _errors(event)}
    assert {"ExceptionGroup", "ValueError", "KeyError"} <= kinds
    frames = [
        frame
        for event in sentry.events
        for value in _errors(event)
        for frame in value.get("stacktrace", {}).get("frames", [])
    ]
    assert any(frame["function"] == "receive_or_break" for frame in frames)
    assert not any("vars" in frame for frame in frames)
    assert any("turn" in event.get("tags", {}) for event in sentry.events)
    assert all(event["environment"] == "production" for event in sentry.events)
    assert all(event["tags"]["process"] == "run" for event in sentry.events)
    assert not any(set(event) & {"breadcrumbs", "user", "request"} for event in sentry.events)


async def test_even_at_debug_no_secret_is_logged(here: Ground, data: Path, dsn: str) -> None:
    address = f"{dsn} password={PASSWORD}"
    async with watched(here, data, LOG_LEVEL="DEBUG", DATABASE_URL=address) as watch:
        await watch.talk()
        bot = watch.bot
    log = bot.text()
    assert MARK in log, "at DEBUG the words are there, or this proves nothing"
    nothing_of(SECRETS, log)
    nothing_of((*HIDDEN, *SECRETS), watch.sentry.text)


async def test_without_settings_nothing_listens_and_nothing_is_imported(
    here: Ground, data: Path
) -> None:
    script = (
        "import sys, bot.__main__, bot.app, bot.receiving, bot.working, bot.observing;"
        "print([m for m in ('prometheus_client', 'sentry_sdk') if m in sys.modules])"
    )
    process = Process("-c", script, log=data.parent / "imports.log")
    await process.start()
    assert await process.line() == "[]"
    await process.child.wait()


def _turns(log: str, form: str) -> list[dict[str, Any]]:
    if form == "json":
        lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
        assert len(lines) == len([line for line in log.splitlines() if line.strip()])
        return [line for line in lines if line.get("event") == "turn done"]
    return [
        dict(re.findall(r"(\w+)=(\S+?)\]?(?= |$)", line))
        for line in log.splitlines()
        if "turn done" in line
    ]


def _errors(event: dict[str, Any]) -> list[dict[str, Any]]:
    return event.get("exception", {}).get("values", [])
