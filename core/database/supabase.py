"""The transport over Supabase's REST interface, for those who have a project's URL and key."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any

import orjson

from core.database import Argument
from core.database.failures import CallError, RequestTooLarge, check_names
from core.database.lease_lock import hold
from core.database.selfcheck import check_database
from core.database.supabase_project import Project
from core.database.supabase_refusals import NeedsOperator, is_an_answer, refusal, unreachable
from core.errors import Misconfigured, Unavailable

if TYPE_CHECKING:
    import httpx
    from supabase import AsyncClient

log = logging.getLogger(__name__)

_CONNECT_SECONDS = 5.0
_SILENCE_SECONDS = 10.0  # hosted functions are cut after 8
_CALL_SECONDS = 15.0
_TRIES_SECONDS = 5.0
_CONNECTIONS = 32
BODY_BYTES = 1_000_000
"""The most that is sent in one call; hosted Supabase names no limit of its own."""


class SupabaseDatabase:
    """See core.database.Database.

    REST carries no NOTIFY and no locks of a session: `notifications` stays silent, so the polling
    of its listener is all there is, and `exclusive` holds a row that it renews.
    """

    notifies = False

    def __init__(
        self, url: str, key: str, *, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        """`key` is a secret key of the project, of the new kind (sb_secret_…) or the old one
        (service_role); `transport` replaces the network, for tests."""
        self._url = url
        self._key = key
        self._transport = transport
        self._project: Project
        self._http: httpx.AsyncClient | None = None
        self._client: AsyncClient | None = None

    async def open(self) -> None:
        """Prove that this is the bot's own project, whole and of its time.

        Raises Misconfigured with what the operator has to change, Unavailable if trying later may
        help. Odd things that can be lived with go to the log as warnings.
        """
        await self.connect()
        try:
            await check_database(self)
        except NeedsOperator as error:
            await self.close()
            raise Misconfigured(str(error)) from None
        except Unavailable as error:
            await self.close()
            line = str(error).removeprefix("service_state: ")
            raise Unavailable(f"SUPABASE_URL: {line}; this may pass: try again") from None
        except BaseException:
            await self.close()
            raise

    async def connect(self) -> None:
        """Prepare for calls without asking the server anything. Raises Misconfigured for settings
        that are wrong on the face of them."""
        self._project = Project.at(self._url, self._key)
        # 0.8 s of imports that no other transport has to pay.
        import httpx
        from supabase import AsyncClientOptions, create_async_client
        from supabase._async.client import SupabaseException

        self._http = httpx.AsyncClient(
            # Keys of the new kind are refused to whatever looks like a browser.
            headers={"User-Agent": "vision-path"},
            timeout=httpx.Timeout(_SILENCE_SECONDS, connect=_CONNECT_SECONDS),
            limits=httpx.Limits(
                max_connections=_CONNECTIONS, max_keepalive_connections=_CONNECTIONS
            ),
            event_hooks={"request": [self._sign], "response": [_expect_an_answer]},
            transport=self._transport,
        )
        options = AsyncClientOptions(
            httpx_client=self._http, auto_refresh_token=False, persist_session=False
        )
        try:
            self._client = await create_async_client(self._project.url, self._key, options)
        except SupabaseException as error:
            await self.close()
            raise Misconfigured(f"SUPABASE_URL or SUPABASE_SECRET_KEY: {error.message}") from None

    async def close(self) -> None:
        self._client = None
        if self._http is not None:
            await self._http.aclose()
            self._http = None

    async def call(self, function: str, /, **arguments: Argument) -> Any:
        """As the Protocol says, within 15 s. Raises `RequestTooLarge` for more than 1 MB."""
        import tenacity

        check_names(function, tuple(arguments))
        parameters = {f"p_{name}": _wire(value) for name, value in arguments.items()}
        size = _size(function, parameters)
        if self._client is None:
            raise Unavailable(f"{function}: the database is not open")
        # The library never repeats a POST by itself, and ours may all be repeated.
        tries = tenacity.AsyncRetrying(
            stop=tenacity.stop_after_attempt(3) | tenacity.stop_after_delay(_TRIES_SECONDS),
            wait=tenacity.wait_exponential_jitter(multiplier=0.1, max=1.0, jitter=0.1),
            retry=tenacity.retry_if_exception_type(Unavailable)
            & tenacity.retry_if_not_exception_type(NeedsOperator),
            reraise=True,
        )
        try:
            async with asyncio.timeout(_CALL_SECONDS):
                return await tries(self._once, self._client, function, parameters, size)
        except TimeoutError:
            raise Unavailable(
                f"{function}: no answer from {self._project.host} in {_CALL_SECONDS:.0f} s"
            ) from None

    async def notifications(self, channel: str) -> AsyncIterator[str]:
        log.debug("no notifications on %s over REST", channel)
        await asyncio.Event().wait()
        yield ""  # never reached; it makes this a generator

    def exclusive(self, name: str) -> AbstractAsyncContextManager[None]:
        """As the Protocol says; a killed holder's lock is free after 15 s."""
        return hold(self.call, name)

    async def _once(
        self, client: AsyncClient, function: str, parameters: dict[str, Any], size: int
    ) -> Any:
        import httpx

        try:
            return (await client.rpc(function, parameters).execute()).data
        except _Refused as refused:
            raise refusal(self._project, function, size, refused.response) from None
        except httpx.HTTPError as error:
            raise unreachable(self._project, function, error) from None

    async def _sign(self, request: httpx.Request) -> None:
        """The library sends every key as a token too, which one of the new kind is not: a server
        that does not exchange it would refuse the call."""
        if not self._project.key_is_token:
            request.headers.pop("Authorization", None)


class _Refused(Exception):
    def __init__(self, response: httpx.Response) -> None:
        super().__init__(response.status_code)
        self.response = response


async def _expect_an_answer(response: httpx.Response) -> None:
    """The library would take a web page for an answer, and lose the status of a refusal."""
    if not is_an_answer(response):
        await response.aread()
        raise _Refused(response)


def _wire(value: Argument) -> Any:
    if value is None or isinstance(value, str | bool | int | float):
        return value
    return dict(value) if isinstance(value, Mapping) else list(value)


def _size(function: str, parameters: dict[str, Any]) -> int:
    try:
        size = len(orjson.dumps(parameters))
    except orjson.JSONEncodeError:
        # A lone surrogate; the library's own message would show the text round it.
        raise CallError(function, "22021") from None
    if size > BODY_BYTES:
        raise RequestTooLarge(function, size)
    return size
