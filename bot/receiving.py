"""What an intake process does: updates come in, by polling or by a webhook, and are handled."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Coroutine, Mapping
from functools import partial
from typing import Any, Protocol

from aiogram import Bot
from aiogram.types import Update
from pydantic import ValidationError

from bot.alarm import Alarm
from bot.commands import set_commands
from bot.dispatcher import build_dispatcher
from bot.doctor import diagnose
from bot.doctor.checkups import Checkups
from bot.handlers.errors import apologise
from bot.intake.conflicts import Conflicts
from bot.intake.handling import Handling
from bot.intake.keeping import Keeping
from bot.intake.polling import Polling
from bot.intake.taking_over import TakingOver
from bot.settings import Settings
from bot.texts import Texts
from core import Core, Unavailable

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 5.0


class Source(Protocol):
    """Where updates come from."""

    async def run(self) -> None:
        """Until stopped."""
        ...

    async def stop(self, seconds: float) -> None:
        """Take nothing new, and wait up to `seconds` until what was taken is done or kept."""
        ...

    async def close(self) -> None:
        """Everything has been answered."""
        ...

    def trouble(self) -> str: ...


class Intake:
    """The handlers behind a source, and the updates kept for them."""

    def __init__(
        self, settings: Settings, core: Core, bot: Bot, texts: Texts, alarm: Alarm
    ) -> None:
        dispatcher = build_dispatcher(
            access=core.access,
            administration=core.administration,
            users=core.users,
            limits=core.limits,
            visions=core.visions,
            dialogue=core.dialogue,
            attachments=core.attachments,
            own_data=core.own_data,
            feedback=core.feedback,
            care=core.care,
            broadcasts=core.broadcasts,
            statistics=core.statistics,
            checkups=Checkups(core.problems, core.background, partial(diagnose, settings, bot)),
            speaks=bool(settings.tts_model),
            texts=texts,
        )

        async def given_up(raw: dict[str, Any], error: Exception) -> None:
            alarm.update_failed(error)
            with contextlib.suppress(ValidationError):
                await apologise(bot, Update.model_validate(raw), texts)

        keeping = Keeping(core.inbox, bot.id)
        self.allowed_updates = dispatcher.resolve_used_update_types()
        self.handling = Handling(bot, dispatcher, keeping, core.background, given_up)
        self.taking_over = TakingOver(keeping, self.handling, core.background)


class Receiving:
    def __init__(self, core: Core, bot: Bot, texts: Texts, intake: Intake, source: Source) -> None:
        self._background = core.background
        self._bot = bot
        self._texts = texts
        self._intake = intake
        self._source = source

    def works(self) -> Mapping[str, Coroutine[Any, Any, None]]:
        self._background.spawn(set_commands(self._bot, self._texts), "commands")
        return {"updates": self._source.run(), "kept updates": self._intake.taking_over.run()}

    def trouble(self) -> str:
        return self._source.trouble()

    async def drain(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        over = loop.time() + seconds
        self._intake.taking_over.stop()
        await self._source.stop(seconds)
        await self._intake.handling.drain(max(0.0, over - loop.time()))
        await self._source.close()


class PollingAlone:
    """One process at a time polls for a bot; another one waits and takes over when it goes."""

    def __init__(self, core: Core, bot: Bot, intake: Intake, alarm: Alarm) -> None:
        self._core = core
        self._bot = bot
        self._intake = intake
        self._polling = Polling(
            bot,
            intake.handling,
            core.background,
            intake.allowed_updates,
            Conflicts(bot, alarm.second_poller),
        )

    async def run(self) -> None:
        waiting = self._core.background.spawn(self._tell_of_waiting(), "word of waiting")
        while True:
            try:
                async with self._core.exclusive(f"polling:{self._bot.id}"):
                    waiting.cancel()
                    # What was kept stands before what comes now.
                    await self._intake.taking_over.look()
                    log.info("receiving updates of bot %s", self._bot.id)
                    return await self._polling.run()
            except Unavailable as error:
                log.warning("polling pauses with the database: %s", error)
                await asyncio.sleep(0.5)

    async def _tell_of_waiting(self) -> None:
        await asyncio.sleep(PATIENCE_SECONDS)
        log.warning(
            "another process on this database already receives the updates of bot %s: this one"
            " works beside it, and takes over when it goes",
            self._bot.id,
        )

    async def stop(self, seconds: float) -> None:
        await self._polling.stop(seconds)

    async def close(self) -> None:
        pass

    def trouble(self) -> str:
        """A process that waits for its turn to poll is well."""
        return ""
