"""How the bot tells those who run it what happens: metrics, health and errors."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from bot.discretion import Secrets, secrets_of
from bot.settings import Settings
from core import Background, Queues, observed

if TYPE_CHECKING:
    from bot.observing.server import Ready, WatchServer


class Observation:
    """Without `METRICS_PORT` nothing is measured, and nothing listens."""

    def __init__(self) -> None:
        self._server: WatchServer | None = None

    @classmethod
    @asynccontextmanager
    async def open(cls, settings: Settings, process: str = "run") -> AsyncGenerator[Observation]:
        """Around all that is to be observed, in the task that starts it: tasks begun inside tell
        of themselves. /healthz answers from here on, /readyz says "starting" until `serves`.

        `process` names the command in reports of errors. Raises `Misconfigured`.
        """
        observation = cls()
        async with AsyncExitStack() as stack:
            if dsn := settings.sentry_dsn.get_secret_value():
                from bot.observing.sentry import reporting_errors

                environment = "playground" if settings.on_playground else "production"
                secrets = Secrets(secrets_of(settings))
                await stack.enter_async_context(
                    reporting_errors(dsn, environment=environment, process=process, secrets=secrets)
                )
            if settings.metrics_port:
                from bot.observing.metrics import Metrics
                from bot.observing.queue_metrics import QueueMetrics
                from bot.observing.server import WatchServer

                metrics, queues = Metrics(), QueueMetrics()
                metrics.registry.register(queues)
                server = observation._server = WatchServer(metrics, queues)
                background = Background()
                serving = server.run(settings.metrics_host, settings.metrics_port)
                background.spawn(serving, "metrics")
                stack.push_async_callback(background.drain, 0)
                stack.enter_context(observed(metrics))
            yield observation

    def serves(self, ready: Ready, queues: Callable[[], Awaitable[Queues]] | None = None) -> None:
        """The process has started. `ready` tells why it can't do its work just now, empty when it
        can; `queues` is core's, for processes that should tell of them."""
        if self._server:
            self._server.ready = ready
            self._server.queues.ask = queues
