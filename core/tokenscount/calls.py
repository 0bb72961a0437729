"""One attempt at one answer: asked, listened to within deadlines, and accounted for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import Any, cast, get_args

from core.database import Database
from core.llm import (
    ChatMessage,
    Done,
    Event,
    Model,
    ModelRequest,
    Role,
    Started,
    TextDelta,
    Tool,
)
from core.llm.answering import Deadlines
from core.llm.failures import CallFailed
from core.tokenscount.account import Account
from core.tokenscount.rows import write_row
from core.tokenscount.telling import tell_of

log = logging.getLogger(__name__)

_SHOWN_PROMPT = 80


async def call_model_and_log_tokens(
    *,
    db: Database,
    client: Model,
    clientid: str,
    clienttype: str,
    provider: str,
    model: str,
    messages: Sequence[ChatMessage | Mapping[str, str]],
    meta: Mapping[str, Any],
    tools: Sequence[Tool] = (),
    on_text: Callable[[str], None] | None = None,
    effort: str | None = None,
    max_output_tokens: int | None = None,
    safety_id: str | None = None,
    attempt: int = 1,
    deadlines: Deadlines = Deadlines(),  # noqa: B008  # frozen
    seconds: float | None = None,
) -> Done:
    """Ask the model once and write one row about it, however it ends. The only way to call a model.

    `on_text` gets every piece of text as it comes. `seconds` is what is left of the total, if some
    of it has been used; a model that is heard to reason gets the time to the first token anew.
    With `tools`, what the model wants called is in the answer's `tool_calls`, and its text may be
    empty; a server that knows no tools is asked without them.
    Raises `CallFailed`, without repeating: that is the work of `core.llm.answering`. A cancelled
    call is counted as stopped.

    `meta` should name `module`, `purpose` and `visionid`; the row's meta holds them and how the
    call went. A database that is away delays the row, not the answer.
    """
    request = ModelRequest(
        model,
        tuple(map(_chat_message, messages)),
        effort,
        max_output_tokens,
        safety_id,
        tuple(tools),
    )
    if log.isEnabledFor(logging.DEBUG):
        log.debug("model call asks: %r", _last_words(request)[:_SHOWN_PROMPT])
    account = Account(request)
    try:
        async with (
            aclosing(client.stream(request)) as stream,
            aclosing(_in_time(stream, deadlines, seconds)) as events,
        ):
            async for event in events:
                account.hear(event)
                if on_text and isinstance(event, TextDelta):
                    on_text(event.text)
        return _whole(account.done)
    except BaseException as error:
        account.fail(error)
        if isinstance(error, CallFailed) and error.detail:
            log.debug("the model's server says: %s", error.detail)
        raise
    finally:
        row = account.row(
            meta={**meta, "api": client.api, "attempt": attempt},
            clientid=clientid,
            clienttype=clienttype,
            provider=provider,
        )
        tell_of("model call", row, log)
        await write_row(db, row)


async def _in_time(
    events: AsyncGenerator[Event, None], deadlines: Deadlines, seconds: float | None
) -> AsyncGenerator[Event, None]:
    clock = asyncio.get_running_loop().time
    ends = clock() + (deadlines.total if seconds is None else seconds)
    wait, code = deadlines.first_token, "first_token"
    until = clock() + wait
    while True:
        limit = asyncio.timeout_at(min(until, ends))
        try:
            async with limit:
                event = await anext(events)
        except StopAsyncIteration:
            return
        except TimeoutError:
            if not limit.expired():
                raise
            code = code if until <= ends else "total"
            raise CallFailed("timeout", code) from None
        yield event
        if isinstance(event, TextDelta):
            wait, code = deadlines.gap, "gap"
        if not isinstance(event, Started):
            until = clock() + wait


def _whole(done: Done | None) -> Done:
    if done is None:
        raise CallFailed("cut", "no_finish")
    if not done.text.strip() and not done.tool_calls and done.finish != "filter":
        raise CallFailed("failed", "empty_answer")
    return done


def _chat_message(message: ChatMessage | Mapping[str, str]) -> ChatMessage:
    if isinstance(message, ChatMessage):
        return message
    role = "system" if message["role"] == "developer" else message["role"]
    if role not in get_args(Role):
        raise ValueError(f"a model takes no messages from {role!r}")
    call_id = message.get("tool_call_id")
    if role == "tool" and not call_id:
        raise ValueError("a tool's message names no tool_call_id")
    return ChatMessage(cast("Role", role), message["content"], tool_call_id=call_id)


def _last_words(request: ModelRequest) -> str:
    return next((m.content for m in reversed(request.messages) if m.role == "user"), "")
