"""The playground as the commands open it: on the data of this bot."""

from __future__ import annotations

import errno
import logging
from pathlib import Path

from bot.playground import Playground, start_playground
from core import Misconfigured

log = logging.getLogger(__name__)


async def open_playground(state: Path, port: int) -> Playground:
    """A playground that keeps all in the folder `state`; on another port where `port` is taken.

    Raises Misconfigured.
    """
    try:
        try:
            return await start_playground(port=port, state=state)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
        log.warning("port %d is taken, another one will do", port)
        return await start_playground(port=0, state=state)
    except BlockingIOError:
        raise Misconfigured(
            f"another playground already lives in {state}: stop it, set another DATA_DIR, or set"
            " BOT_TOKEN for a bot in Telegram"
        ) from None
    except OSError as error:
        where = error.filename or f"port {port}"
        raise Misconfigured(f"the playground can't start: {where}: {error.strerror}") from error
