"""«Тест подключения»: whether everything the bot is set up with is there and works."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace

from aiogram import Bot

from bot.discretion import Secrets, secrets_of
from bot.doctor.setup import check_settings
from bot.doctor.telegram import TelegramChecks
from bot.settings import Settings
from core import Check, Clock, Result, check_everything


async def diagnose(
    settings: Settings, bot: Bot | None, counted: Callable[[int], None] | None = None
) -> AsyncGenerator[Result, None]:
    """Every result as it comes, within a minute; close the generator to break off.

    `counted` is told how many there will be, before the first. `bot` is None on the playground. No
    secret of the settings is in the results. A running bot may ask for it too: see
    `core.check_everything`.
    """
    clock = Clock()
    telegram = TelegramChecks(settings, bot, clock)
    checks = [
        Check("settings", lambda: check_settings(settings)),
        Check("Telegram", telegram.token, if_silent=telegram.advice),
        Check("updates", telegram.updates, needs=("Telegram",), if_silent=telegram.advice),
    ]
    secrets = Secrets(secrets_of(settings))
    async with aclosing(check_everything(settings, checks, clock, counted)) as results:
        async for result in results:
            yield replace(
                result,
                found=secrets.struck_out(result.found),
                advice=secrets.struck_out(result.advice),
            )
