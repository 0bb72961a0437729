"""What the settings lead to, opened for a checkup: like core.app, but each part by itself, and
without the work that only a bot may do (migrations, leases, sweeping)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from core.background import Background
from core.building import embedded_postgres, file_store, over_rest, supabase_database
from core.checkup.clock import Clock
from core.checkup.ledger import Ledger
from core.database import Database
from core.database.selfcheck import DatabaseState
from core.files import FileStore
from core.settings import CoreSettings
from core.speech import Spoken

log = logging.getLogger(__name__)

_CLOSE_SECONDS = 10.0


class Parts:
    """`state` is set once the database has told it; `spoken` is what the voice has said."""

    def __init__(self, settings: CoreSettings, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        self.ledger = Ledger()
        self.state: DatabaseState | None = None
        self.spoken: Spoken | None = None
        self.dsn = ""
        self.db: Database | None = None
        self._closing: list[Callable[[], Awaitable[object]]] = []

    @property
    def over_rest(self) -> bool:
        """Supabase by its URL: migrations are brought by others then."""
        return over_rest(self.settings)

    @property
    def is_embedded(self) -> bool:
        return not self.settings.supabase_url and not self.settings.database_url.get_secret_value()

    @property
    def embedded_exists(self) -> bool:
        """Also for one that can't be looked at or has lost its folder: its start tells more."""
        place = self.settings.data_dir.absolute() / "postgres"
        try:
            return place.is_symlink() or (place / "data" / "PG_VERSION").exists()
        except PermissionError:
            return True

    def closes(self, close: Callable[[], Awaitable[object]]) -> None:
        self._closing.append(close)

    async def open_database(self) -> Database:
        """Raises Misconfigured or Unavailable. Joins the embedded server's users as one more; a
        server that takes too long to start is left to the next who starts it."""
        settings = self.settings
        self.dsn = settings.database_url.get_secret_value()
        if self.over_rest:
            supabase = supabase_database(settings)
            self.closes(supabase.close)
            await supabase.connect()
            self.db = supabase
            return supabase
        if embedded := embedded_postgres(settings):
            self.dsn = await embedded.start()
            self.closes(embedded.stop)
        from core.database.postgres import PostgresDatabase

        database = PostgresDatabase(self.dsn, pool_size=1)
        self.closes(database.close)
        await database.open()
        self.db = database
        return database

    async def server_version(self) -> int | None:
        """As PostgreSQL numbers it, such as 170006, where the state can't tell it."""
        if self.state is not None:
            return self.state.server_version
        if self.over_rest:
            return None
        import psycopg

        connection = await psycopg.AsyncConnection.connect(self.dsn, connect_timeout=5)
        async with connection:
            return connection.info.server_version

    async def open_files(self) -> FileStore:
        """Raises Misconfigured or Unavailable."""
        store = file_store(self.settings)
        self.closes(store.close)
        await store.open()
        return store

    async def close(self) -> None:
        """In reverse order. What does not close in time is left: it goes with the process."""
        background = Background()
        for close in reversed(self._closing):
            task = background.spawn(_closed(close), "close a part of the checkup")
            await asyncio.wait({task}, timeout=_CLOSE_SECONDS)
        self._closing.clear()


def host_of(url: str) -> str:
    """Host and port as people write them; nothing else of an address is for every eye."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)


async def _closed(close: Callable[[], Awaitable[object]]) -> None:
    try:
        await close()
    except Exception as error:
        log.warning("after the checkup: %s: %s", type(error).__name__, error)
