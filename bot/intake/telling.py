"""What became of an update, told to the log and to whoever observes."""

from __future__ import annotations

import logging
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any

from bot.observing.reports import UpdateReport
from core import marked, tell, write_line

log = logging.getLogger("bot.update")


@contextmanager
def telling_of(
    raw: Mapping[str, Any], outcomes: Mapping[type[BaseException], str]
) -> Generator[None]:
    """Lines within carry the update's number. `outcomes` names what the errors mean that come out
    of it; `handled` is without one, `withdrawn` any other."""
    began = time.monotonic()
    outcome = "handled"
    with marked(update=str(raw["update_id"])):
        try:
            yield
        except BaseException as error:
            outcome = outcomes.get(type(error), "withdrawn")
            raise
        finally:
            seconds = time.monotonic() - began
            kind = next((name for name in raw if name != "update_id"), "none")
            fields = {"kind": kind[:40], "update_ms": round(seconds * 1000)}
            write_line(log, logging.DEBUG, f"update {outcome}", fields)
            tell(UpdateReport(kind, outcome, seconds))
