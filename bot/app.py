"""Where the bot is put together and lives: settings → core → dispatcher → intake and workers."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncGenerator
from typing import Any

from aiogram import Bot
from aiogram.types import Update
from pydantic import SecretStr, ValidationError

from bot.alarm import Alarm
from bot.commands import set_commands
from bot.delivery.drafts import Drafts
from bot.delivery.front import TelegramFront
from bot.delivery.outbox import Outbox
from bot.delivery.text import warm
from bot.dispatcher import build_dispatcher
from bot.handlers.errors import apologise
from bot.intake.handling import Handling
from bot.intake.polling import Polling
from bot.keyboards.delivery import keyboard_for
from bot.settings import Settings
from bot.telegram import build_bot
from bot.texts import Texts
from bot.texts.delivery import ending, words_for_notice
from core import Core, EmbeddedPostgres, Misconfigured, Unavailable

log = logging.getLogger(__name__)

PLAYGROUND_TOKEN = "1:playground"  # noqa: S105
PLAYGROUND_VOICE = "scripted"


class Signals:
    """SIGTERM and Ctrl-C: the first asks to stop, the second to hurry. The database is stopped
    either way; a third one breaks even that off."""

    def __init__(self) -> None:
        self.stop = asyncio.Event()
        self.hurry = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, self._signalled)

    def _signalled(self) -> None:
        if not self.stop.is_set():
            self.stop.set()
        else:
            self.hurry.set()
            for number in (signal.SIGTERM, signal.SIGINT):
                self._loop.remove_signal_handler(number)
                # Not the default: a pair of signals at one moment would not even stop the database.
                signal.signal(number, signal.default_int_handler)


async def run(settings: Settings, embedded: EmbeddedPostgres | None) -> None:
    """The whole bot in one process, until SIGTERM or Ctrl-C. Raises `Misconfigured`.

    `embedded` may have been launched before the imports, so that both start side by side.
    """
    signals = Signals()
    page: str | None = None
    async with contextlib.AsyncExitStack() as stack:
        if settings.on_playground:
            settings, page = await stack.enter_async_context(_playground(settings))
        bot = build_bot(
            settings.bot_token.get_secret_value(),
            settings.telegram_api_url or None,
            settings.turns_in_flight,
        )
        # After core, whose background work may still be sending.
        stack.push_async_callback(bot.session.close)
        core = Core(settings, embedded)
        stack.push_async_callback(core.close)
        if not await _opened(core, signals):
            return
        if page:
            print(f"\n  Open {page} in your browser\n", flush=True)
        await _live(settings, core, bot, signals)


async def _opened(core: Core, signals: Signals) -> bool:
    """False if a signal came first: a database may take minutes to recover."""
    opening = core.background.spawn(core.open(), "open", awaited=True)
    stop = core.background.spawn(signals.stop.wait(), "signal at the start")
    await asyncio.wait({opening, stop}, return_when=asyncio.FIRST_COMPLETED)
    if not opening.done():
        opening.cancel()
        return False
    stop.cancel()
    await opening
    return True


async def _live(settings: Settings, core: Core, bot: Bot, signals: Signals) -> None:
    texts = Texts()
    background = core.background
    alarm = Alarm(bot, settings.admin_ids, texts, background)
    drafts = Drafts(bot, background)
    outbox = Outbox(
        bot,
        core.deliveries,
        background,
        keyboard_for=lambda delivery: keyboard_for(delivery, texts.words(delivery.language)),
        words_for=lambda delivery: words_for_notice(
            delivery.payload, texts.words(delivery.language)
        ),
        ending_for=lambda delivery: ending(delivery.payload, texts.words(delivery.language)),
        attachments=core.attachments,
        voiced=core.voices.voiced if core.voices else None,
        unreachable=core.users.set_unreachable,
    )
    dispatcher = build_dispatcher(
        users=core.users,
        visions=core.visions,
        dialogue=core.dialogue,
        attachments=core.attachments,
        speaks=core.voices is not None,
        texts=texts,
    )

    async def given_up(raw: dict[str, Any], error: Exception) -> None:
        alarm.update_failed(raw["update_id"], error)
        with contextlib.suppress(ValidationError):
            await apologise(bot, Update.model_validate(raw), texts)

    handling = Handling(bot, dispatcher, core.inbox, background, given_up)
    polling = Polling(bot, handling, background, dispatcher.resolve_used_update_types())

    background.spawn(set_commands(bot, texts), "commands")
    warm()
    vital = {
        background.spawn(work, name, awaited=True)
        for name, work in {
            "turns": core.work(TelegramFront(drafts, outbox, texts, alarm)),
            "deliveries": outbox.run(),
            "polling": _receive(core, bot, handling, polling),
        }.items()
    }
    stop = background.spawn(signals.stop.wait(), "first signal")
    ended, _ = await asyncio.wait({stop, *vital}, return_when=asyncio.FIRST_COMPLETED)
    for task in ended - {stop}:
        # Without it the bot would live on deaf or dumb; whoever started it starts it again.
        await task
    draining = background.spawn(
        _drain(settings.drain_seconds, polling, core, outbox), "drain", awaited=True
    )
    hurry = background.spawn(signals.hurry.wait(), "second signal")
    await asyncio.wait({draining, hurry}, return_when=asyncio.FIRST_COMPLETED)
    if not draining.done():
        log.info("stopping at once: what is in flight will be taken up by the next start")
        draining.cancel()


async def _drain(seconds: float, polling: Polling, core: Core, outbox: Outbox) -> None:
    """Intake first, then the answers, then what is being sent: nothing new behind our back."""
    log.info("stopping: what is in flight may take up to %.0f s", seconds)
    loop = asyncio.get_running_loop()
    over = loop.time() + seconds
    await polling.stop(seconds)
    await core.turns.drain(max(0.0, over - loop.time()))
    await outbox.drain(max(1.0, over - loop.time()))
    log.info("stopped")


async def _receive(core: Core, bot: Bot, handling: Handling, polling: Polling) -> None:
    """One process at a time polls for a bot; another one waits here and takes over when it goes."""
    while True:
        try:
            async with core.exclusive(f"polling:{bot.id}"):
                await handling.resume()
                log.info("receiving updates of bot %s", bot.id)
                return await polling.run()
        except Unavailable as error:
            log.warning("polling pauses with the database: %s", error)
            await asyncio.sleep(0.5)


@contextlib.asynccontextmanager
async def _playground(settings: Settings) -> AsyncGenerator[tuple[Settings, str]]:
    """A Telegram, and a model where none is set, on loopback; and the address of the page."""
    from bot.playground import start_playground

    state = settings.data_dir.absolute() / "playground"
    try:
        playground = await start_playground(port=settings.playground_port, state=state)
    except BlockingIOError:
        raise Misconfigured(f"another playground already lives in {state}") from None
    except OSError:
        log.warning("port %d is taken, another one will do", settings.playground_port)
        playground = await start_playground(port=0, state=state)
    changed: dict[str, Any] = {
        "bot_token": SecretStr(PLAYGROUND_TOKEN),
        "telegram_api_url": playground.telegram_url,
    }
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
