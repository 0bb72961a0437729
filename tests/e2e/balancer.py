"""What stands before several webhook processes: takes turns among those that answer."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import hdrs, web

DOWN_SECONDS = 0.5
ANSWER_SECONDS = 40.0
PASSED_ON = ("X-Telegram-Bot-Api-Secret-Token", hdrs.CONTENT_TYPE)


class Balancer:
    """`taken` counts the updates by port, `refused` what nobody took, by reason."""

    def __init__(self, ports: Sequence[int], http: aiohttp.ClientSession) -> None:
        self._ports = ports
        self._http = http
        self._next = itertools.count()
        self._down: dict[int, float] = {}
        self.taken: Counter[int] = Counter()
        self.refused: Counter[str] = Counter()

    async def pass_on(self, request: web.Request) -> web.Response:
        body = await request.read()
        headers = {name: request.headers[name] for name in PASSED_ON if name in request.headers}
        first = next(self._next)
        for number in range(len(self._ports)):
            port = self._ports[(first + number) % len(self._ports)]
            if self._down.get(port, 0.0) > time.monotonic():
                continue
            try:
                return await self._send(port, request.path, body, headers)
            except aiohttp.ClientConnectorError:
                self._down[port] = time.monotonic() + DOWN_SECONDS
            except (aiohttp.ClientError, ConnectionError):
                # It may have been taken: only who sent it may send it again.
                self.refused["broken off"] += 1
                return web.Response(status=502)
            except TimeoutError:
                self.refused["no answer"] += 1
                return web.Response(status=504)
        self.refused["nobody there"] += 1
        return web.Response(status=502)

    async def _send(
        self, port: int, path: str, body: bytes, headers: dict[str, str]
    ) -> web.Response:
        url = f"http://127.0.0.1:{port}{path}"
        async with self._http.post(url, data=body, headers=headers) as response:
            if response.status < 300:
                self.taken[port] += 1
            else:
                self.refused[str(response.status)] += 1
            again = response.headers.get(hdrs.RETRY_AFTER)
            return web.Response(
                status=response.status,
                body=await response.read(),
                headers={hdrs.RETRY_AFTER: again} if again else None,
            )


@asynccontextmanager
async def balancer(ports: Sequence[int], port: int) -> AsyncGenerator[Balancer]:
    """Listens on `port` of loopback."""
    timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as http:
        one = Balancer(ports, http)
        app = web.Application()
        app.router.add_post("/{path:.*}", one.pass_on)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        try:
            yield one
        finally:
            await asyncio.shield(runner.cleanup())
