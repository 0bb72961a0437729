"""Where the product is put together: the only module of core that knows concrete classes."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import socket
from collections.abc import Coroutine, Mapping
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from pathlib import Path
from typing import Any

from core.access import Access, access_over, policy_of
from core.administration import Administration
from core.background import Background
from core.broadcasts import Broadcasts
from core.broadcasts.sending import BroadcastSends
from core.building import (
    companion_of,
    embedded_postgres,
    file_store,
    hearing,
    moderator,
    over_rest,
    speaking,
    supabase_database,
    uses_of,
)
from core.care import Care
from core.care.help_lines import read_help_lines
from core.care.moderating import ServerModeration
from core.database import Database
from core.database.embedded import EmbeddedPostgres
from core.dialogue.attachments import Attachments
from core.dialogue.caring import CaringCompanion
from core.dialogue.deliveries import StoredDeliveries
from core.dialogue.front import Front
from core.dialogue.messages import Dialogue
from core.dialogue.turns import Turns
from core.dialogue.voicing import Voices
from core.errors import CoreError, Misconfigured, Unavailable
from core.feedback import Feedback
from core.files import FileStore
from core.inbox import Inbox
from core.isolated.processes import IsolatedProcesses
from core.limits import Limits
from core.llm import Model
from core.llm.client import open_model
from core.llm.moderating import Moderator
from core.notices import Notices
from core.observing import observed, observer
from core.observing.queues import Queues, read_queues
from core.own_data import OwnData
from core.own_data.front import ExportFront, Farewell
from core.own_data.waking import Waking
from core.problems import Problems
from core.problems.model_health import ModelHealth
from core.problems.outage import Tell
from core.problems.reports import Reports
from core.problems.rounds import Rounds, disk_space
from core.settings import CoreSettings
from core.speech import Hearing, Speaking
from core.statistics import Statistics
from core.tokenscount import flush, use_prices
from core.users import Users
from core.visions import Visions

log = logging.getLogger(__name__)

MIGRATIONS = Path(__file__).parent.parent / "migrations"
TOKEN_ROWS_SECONDS = 5.0
"""How long a stopping process may take for token rows that still wait for the database."""


class Core:
    """The product: open it, use its areas, close it."""

    def __init__(
        self,
        settings: CoreSettings,
        embedded: EmbeddedPostgres | None = None,
        *,
        works: bool = True,
        governs: bool = True,
    ) -> None:
        """`embedded` may have been launched already, so that it starts while Python imports.
        Without `works` the process only takes in what people say: it has no model, no hearing and
        no voice. Without `governs` its settings say nothing of who may come in, and how much: a
        command that is run from another shell must not open a closed bot."""
        self._settings = settings
        self._works = works
        self._governs = governs
        self._embedded = embedded or embedded_postgres(settings)
        self._db: Database
        self._model: Model
        self._store: FileStore
        self._hearing: Hearing | None = None
        self._moderator: Moderator | None = None
        self._speaking: Speaking | None = None
        self._isolated = IsolatedProcesses()
        self.background = Background()
        self.reports = Reports()
        self.health = ModelHealth(uses_of(settings), self.reports, observer())
        self.problems: Problems
        self.access: Access
        self.administration: Administration
        self.users: Users
        self.limits: Limits
        self.visions: Visions
        self.statistics: Statistics
        self.dialogue: Dialogue
        self.care: Care
        self.turns: Turns
        self.deliveries: StoredDeliveries
        self.notices: Notices
        self.broadcasts: Broadcasts
        self.broadcast_sends: BroadcastSends
        self.attachments: Attachments
        self.voices: Voices | None = None
        self.inbox: Inbox
        self.own_data: OwnData
        self.feedback: Feedback
        self._waking: Waking

    async def open(self) -> None:
        """Database up and migrated, areas ready. Raises `Misconfigured` or `Unavailable`."""
        settings = self._settings
        self._use_prices()
        if self._works:
            self._model = open_model(
                api=settings.llm_api,
                api_key=settings.openai_api_key.get_secret_value(),
                base_url=settings.openai_base_url,
                connections=settings.turns_in_flight,
            )
            self._hearing = hearing(settings)
            self._speaking = speaking(settings)
            self._moderator = moderator(settings)
        if self._embedded:
            self._embedded.launch(settling=True)
        self._db = await self._open_database()
        if self._governs:
            await self._db.call("set_policy", policy=policy_of(settings))
        self._store = file_store(settings)
        await self._store.open()
        if self._embedded:
            self.background.spawn(self._embedded.watch(), "database watch")
        if self._embedded and self._embedded.sole:
            released = await self._db.call("release_leases")
            if any(released.values()):
                log.info("taking up what a killed process left: %s", released)
            self._embedded.settled()
        worker = f"{socket.gethostname()}:{os.getpid()}"
        self.problems = Problems(self._db)
        self.access = access_over(self._db)
        self.administration = Administration(self._db)
        self.users = Users(self._db)
        self.limits = Limits(self._db)
        self.visions = Visions(self._db)
        self.statistics = Statistics(self._db, self._isolated)
        self.turns = Turns(
            self._db,
            self.background,
            worker=worker,
            history=settings.max_messages,
            limit=settings.turns_in_flight,
            speaks=self._speaking is not None,
        )
        self.dialogue = Dialogue(self._db, self.turns)
        self.deliveries = StoredDeliveries(self._db, per_second=settings.sends_per_second)
        self.notices = Notices(self._db, per_second=settings.sends_per_second)
        self.broadcasts = Broadcasts(self._db)
        self.broadcast_sends = BroadcastSends(
            self._db, worker=worker, per_second=settings.sends_per_second
        )
        moderation = ServerModeration(self._db, self._moderator) if self._moderator else None
        self.care = Care(read_help_lines(settings.help_lines_file), moderation)
        self.attachments = Attachments(self._db, self._store)
        if self._speaking:
            self.voices = Voices(
                self._db,
                self._store,
                self._speaking,
                self._model,
                summing=settings.llm_model_cheap,
            )
        self._waking = Waking(self._db)
        self.own_data = OwnData(self._db, self._waking.wake)
        self.feedback = Feedback(self._db)
        self.inbox = Inbox(self._db, holder=f"{worker}:{secrets.token_hex(4)}")

    def _use_prices(self) -> None:
        settings = self._settings
        prices = use_prices(settings.prices_file)
        if self._works and settings.budget_usd_per_day:
            from core.checkup.prices import unpriced

            if unknown := unpriced(settings, prices):
                log.warning(
                    "BUDGET_USD_PER_DAY does not see what %s cost: no price is known, see"
                    " PRICES_FILE",
                    ", ".join(unknown),
                )

    async def work(self, front: Front) -> None:
        """Answer turns until cancelled."""
        from core.files.sweeping import Sweeper

        companion = companion_of(
            self._settings,
            self._db,
            self._model,
            self._store,
            self._hearing,
            self._isolated,
            self.background,
            front.trouble,
        )
        # Its library is the slowest import of all.
        self.background.spawn(self._model.warm(), "model: warm up")
        self.background.spawn(asyncio.to_thread(self.care.warm), "care: warm up")
        self.background.spawn(Sweeper(self._db, self._store).run(), "sweep of the file store")
        await self.turns.run(CaringCompanion(companion, self.care, self.background), front)

    def noticing(self) -> AbstractContextManager[None]:
        """Inside, calls of models tell whether the models work."""
        return observed(self.health)

    async def watch_over(self, tell: Tell) -> None:
        """Look for problems and tell admins of them, until cancelled. `tell` must not raise."""
        folder = self._settings.data_dir.absolute()
        rounds = Rounds(
            self._db,
            self.problems,
            self.reports,
            self.health,
            folders=[folder, folder / "postgres"] if self._embedded else [folder],
            usage=disk_space,
            machine=socket.gethostname(),
            holder=secrets.token_hex(8),
        )
        await rounds.run(tell)

    def own_data_works(
        self, front: ExportFront, farewell: Farewell
    ) -> Mapping[str, Coroutine[Any, Any, None]]:
        """What people have asked for with all that is theirs; each until cancelled."""
        from core.own_data.erasing import Erasing
        from core.own_data.exporting import Exporting

        exporting = Exporting(self._db, self._store, front, self.background, self._waking)
        erasing = Erasing(self._db, self._store, farewell, self._waking)
        return {
            "exports": exporting.run(),
            "erasures": erasing.run(),
            "own data asked for elsewhere": self._waking.listen(),
        }

    async def migrate(self) -> list[str]:
        """Apply what is missing and return the names; whatever was running or not stays so. Raises
        `Misconfigured` for a Supabase project known by its URL alone, which takes no migrations."""
        from core.database.migrate import migrate

        if over_rest(self._settings):
            raise Misconfigured(
                "migrations don't go over SUPABASE_URL: use `supabase db push`, or set DATABASE_URL"
            )
        dsn = await self._dsn()
        try:
            return await migrate(dsn, MIGRATIONS)
        except Unavailable as error:
            name = "the embedded database" if self._embedded else "DATABASE_URL"
            raise Unavailable(f"{name}: {error}") from error

    async def close(self) -> None:
        await self.background.drain(0)
        await flush(TOKEN_ROWS_SECONDS)
        await self._isolated.close()
        for server in (self._hearing, self._speaking, self._moderator):
            if server:
                await server.close()
        if hasattr(self, "_model"):
            await self._model.close()
        if hasattr(self, "_store"):
            await self._store.close()
        if hasattr(self, "_db"):
            await self._db.close()
        if self._embedded:
            await self._embedded.stop()

    def exclusive(self, name: str) -> AbstractAsyncContextManager[None]:
        """Wait until no other process holds `name`; held until left or the database goes away."""
        return self._db.exclusive(name)

    async def answers(self) -> bool:
        """Whether the database takes what is to be written, now."""
        try:
            # Nobody's lock: nothing changes, but a server that only reads refuses.
            await self._db.call("release_lock", name="ready", holder="")
        except CoreError as error:
            log.debug("not ready: %s", error)
            return False
        return True

    async def queues(self) -> Queues:
        """What waits, in all processes together. Raises `Unavailable`."""
        return await read_queues(self._db)

    async def _dsn(self) -> str:
        if self._embedded:
            return await self._embedded.start()
        return self._settings.database_url.get_secret_value()

    async def _open_database(self) -> Database:
        if over_rest(self._settings):
            supabase = supabase_database(self._settings)
            await supabase.open()
            return supabase
        from core.database.postgres import PostgresDatabase

        await self.migrate()
        database = PostgresDatabase(await self._dsn(), pool_size=self._settings.database_pool)
        await database.open()
        return database
