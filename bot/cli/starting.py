"""How every process of the bot begins."""

from __future__ import annotations

import asyncio
import signal
from typing import Literal

from bot.settings import Settings
from core import Misconfigured, embedded_postgres


def start(settings: Settings, role: Literal["run", "webhook", "worker"]) -> int:
    if role != "run" and settings.on_playground:
        raise Misconfigured(
            f"BOT_TOKEN is not set. The playground lives in `python -m bot`; to try `{role}` there,"
            " start `python -m bot playground`, then set BOT_TOKEN=1:playground and"
            " TELEGRAM_API_URL to the address it prints"
        )
    # Until the loop takes signals over, SIGTERM ends the start as Ctrl-C does: by way of `finally`.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    embedded = embedded_postgres(settings)
    try:
        if embedded:
            # The database starts while the slow half of the imports goes on.
            embedded.launch(settling=True)
        import uvloop

        from bot.app import live

        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(live(settings, embedded, role))
    finally:
        if embedded:
            asyncio.run(embedded.stop())
    return 0
