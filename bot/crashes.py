"""What nobody catches goes to the log, where no secret gets in, and not straight to the screen."""

from __future__ import annotations

import logging
import sys
import threading
from types import TracebackType

log = logging.getLogger(__name__)


def crashes_to_the_log() -> None:
    """For the whole process, warnings included. The log has to be set up."""
    sys.excepthook = _crashed
    sys.unraisablehook = _ignored
    threading.excepthook = _thread_crashed
    logging.captureWarnings(True)


def _crashed(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        log.critical("crashed", exc_info=(kind, error, trace))


def _thread_crashed(crash: threading.ExceptHookArgs) -> None:
    if crash.exc_value is not None:
        name = crash.thread.name if crash.thread else "a thread"
        found = (crash.exc_type, crash.exc_value, crash.exc_traceback)
        log.error("%s crashed", name, exc_info=found)


def _ignored(ignored: sys.UnraisableHookArgs) -> None:
    if ignored.exc_value is not None:
        where = getattr(ignored.object, "__qualname__", type(ignored.object).__name__)
        found = (ignored.exc_type, ignored.exc_value, ignored.exc_traceback)
        log.error("%s %s", ignored.err_msg or "Exception ignored in", where, exc_info=found)
