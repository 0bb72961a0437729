"""What happened as figures: what is counted where, and what the server says of the process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.observing.metrics import Metrics
from bot.observing.queue_metrics import QueueMetrics
from bot.observing.reports import TelegramCall, UpdateReport
from bot.observing.server import WatchServer
from core import (
    DeliveryReport,
    Queues,
    Report,
    TurnBegan,
    TurnReport,
    Unavailable,
    observed,
    tell,
)
from core.observing import Lasted
from core.observing.turn_trace import TurnTrace
from tests.e2e.watching import free_port
from tests.unit.observed_reports import CALL, TURN

QUEUES = Queues(3, 2, 1, 7.5, 4, 5, 6.5, 8, 9)


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


def told(*reports: Report) -> Metrics:
    metrics = Metrics()
    with observed(metrics):
        for report in reports:
            tell(report)
    return metrics


class Listener:
    def __init__(self) -> None:
        self.reports: list[Report] = []

    def happened(self, report: Report) -> None:
        self.reports.append(report)


# Counting.


def test_a_turn_is_counted_with_its_stages() -> None:
    metrics = told(TurnBegan(), TurnBegan(), TURN)
    assert value(metrics, "vision_turns_total", outcome="answered") == 1
    assert value(metrics, "vision_turns_running") == 1
    assert value(metrics, "vision_turn_joins_total") == 2
    assert value(metrics, "vision_turn_own_seconds_sum") == pytest.approx(0.006)
    assert value(metrics, "vision_turn_own_seconds_bucket", le="0.005") == 0
    assert value(metrics, "vision_turn_own_seconds_bucket", le="0.01") == 1
    assert value(metrics, "vision_turn_first_words_seconds_count") == 1
    # What did not take place took no time, and is not told as if it had taken none.
    assert value(metrics, "vision_turn_prepare_seconds_count") == 0


@pytest.mark.parametrize("outcome", ["failed", "lost", "given_back", "interrupted"])
def test_turns_without_an_answer_spoil_no_times(outcome: str) -> None:
    metrics = told(replace(TURN, outcome=outcome, error="model_down"))
    assert value(metrics, "vision_turns_total", outcome=outcome) == 1
    assert value(metrics, "vision_turn_seconds_count") == 0
    failed = value(metrics, "vision_errors_total", kind="turn_model_down")
    assert failed == (1 if outcome == "failed" else None)


def test_calls_and_tokens_are_counted_by_what_they_were_for() -> None:
    metrics = told(CALL, replace(CALL, outcome="timeout", first_seconds=None))
    labels = {"purpose": "dialogue", "model": "m"}
    assert value(metrics, "vision_model_calls_total", outcome="ok", **labels) == 1
    assert value(metrics, "vision_model_calls_total", outcome="timeout", **labels) == 1
    assert value(metrics, "vision_model_call_seconds_count", **labels) == 1
    assert value(metrics, "vision_tokens_total", kind="prompt", **labels) == 40
    assert value(metrics, "vision_tokens_total", kind="cached", **labels) == 32
    assert value(metrics, "vision_tokens_total", kind="reasoning", **labels) is None


def test_floods_are_counted_with_their_seconds() -> None:
    metrics = told(
        TelegramCall("sendMessage", "flood", 0.1, 3), TelegramCall("sendMessage", "ok", 0.1)
    )
    assert value(metrics, "vision_flood_waits_total", method="sendMessage") == 1
    assert value(metrics, "vision_flood_wait_seconds_total", method="sendMessage") == 3
    assert value(metrics, "vision_telegram_call_seconds_count", method="sendMessage") == 2


def test_long_polling_is_no_slow_call() -> None:
    metrics = told(TelegramCall("getUpdates", "ok", 25))
    assert value(metrics, "vision_telegram_calls_total", method="getUpdates", outcome="ok") == 1
    assert value(metrics, "vision_telegram_call_seconds_count", method="getUpdates") is None


def test_kinds_of_updates_nobody_knows_share_one_label() -> None:
    metrics = told(
        UpdateReport("message", "handled", 0.01),
        UpdateReport("тайна" * 9, "handled", 0.01),
        UpdateReport("message", "failed", 0.01),
    )
    assert value(metrics, "vision_updates_total", kind="other", outcome="handled") == 1
    assert value(metrics, "vision_update_seconds_count", kind="message") == 1
    assert value(metrics, "vision_errors_total", kind="update") == 1


def test_deliveries_say_why_they_failed() -> None:
    metrics = told(
        DeliveryReport("text", "delivered", None, 1, 0.1),
        DeliveryReport("text", "postponed", "flood", 1, 0),
        DeliveryReport("text", "failed", "rejected", 1, 0),
    )
    counted = {"type": "text", "outcome": "failed", "reason": "rejected"}
    assert value(metrics, "vision_deliveries_total", **counted) == 1
    assert value(metrics, "vision_delivery_seconds_count", type="text") == 1
    assert value(metrics, "vision_errors_total", kind="delivery_rejected") == 1


# A turn adds up.


async def test_a_turn_hears_of_what_its_tasks_do() -> None:
    listener = Listener()
    with observed(listener):
        trace = TurnTrace("ab12cd34-and-more", queued=0.5)
        with observed(trace):
            trace.begin()
            async with asyncio.TaskGroup() as group:
                group.create_task(_calls(CALL))
                group.create_task(_calls(replace(CALL, purpose="looking", prompt_tokens=100)))
            tell(Lasted("pause", 0.25))
            trace.worded()
            trace.came_to("answered")
            trace.came_to("lost", "lease_lost")
            trace.end(vision_id="v", user_id="u", attempt=1, messages=1, files=0)
    began, *_, report = listener.reports
    assert isinstance(began, TurnBegan)
    assert isinstance(report, TurnReport)
    assert (report.turn, report.queued) == ("ab12cd34", 0.5)
    assert (report.outcome, report.error) == ("lost", "lease_lost")
    # Files are no answer: their calls cost tokens, but not the model's time for the words.
    assert (report.calls, report.prompt_tokens) == (1, 120)
    assert report.model == pytest.approx(2.3 + 0.25)
    assert report.request_id == "req_1"
    assert CALL in listener.reports


async def test_words_are_delivered_before_their_voice_is() -> None:
    trace = TurnTrace("lease", queued=None)
    listener = Listener()
    with observed(listener):
        trace = TurnTrace("lease", queued=None)
    with observed(trace):
        # A transcript that was sent while files were read is not the answer.
        tell(DeliveryReport("info", "delivered", None, 1, 0.01))
        await asyncio.sleep(0.05)
        with trace.delivering():
            tell(DeliveryReport("text", "delivered", None, 1, 0.01))
            await asyncio.sleep(0.3)
            tell(DeliveryReport("audio", "delivered", None, 1, 0.01))
        trace.end(vision_id="v", user_id="u", attempt=1, messages=1, files=0)
    report = listener.reports[-1]
    assert isinstance(report, TurnReport)
    assert report.deliver is not None
    assert report.deliver < 0.3
    assert report.total >= 0.05


async def _calls(report: Report) -> None:
    tell(report)


# Over HTTP.


@asynccontextmanager
async def serving(ask: Any = None) -> AsyncIterator[tuple[WatchServer, str]]:
    metrics, queues = Metrics(), QueueMetrics()
    metrics.registry.register(queues)
    queues.ask = ask
    server = WatchServer(metrics, queues)
    port = free_port()
    task = asyncio.get_running_loop().create_task(server.run("127.0.0.1", port))
    url = f"http://127.0.0.1:{port}"
    try:
        async with asyncio.timeout(20):
            while True:
                with suppress(aiohttp.ClientError):
                    await get(f"{url}/healthz")
                    break
                await asyncio.sleep(0.02)
        yield server, url
    finally:
        task.cancel()
        await asyncio.wait({task})


async def get(url: str, **headers: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as http, http.get(url, headers=headers) as response:
        return response.status, await response.text()


async def families(url: str) -> dict[str, Any]:
    _, text = await get(f"{url}/metrics")
    return {family.name: family for family in text_string_to_metric_families(text)}


async def test_readiness_says_why_not() -> None:
    async def hangs() -> str:
        await asyncio.sleep(3600)
        return ""

    async def breaks() -> str:
        raise RuntimeError("слова человека")

    async def well() -> str:
        return ""

    async def busy() -> str:
        return "the database does not answer"

    async with serving() as (server, url):
        assert await get(f"{url}/readyz") == (503, "starting\n")
        server.ready = busy
        assert await get(f"{url}/readyz") == (503, "the database does not answer\n")
        server.ready = breaks
        assert await get(f"{url}/readyz") == (503, "unknown\n")
        server.ready = hangs
        assert await get(f"{url}/readyz") == (503, "no answer in time\n")
        server.ready = well
        assert await get(f"{url}/readyz") == (200, "ready\n")
        assert await get(f"{url}/healthz") == (200, "ok\n")
        status, _ = await get(f"{url}/")
        assert status == 404


async def test_queues_are_asked_for_when_somebody_looks_and_not_too_often() -> None:
    asked = 0

    async def ask() -> Queues:
        nonlocal asked
        asked += 1
        return QUEUES

    async with serving(ask) as (_, url):
        assert asked == 0
        found = await families(url)
        await families(url)
    assert asked == 1
    assert {s.labels["state"]: s.value for s in found["vision_queue_turns"].samples} == {
        "waiting": 3,
        "running": 2,
        "failed": 1,
    }
    ages = {s.labels["queue"]: s.value for s in found["vision_queue_age_seconds"].samples}
    assert ages == {"turns": 7.5, "deliveries": 6.5}
    assert found["vision_database_up"].samples[0].value == 1


async def test_a_database_that_is_away_is_told_and_old_figures_are_not() -> None:
    async def away() -> Queues:
        raise Unavailable("away")

    async with serving(away) as (_, url):
        found = await families(url)
    assert found["vision_database_up"].samples[0].value == 0
    assert "vision_queue_turns" not in found


async def test_openmetrics_is_spoken_to_who_asks_for_it() -> None:
    async with serving() as (_, url):
        _, text = await get(f"{url}/metrics", Accept="application/openmetrics-text; version=1.0.0")
    assert text.endswith("# EOF\n")


async def test_a_port_that_is_taken_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("bot.observing.server.TAKEN_SECONDS", 0.05)
    async with serving() as (_, url):
        port = int(url.rpartition(":")[2])
        second = WatchServer(Metrics(), QueueMetrics())
        second.ready = _second
        task = asyncio.get_running_loop().create_task(second.run("127.0.0.1", port))
        async with asyncio.timeout(20):
            while f"METRICS_PORT {port}" not in caplog.text:
                await asyncio.sleep(0.02)
    async with asyncio.timeout(20):
        while True:
            with suppress(aiohttp.ClientError):
                assert await get(f"{url}/readyz") == (503, "second\n")
                break
            await asyncio.sleep(0.05)
    task.cancel()
    await asyncio.wait({task})


async def _second() -> str:
    return "second"
