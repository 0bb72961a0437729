"""What happened, as figures for Prometheus. Imported only where somebody asks for them.

No label holds a person, a vision or anything else there may be any number of.
"""

from __future__ import annotations

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)

from bot.observing.reports import TelegramCall, UpdateReport
from core import CallReport, DeliveryReport, Report, TurnBegan, TurnReport

QUICK = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)
PATIENT = (0.1, 0.25, 0.5, 1, 2, 3, 5, 8, 13, 20, 30, 60, 120, 180)
NETWORK = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

UPDATE_KINDS = frozenset(
    {
        "message",
        "edited_message",
        "callback_query",
        "my_chat_member",
        "stopped_message_generation",
    }
)


class Metrics:
    """`registry` is this process's own."""

    def __init__(self) -> None:
        # Half of all series otherwise.
        disable_created_metrics()
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self._turns = self._counter("turns", "Turns ended, by what came of them", "outcome")
        self._running = Gauge(
            "vision_turns_running",
            "Turns this process is answering or delivering",
            registry=self.registry,
        )
        self._joined = self._counter("turn_joins", "Calls made again for messages that joined")
        self._turn_seconds = {
            "total": self._histogram("turn", "From the claim to the words delivered", PATIENT),
            "own": self._histogram("turn_own", "The bot's own share of a turn", QUICK),
            "model": self._histogram("turn_model", "Waiting for the model's answer", PATIENT),
            "first_words": self._histogram("turn_first_words", "Claim to first words", PATIENT),
            "queued": self._histogram("turn_queued", "In the queue before the claim", PATIENT),
            "prepare": self._histogram("turn_prepare", "Files fetched, heard and read", PATIENT),
            "deliver": self._histogram("turn_deliver", "The answer's way to the person", NETWORK),
        }
        calls = ("purpose", "model")
        self._calls = self._counter("model_calls", "Calls of models", *calls, "outcome")
        self._call_seconds = self._histogram("model_call", "Calls of models", PATIENT, *calls)
        self._call_first = self._histogram(
            "model_call_first", "To the first sign of an answer", PATIENT, *calls
        )
        self._tokens = self._counter("tokens", "Tokens of model calls", *calls, "kind")
        self._deliveries = self._counter(
            "deliveries", "Attempts at deliveries", "type", "outcome", "reason"
        )
        self._delivery_seconds = self._histogram("delivery", "Deliveries made", NETWORK, "type")
        self._telegram = self._counter(
            "telegram_calls", "Calls of the Bot API", "method", "outcome"
        )
        self._telegram_seconds = self._histogram(
            "telegram_call", "Calls of the Bot API, long polling left out", NETWORK, "method"
        )
        self._floods = self._counter("flood_waits", "Waits that Telegram asked for", "method")
        self._flood_seconds = self._counter(
            "flood_wait_seconds", "Seconds that Telegram asked to wait", "method"
        )
        self._updates = self._counter("updates", "Updates of Telegram", "kind", "outcome")
        self._update_seconds = self._histogram("update", "Updates handled", QUICK, "kind")
        self._errors = self._counter("errors", "What failed for good, or wants a look", "kind")

    def happened(self, report: Report) -> None:
        match report:
            case TelegramCall():
                self._telegram_called(report)
            case TurnBegan():
                self._running.inc()
            case TurnReport():
                self._turned(report)
            case CallReport():
                self._called(report)
            case DeliveryReport():
                self._delivered(report)
            case UpdateReport():
                self._updated(report)
            case _:
                pass

    def error(self, kind: str) -> None:
        """`kind` must be one of a few words."""
        self._errors.labels(kind).inc()

    def _turned(self, report: TurnReport) -> None:
        self._running.dec()
        self._turns.labels(report.outcome).inc()
        self._joined.inc(report.joined)
        if report.outcome == "failed":
            self.error(f"turn_{report.error}")
        if report.outcome not in {"answered", "unfinished", "stopped", "filtered"}:
            return
        for stage, histogram in self._turn_seconds.items():
            seconds: float | None = getattr(report, stage)
            if seconds is not None:
                histogram.observe(seconds)

    def _called(self, report: CallReport) -> None:
        labels = report.purpose, report.model
        self._calls.labels(*labels, report.outcome).inc()
        if report.outcome == "ok":
            self._call_seconds.labels(*labels).observe(report.seconds)
        if report.first_seconds is not None:
            self._call_first.labels(*labels).observe(report.first_seconds)
        for kind, count in (
            ("prompt", report.prompt_tokens),
            ("completion", report.completion_tokens),
            ("cached", report.cached_tokens),
            ("reasoning", report.reasoning_tokens),
        ):
            if count:
                self._tokens.labels(*labels, kind).inc(count)

    def _delivered(self, report: DeliveryReport) -> None:
        self._deliveries.labels(report.type, report.outcome, report.reason or "").inc()
        if report.outcome == "failed":
            self.error(f"delivery_{report.reason}")
        if report.outcome == "delivered":
            self._delivery_seconds.labels(report.type).observe(report.seconds)

    def _telegram_called(self, report: TelegramCall) -> None:
        self._telegram.labels(report.method, report.outcome).inc()
        if report.method != "getUpdates":
            self._telegram_seconds.labels(report.method).observe(report.seconds)
        if report.flood_seconds:
            self._floods.labels(report.method).inc()
            self._flood_seconds.labels(report.method).inc(report.flood_seconds)

    def _updated(self, report: UpdateReport) -> None:
        kind = report.kind if report.kind in UPDATE_KINDS else "other"
        self._updates.labels(kind, report.outcome).inc()
        if report.outcome == "failed":
            self.error("update")
        if report.outcome == "handled":
            self._update_seconds.labels(kind).observe(report.seconds)

    def _counter(self, name: str, told: str, *labels: str) -> Counter:
        return Counter(f"vision_{name}", told, labels, registry=self.registry)

    def _histogram(
        self, name: str, told: str, buckets: tuple[float, ...], *labels: str
    ) -> Histogram:
        return Histogram(
            f"vision_{name}_seconds", told, labels, buckets=buckets, registry=self.registry
        )
