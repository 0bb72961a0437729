"""Errors to Sentry: where they broke and what they are called, without a word of a person."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from bot.discretion import Secrets, is_ours
from bot.logs import said
from core import CoreError, Misconfigured, marks

FLUSH_SECONDS = 2.0

_KEPT = frozenset(
    {
        "event_id",
        "timestamp",
        "level",
        "logger",
        "logentry",
        "exception",
        "release",
        "environment",
        "platform",
        "sdk",
        "server_name",
    }
)


@asynccontextmanager
async def reporting_errors(
    dsn: str, *, environment: str, process: str, secrets: Secrets
) -> AsyncGenerator[None]:
    """Lines of the log from ERROR on become events, as does an unexpected end. What happened last
    is waited for, at most `FLUSH_SECONDS`.

    The environment's `SENTRY_ENVIRONMENT` and `SENTRY_RELEASE` count. Raises `Misconfigured`.
    """
    import sentry_sdk
    from sentry_sdk.integrations.dedupe import DedupeIntegration
    from sentry_sdk.utils import BadDsn

    try:
        sentry_sdk.init(
            dsn=dsn,
            environment=os.environ.get("SENTRY_ENVIRONMENT", environment),
            default_integrations=False,
            auto_enabling_integrations=False,
            integrations=[DedupeIntegration()],
            data_collection={
                "user_info": False,
                "http_bodies": [],
                "stack_frame_variables": False,
                "frame_context_lines": 0,
            },
            max_breadcrumbs=0,
            before_send=lambda event, hint: discreet(event, process, secrets),
            auto_session_tracking=False,
            send_client_reports=False,
        )
    except BadDsn as error:
        raise Misconfigured(f"SENTRY_DSN: {secrets.struck_out(str(error))}") from None
    handler = ErrorEvents(logging.ERROR)
    logging.getLogger().addHandler(handler)
    try:
        yield
    except Exception as error:
        if not isinstance(error, CoreError):
            sentry_sdk.capture_exception(error)
        raise
    finally:
        logging.getLogger().removeHandler(handler)
        await asyncio.to_thread(sentry_sdk.get_client().close, FLUSH_SECONDS)


class ErrorEvents(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        import sentry_sdk
        from sentry_sdk.utils import event_from_exception

        if record.name.startswith(("sentry_sdk", "urllib3")):
            return
        event: Any = {}
        hint: Any = {}
        if record.exc_info and record.exc_info[1]:
            options = sentry_sdk.get_client().options
            event, hint = event_from_exception(record.exc_info, client_options=options)
        event["level"] = "fatal" if record.levelno >= logging.CRITICAL else "error"
        event["logger"] = record.name
        event["logentry"] = {"message": said(record)}
        sentry_sdk.capture_event(event, hint=hint)


def discreet(event: Any, process: str, secrets: Secrets) -> Any:
    """What of an event may leave the house."""
    kept: dict[str, Any] = {name: value for name, value in event.items() if name in _KEPT}
    kept["tags"] = {"process": process, **marks()}
    raised: Any = kept.get("exception") or {}
    for error in raised.get("values") or ():
        if not is_ours(error.get("module") or ""):
            error["value"] = ""
    return secrets.struck_out_of(kept)
