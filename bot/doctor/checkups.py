"""The checkup in a chat: its progress, then what came of it.

It runs in the process that was asked, whatever its role: it needs nothing but the settings, so it
works where there is no model at hand, and where the queues to a worker may be what is broken.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress

from aiogram.exceptions import AiogramError
from aiogram.types import InlineKeyboardMarkup, Message

from bot.doctor.page import page_of
from bot.handlers.saying import say
from bot.keyboards.problems import doctor_keyboard
from bot.texts import Words
from core import Background, CoreError, Person, Problem, Problems, Result

log = logging.getLogger(__name__)

PROGRESS_SECONDS = 1.5
FAREWELL_SECONDS = 3.0

Examine = Callable[[Callable[[int], None]], AsyncGenerator[Result, None]]
"""Results as they come; the argument is told how many there will be."""


class Checkups:
    def __init__(self, problems: Problems, background: Background, examine: Examine) -> None:
        self._problems = problems
        self._background = background
        self._examine = examine

    async def begin(self, message: Message, person: Person, words: Words) -> bool:
        """Answers below `message`. False while another one runs for this admin. Raises `Forbidden`
        for who is none."""
        holder = secrets.token_hex(8)
        if not await self._problems.begin_checkup(person.user_id, holder):
            return False
        try:
            shown = await say(message, words("doctor-progress", done=0, total=0))
        except AiogramError:
            await self._problems.end_checkup(person.user_id, holder)
            raise
        self._background.spawn(self._run(shown, person, words, holder), "checkup")
        return True

    async def _run(self, shown: Message, person: Person, words: Words, holder: str) -> None:
        began = time.monotonic()
        try:
            results = await self._results(shown, words)
            found = page_of(
                results,
                await self._open(person.user_id),
                person,
                words,
                seconds=round(time.monotonic() - began),
            )
            await _show(shown, found, doctor_keyboard(words))
        except asyncio.CancelledError:
            with suppress(TimeoutError):
                async with asyncio.timeout(FAREWELL_SECONDS):
                    await _show(shown, words("doctor-broken-off"), doctor_keyboard(words))
            raise
        finally:
            with suppress(CoreError):
                await self._problems.end_checkup(person.user_id, holder)

    async def _results(self, shown: Message, words: Words) -> list[Result]:
        total = 0
        results: list[Result] = []
        told_at = time.monotonic()

        def counted(count: int) -> None:
            nonlocal total
            total = count

        async with aclosing(self._examine(counted)) as coming:
            async for result in coming:
                results.append(result)
                if time.monotonic() - told_at >= PROGRESS_SECONDS:
                    await _show(shown, words("doctor-progress", done=len(results), total=total))
                    told_at = time.monotonic()
        return sorted(results, key=lambda result: result.place)

    async def _open(self, admin_id: str) -> list[Problem] | None:
        try:
            return await self._problems.open(admin_id)
        except CoreError as error:
            log.info("problems can't be listed: %s", error)
            return None


async def _show(shown: Message, html: str, keyboard: InlineKeyboardMarkup | None = None) -> None:
    try:
        await shown.edit_text(html, parse_mode="HTML", reply_markup=keyboard)
    except (AiogramError, OSError) as error:
        log.info("the checkup can't be shown: %s", type(error).__name__)
