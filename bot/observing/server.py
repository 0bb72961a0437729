"""Over HTTP, for whoever watches: /metrics, /healthz and /readyz."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from bot.observing.metrics import Metrics
    from bot.observing.queue_metrics import QueueMetrics

log = logging.getLogger(__name__)

READY_SECONDS = 3.0
TAKEN_SECONDS = 5.0
"""The port may belong to an earlier process that is still draining."""

Ready = Callable[[], Awaitable[str]]


async def starting() -> str:
    return "starting"


class WatchServer:
    """`ready` gives the reason why the process can't do its work now, in words fit for anybody who
    can reach the port; empty when it can."""

    def __init__(self, metrics: Metrics, queues: QueueMetrics) -> None:
        self.ready: Ready = starting
        self._metrics = metrics
        self.queues = queues

    async def run(self, host: str, port: int) -> None:
        """Until cancelled. A port that is taken is waited for: no turn is to wait because of it."""
        app = web.Application(client_max_size=1024)
        app.add_routes(
            [
                web.get("/metrics", self._told),
                web.get("/healthz", self._alive),
                web.get("/readyz", self._is_ready),
            ]
        )
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        try:
            while True:
                try:
                    await web.TCPSite(runner, host, port).start()
                    break
                except OSError as error:
                    log.warning("METRICS_PORT %d of %s is not to be had: %s", port, host, error)
                    await asyncio.sleep(TAKEN_SECONDS)
            log.info("metrics at http://%s:%d/metrics", *runner.addresses[0][:2])
            await asyncio.Event().wait()
        finally:
            await runner.cleanup()

    async def _told(self, request: web.Request) -> web.Response:
        from prometheus_client.exposition import choose_encoder

        await self.queues.refresh()
        encode, kind = choose_encoder(request.headers.get("Accept", ""))
        return web.Response(body=encode(self._metrics.registry), headers={"Content-Type": kind})

    async def _alive(self, request: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def _is_ready(self, request: web.Request) -> web.Response:
        try:
            async with asyncio.timeout(READY_SECONDS):
                reason = await self.ready()
        except TimeoutError:
            reason = "no answer in time"
        except Exception as error:
            log.warning("whether the process is ready is not known: %s", type(error).__name__)
            reason = "unknown"
        return web.Response(text=f"{reason or 'ready'}\n", status=503 if reason else 200)
