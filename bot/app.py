"""Where the bot is put together: settings → core → what this process does."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncGenerator
from typing import Any, Literal

from pydantic import SecretStr

from bot.alarm import Alarm
from bot.lifecycle import Life, Part, Signals
from bot.observing import Observation
from bot.settings import Settings
from bot.telegram import build_bot
from bot.texts import Texts
from bot.watching import Watching
from core import Core, EmbeddedPostgres

log = logging.getLogger(__name__)

Role = Literal["run", "webhook", "worker"]
"""`webhook` receives, `worker` answers, delivers and does what is scheduled, `run` does all of it
and receives by polling."""

PLAYGROUND_TOKEN = "1:playground"  # noqa: S105
PLAYGROUND_VOICE = "scripted"


async def live(settings: Settings, embedded: EmbeddedPostgres | None, role: Role) -> None:
    """A process of the bot, until SIGTERM or Ctrl-C. Raises `Misconfigured`.

    `embedded` may have been launched before the imports, so that both start side by side.
    """
    signals = Signals()
    page: str | None = None
    async with contextlib.AsyncExitStack() as stack:
        observation = await stack.enter_async_context(Observation.open(settings, role))
        if settings.on_playground:
            settings, page = await stack.enter_async_context(_playground(settings))
        bot = build_bot(
            settings.bot_token.get_secret_value(),
            settings.telegram_api_url or None,
            settings.turns_in_flight,
        )
        # After core, whose background work may still be sending.
        stack.push_async_callback(bot.session.close)
        core = Core(settings, embedded, works=role != "webhook")
        stack.push_async_callback(core.close)
        life = Life(core, signals, settings.drain_seconds)
        texts = Texts()
        alarm = Alarm(core.reports, core.health)
        stack.enter_context(core.noticing())
        if not await life.begin():
            return
        if page:
            print(f"\n  Open {page} in your browser\n", flush=True)
        parts: list[Part] = []
        if role != "worker":
            from bot.receiving import Intake, PollingAlone, Receiving

            intake = Intake(settings, core, bot, texts, alarm)
            if role == "webhook":
                from bot.listening import Webhook

                source = Webhook(settings, bot, intake, alarm, life.ready)
            else:
                source = PollingAlone(core, bot, intake, alarm)
            parts.append(Receiving(core, bot, texts, intake, source))
        if role != "webhook":
            from bot.working import Working

            parts.append(Working(core, bot, texts, alarm, votes=settings.feedback_buttons))
        parts.append(Watching(core, bot, texts))
        observation.serves(life.ready, core.queues)
        await life.live(*parts)


@contextlib.asynccontextmanager
async def _playground(settings: Settings) -> AsyncGenerator[tuple[Settings, str]]:
    """A Telegram, and a model where none is set, on loopback; and the address of the page. Where
    no admin is set, the first person of the page is one."""
    from bot.playground.opening import open_playground

    state = settings.data_dir.absolute() / "playground"
    playground = await open_playground(state, settings.playground_port)
    changed: dict[str, Any] = {
        "bot_token": SecretStr(PLAYGROUND_TOKEN),
        "telegram_api_url": playground.telegram_url,
    }
    if not settings.admin_ids:
        changed["admin_ids"] = [next(iter(playground.world.people))]
    if not settings.openai_api_key.get_secret_value() and not settings.openai_base_url:
        changed["openai_api_key"] = SecretStr("playground")
        changed["openai_base_url"] = playground.model_url
        if not settings.tts_model:
            changed["tts_model"] = PLAYGROUND_VOICE
        log.info("no OPENAI_API_KEY: a scripted model with prepared words answers")
    try:
        yield settings.model_copy(update=changed), playground.url
    finally:
        await playground.close()
