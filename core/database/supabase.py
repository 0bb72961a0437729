"""The transport over Supabase's REST interface, for those who have a project's URL and key."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Any

from core.database import Argument
from core.database.failures import check_names, failure, is_temporary, no_such_function
from core.errors import CoreError, Misconfigured, Unavailable

if TYPE_CHECKING:
    import httpx
    from postgrest.exceptions import APIError
    from supabase import AsyncClient

log = logging.getLogger(__name__)

_CALL_SECONDS = 10.0
_TRIES_SECONDS = 5.0
_CONNECTIONS = 32
# HTTP statuses of proxies on the way, and PostgREST without its database or its schema cache.
_TEMPORARY = re.compile(r"429|5\d\d|PGRST00[0-3]")
_REFUSED = re.compile(r"401|403|42501|PGRST30\d")


class SupabaseDatabase:
    """See core.database.Database.

    REST carries no NOTIFY and no locks of a session: `notifications` stays silent, so the polling
    of its listener is all there is, and `exclusive` excludes nobody.
    """

    def __init__(
        self, url: str, key: str, *, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        """`key` is the project's secret key; `transport` replaces the network, for tests."""
        self._url = url
        self._key = key
        self._transport = transport
        self._http: httpx.AsyncClient | None = None
        self._client: AsyncClient | None = None

    async def open(self) -> None:
        """Prepare the client; the network is first used by the first call."""
        # 0.8 s of imports that no other transport has to pay.
        import httpx
        from supabase import AsyncClientOptions, create_async_client
        from supabase._async.client import SupabaseException

        self._http = httpx.AsyncClient(
            timeout=_CALL_SECONDS,
            limits=httpx.Limits(
                max_connections=_CONNECTIONS, max_keepalive_connections=_CONNECTIONS
            ),
            transport=self._transport,
        )
        options = AsyncClientOptions(
            httpx_client=self._http, auto_refresh_token=False, persist_session=False
        )
        try:
            self._client = await create_async_client(self._url, self._key, options)
        except SupabaseException as error:
            await self.close()
            raise Misconfigured(f"SUPABASE_URL or SUPABASE_SECRET_KEY: {error.message}") from None

    async def close(self) -> None:
        self._client = None
        if self._http is not None:
            await self._http.aclose()
            self._http = None

    async def call(self, function: str, /, **arguments: Argument) -> Any:
        import tenacity

        check_names(function, tuple(arguments))
        parameters = {f"p_{name}": _wire(value) for name, value in arguments.items()}
        # The library never repeats a POST by itself, and ours may all be repeated.
        tries = tenacity.AsyncRetrying(
            stop=tenacity.stop_after_attempt(3) | tenacity.stop_after_delay(_TRIES_SECONDS),
            wait=tenacity.wait_exponential_jitter(multiplier=0.1, max=1.0, jitter=0.1),
            retry=tenacity.retry_if_exception_type(Unavailable),
            reraise=True,
        )
        return await tries(self._once, function, parameters)

    async def notifications(self, channel: str) -> AsyncIterator[str]:
        log.debug("no notifications on %s over REST", channel)
        await asyncio.Event().wait()
        yield ""  # never reached; it makes this a generator

    def exclusive(self, name: str) -> AbstractAsyncContextManager[None]:
        """Granted at once to everybody: run one process, or use DATABASE_URL."""
        return _granted(name)

    async def _once(self, function: str, parameters: dict[str, Any]) -> Any:
        import httpx
        from postgrest.exceptions import APIError

        if self._client is None:
            raise Unavailable(f"{function}: the database is not open")
        try:
            return (await self._client.rpc(function, parameters).execute()).data
        except APIError as error:
            raise _failure(function, error) from None
        except httpx.HTTPError as error:
            raise Unavailable(f"{function}: {type(error).__name__}") from None


def _wire(value: Argument) -> Any:
    if value is None or isinstance(value, str | bool | int | float):
        return value
    return dict(value) if isinstance(value, Mapping) else list(value)


def _failure(function: str, error: APIError) -> CoreError:
    code, message = error.code or "", error.message or ""
    log.debug("%s: %s %s", function, code, message)
    if code == "PGRST202":
        return no_such_function(function)
    # The gateway in front of PostgREST gives no code.
    if _REFUSED.fullmatch(code) or (not code and "API key" in message):
        return Misconfigured(f"SUPABASE_SECRET_KEY may not call {function} ({code or message})")
    if not code or _TEMPORARY.fullmatch(code) or is_temporary(code):
        return Unavailable(f"{function}: {code or message}")
    return failure(function, code, message)


@asynccontextmanager
async def _granted(name: str) -> AsyncGenerator[None]:
    log.debug("no lock %s over REST", name)
    yield
