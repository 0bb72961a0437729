"""Updates by webhook: the server that hears Telegram, and the address that Telegram knows."""

from __future__ import annotations

import asyncio
import logging
import socket

from aiogram import Bot

from bot.alarm import Alarm
from bot.intake.address import address_of
from bot.intake.registration import Registration
from bot.intake.webhook import SECRET_HEADER, Ready, WebhookServer
from bot.receiving import Intake
from bot.settings import Settings
from core import CoreError, Misconfigured

log = logging.getLogger(__name__)

PROBE_SECONDS = 2.0


class Webhook:
    def __init__(
        self,
        settings: Settings,
        bot: Bot,
        intake: Intake,
        alarm: Alarm,
        ready: Ready,
    ) -> None:
        """Raises `Misconfigured` for addresses that can't work."""
        address = self._address = address_of(settings)
        self._intake = intake
        self._host, self._port = settings.webhook_address
        self._server = WebhookServer(
            intake.handling, path=address.path, secret=address.secret, ready=ready
        )
        self.registration = Registration(
            bot, address, intake.allowed_updates, alarm.webhook_elsewhere
        )

    async def run(self) -> None:
        """Raises `Misconfigured` when the port can't be had or Telegram refuses the address."""
        try:
            # What was kept stands before what comes now.
            await self._intake.taking_over.look()
        except CoreError as error:
            log.warning("kept updates wait for the database: %s", error)
        await self._refuse_strangers()
        try:
            await self._server.open(self._host, self._port)
        except OSError as error:
            raise Misconfigured(f"WEBHOOK_LISTEN: {error.strerror}") from error
        log.info("listening on %s port %d", self._host, self._server.port)
        await self.registration.run()

    async def _refuse_strangers(self) -> None:
        """Processes of this bot share a port; with those of another, each would get a part of the
        other's updates."""
        if not self._port:
            return
        await self._prove_shareable()
        from aiohttp import ClientError, ClientSession, ClientTimeout

        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self._host, self._host)  # noqa: S104
        where = f"[{host}]" if ":" in host else host
        headers = {SECRET_HEADER: self._address.secret}
        try:
            async with (
                ClientSession(timeout=ClientTimeout(PROBE_SECONDS)) as http,
                http.post(
                    f"http://{where}:{self._port}{self._address.path}", json={}, headers=headers
                ) as response,
            ):
                status = response.status
        except (ClientError, OSError, TimeoutError):
            return
        # Ours knows the secret, and misses the update in the body. Or it is draining.
        if status not in {400, 503}:
            raise Misconfigured(
                f"WEBHOOK_LISTEN: something else listens on port {self._port}, or this bot with"
                " another WEBHOOK_URL or WEBHOOK_SECRET"
            )

    async def _prove_shareable(self) -> None:
        """Only processes of the same user share a port, so nobody else will be shown the secret."""
        try:
            found = await asyncio.get_running_loop().getaddrinfo(
                self._host, self._port, type=socket.SOCK_STREAM
            )
            for family, kind, protocol, _, where in found:
                with socket.socket(family, kind, protocol) as trial:
                    trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
                    trial.bind(where)
        except OSError as error:
            raise Misconfigured(
                f"WEBHOOK_LISTEN: {self._host} port {self._port}: {error.strerror}"
            ) from error

    async def stop(self, seconds: float) -> None:
        self._server.refuse()

    async def close(self) -> None:
        await self._server.close()

    def trouble(self) -> str:
        return self.registration.trouble
