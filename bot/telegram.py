"""The way to Telegram: one HTTP pool, the token never in an error, flood waits obeyed per chat."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextvars import ContextVar
from typing import Any

import orjson
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.session.middlewares.base import (
    BaseRequestMiddleware,
    NextRequestMiddlewareType,
)
from aiogram.client.telegram import PRODUCTION, TelegramAPIServer
from aiogram.exceptions import (
    AiogramError,
    ClientDecodeError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.methods import (
    Response,
    SendChatAction,
    SendMessageDraft,
    SendRichMessageDraft,
    TelegramMethod,
)
from aiogram.methods.base import TelegramType

from bot.observing.reports import TelegramCall
from core import tell

log = logging.getLogger(__name__)

REQUEST_SECONDS = 30.0

TOKEN_REFUSED = "BOT_TOKEN is refused by Telegram: has it been revoked?"  # noqa: S105

patience: ContextVar[float] = ContextVar("patience", default=60.0)
"""Seconds a call may wait for flood control in all before `TelegramRetryAfter` gets through."""


def build_bot(token: str, api_url: str | None, connections: int) -> Bot:
    """A bot on Telegram, or on the Bot API server at `api_url`. It opens nothing
    before its first call.

    There is no default `parse_mode`: Telegram would ignore entities. Close with
    `await bot.session.close()`.
    """
    api = TelegramAPIServer.from_base(api_url) if api_url else PRODUCTION
    session = DiscreetSession(
        api=api,
        limit=connections,
        json_loads=orjson.loads,
        json_dumps=_dumps,
        timeout=REQUEST_SECONDS,
    )
    session.middleware(FloodWaits())
    return Bot(token, session=session)


class DiscreetSession(AiohttpSession):
    """Telegram's addresses contain the token; errors that quote one are made anew without it.

    An answer that is no answer of a Bot API (a proxy's error page, say) counts as a server error.
    """

    async def make_request(
        self, bot: Bot, method: TelegramMethod[TelegramType], timeout: int | None = None
    ) -> TelegramType:
        began = time.monotonic()
        failure: BaseException | None = None
        try:
            return await self._request(bot, method, timeout)
        except BaseException as error:
            failure = error
            raise
        finally:
            _tell_of(method, failure, time.monotonic() - began)

    async def _request(
        self, bot: Bot, method: TelegramMethod[TelegramType], timeout: int | None
    ) -> TelegramType:
        try:
            return await super().make_request(bot, method, timeout)
        except TelegramAPIError as error:
            failure = error
            if type(error) is TelegramNetworkError:
                failure = TelegramNetworkError(method, _without(bot.token, error.message))
        except (ClientDecodeError, UnicodeDecodeError) as error:
            # The original quotes the body, which may hold people's messages.
            body: Any = getattr(error, "data", None)
            done = isinstance(body, dict) and body.get("ok") is True  # pyright: ignore[reportUnknownMemberType]
            kind = DoneUnreadably if done else TelegramServerError
            failure = kind(method, "the answer can't be read")
        except Exception as error:
            if bot.token not in f"{error} {error!r}":
                raise
            message = _without(bot.token, f"{type(error).__name__}: {error}")
            failure = TelegramNetworkError(method, message)
        # Outside of `except`, so that the original, which may quote the token, is not chained.
        raise failure.with_traceback(None)

    async def stream_content(
        self,
        url: str,
        headers: dict[str, Any] | None = None,
        timeout: int = 30,
        chunk_size: int = 65536,
        raise_for_status: bool = True,
    ) -> AsyncGenerator[bytes, None]:
        try:
            async for chunk in super().stream_content(
                url, headers, timeout, chunk_size, raise_for_status
            ):
                yield chunk
            return
        except Exception as error:
            failure = DownloadFailed(type(error).__name__, getattr(error, "status", None))
        raise failure


def may_be_done(error: TelegramNetworkError) -> bool:
    """Whether the call may have reached Telegram all the same: the connection stood."""
    return "Connector" not in error.message


class DoneUnreadably(TelegramServerError):
    """It is done, says Telegram, in words we cannot read: repeating would do it twice."""


class DownloadFailed(AiogramError):
    """A file did not come. `status` is the HTTP status, None if there was no answer."""

    def __init__(self, kind: str, status: int | None) -> None:
        super().__init__(f"{kind}, status {status}")
        self.status = status


class FloodWaits(BaseRequestMiddleware):
    """Waits as long as Telegram asks, then repeats the call; other chats go on meanwhile.

    Drafts, chat actions and polling decide themselves: for them waiting makes no sense.
    """

    def __init__(self, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep) -> None:
        self._sleep = sleep

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        if _decides_itself(method):
            return await make_request(bot, method)
        left = patience.get()
        while True:
            try:
                return await make_request(bot, method)
            except TelegramRetryAfter as error:
                if error.retry_after > left:
                    raise
                left -= error.retry_after
                log.warning("%s waits %ss", type(method).__name__, error.retry_after)
                await self._sleep(error.retry_after)


_OUTCOMES: tuple[tuple[type[BaseException], str], ...] = (
    (asyncio.CancelledError, "cancelled"),
    (TelegramRetryAfter, "flood"),
    (TelegramNetworkError, "network"),
    (TelegramServerError, "server"),
    (TelegramForbiddenError, "forbidden"),
    (TelegramUnauthorizedError, "unauthorized"),
    (TelegramConflictError, "conflict"),
    (TelegramBadRequest, "bad_request"),
)


def _tell_of(method: object, failure: BaseException | None, seconds: float) -> None:
    name = method.__api_method__ if isinstance(method, TelegramMethod) else "other"
    outcome = "ok"
    if failure:
        outcome = next((word for kind, word in _OUTCOMES if isinstance(failure, kind)), "refused")
    asked = failure.retry_after if isinstance(failure, TelegramRetryAfter) else 0.0
    tell(TelegramCall(name, outcome, seconds, float(asked)))


def _decides_itself(method: object) -> bool:
    polling = isinstance(method, TelegramMethod) and method.__api_method__ == "getUpdates"
    return polling or isinstance(method, SendMessageDraft | SendRichMessageDraft | SendChatAction)


def _dumps(value: Any) -> str:
    return orjson.dumps(value).decode()


def _without(token: str, text: str) -> str:
    return text.replace(token, "***")
