"""Updates by webhook: the server that hears Telegram, and the address that Telegram knows."""

from __future__ import annotations

import logging

from aiogram import Bot

from bot.alarm import Alarm
from bot.intake.address import address_of, host_and_port
from bot.intake.registration import Registration
from bot.intake.webhook import Ready, WebhookServer
from bot.receiving import Intake
from bot.settings import Settings
from core import CoreError, Misconfigured

log = logging.getLogger(__name__)


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
        address = address_of(settings)
        self._intake = intake
        self._host, self._port = host_and_port(settings.webhook_listen)
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
        try:
            await self._server.open(self._host, self._port)
        except OSError as error:
            raise Misconfigured(f"WEBHOOK_LISTEN: {error.strerror}") from error
        log.info("listening on %s port %d", self._host, self._server.port)
        await self.registration.run()

    async def stop(self, seconds: float) -> None:
        self._server.refuse()

    async def close(self) -> None:
        await self._server.close()

    def trouble(self) -> str:
        return self.registration.trouble
