"""The worker that gathers everything about a person and sends it, volume by volume.

A job is a row with a lease. A volume that has arrived is never sent again: whoever takes the job
up after a kill goes on behind it, so one volume at most comes twice. No volume is ever whole in
memory, and none is left on the disk.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, aclosing, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from core.background import Background
from core.database import Database
from core.errors import CoreError, FileMissing, LeaseLost, Unavailable
from core.files import FileStore
from core.own_data.front import ExportFront, ExportJob, Unreachable
from core.own_data.portions import Kept, Place, Portion, Portions
from core.own_data.volume import OVERHEAD, VOLUME_BYTES, Volume
from core.own_data.waking import Waking

log = logging.getLogger(__name__)

LEASE_SECONDS = 60
RENEW_SECONDS = 15.0
PROGRESS_SECONDS = 3.0
TRIES = 8
"""In a row, without a volume that arrived."""

_BYTES_PER_UNIT = 20_000
"""So many bytes of a file take about as long as a message."""


class Exporting:
    def __init__(
        self,
        db: Database,
        store: FileStore,
        front: ExportFront,
        background: Background,
        waking: Waking,
    ) -> None:
        self._db = db
        self._store = store
        self._front = front
        self._background = background
        self._waking = waking

    async def run(self) -> None:
        """Until cancelled: one job after the other."""
        while True:
            try:
                worked = await self.once()
            except CoreError as error:
                log.warning("no export is looked for: %s", error)
                worked = False
            if not worked:
                await self._waking.wait()

    async def once(self) -> bool:
        """Work at the oldest job that waits; false if there is none."""
        row = (await self._db.call("claim_export", lease_seconds=LEASE_SECONDS))["export"]
        if row is None:
            return False
        job = _job(row)
        keeping = self._background.spawn(self._keep(job), "lease of an export")
        try:
            await _Run(self._db, self._store, self._front, job).whole()
        except LeaseLost:
            log.info("another process goes on with an export")
        except Unreachable:
            await self._finish(job, "unreachable")
        except Unavailable as error:
            await self._put_off(job, str(error))
        except Exception as error:
            log.exception("an export broke off")
            await self._put_off(job, type(error).__name__)
        finally:
            keeping.cancel()
        return True

    async def _put_off(self, job: ExportJob, why: str) -> None:
        if job.attempt >= TRIES:
            log.error("an export is given up: %s", why)
            await self._finish(job, why)
            await self._front.failed(job)
            return
        log.warning("an export pauses: %s", why)
        with suppress(CoreError):
            await self._db.call(
                "postpone_export", id=job.id, lease=job.lease, seconds=min(600, 5 * 2**job.attempt)
            )

    async def _finish(self, job: ExportJob, failure: str | None) -> None:
        with suppress(LeaseLost):
            await self._db.call("finish_export", id=job.id, lease=job.lease, failure=failure)

    async def _keep(self, job: ExportJob) -> None:
        with suppress(LeaseLost):
            while True:
                await asyncio.sleep(RENEW_SECONDS)
                with suppress(Unavailable):
                    await _renew(self._db, job, None)


class _Run:
    """One try at one job."""

    def __init__(self, db: Database, store: FileStore, front: ExportFront, job: ExportJob) -> None:
        self._db = db
        self._store = store
        self._front = front
        self._job = job
        self._sent = job.volumes
        self._left_out: list[str] = []
        self._units = 0
        self._whole = max(1, job.messages + job.files + job.bytes // _BYTES_PER_UNIT)
        self._shown_at = -PROGRESS_SECONDS

    async def whole(self) -> None:
        job = self._job
        async with AsyncExitStack() as stack:
            folder = await stack.enter_async_context(self._store.scratch())
            portions = Portions(self._db, job, self._front.words(job)).after(job.place)
            await stack.enter_async_context(aclosing(portions))
            await self._volumes(folder, portions)
        await self._db.call("finish_export", id=job.id, lease=job.lease, failure=None)
        await self._front.finished(job, self._sent, self._left_out)

    async def _volumes(self, folder: Path, portions: AsyncGenerator[Portion, None]) -> None:
        portion = await anext(portions, None)
        while portion:
            async with Volume(folder, self._sent + 1) as volume:
                place: Place | None = None
                while portion and volume.fits(portion.size + OVERHEAD * len(portion.members)):
                    await self._add(volume, portion)
                    place = portion.next
                    portion = await anext(portions, None)
                if volume.members:
                    await self._send(volume, place, last=portion is None)

    async def _add(self, volume: Volume, portion: Portion) -> None:
        for name, content in portion.members:
            if isinstance(content, bytes):
                await volume.add(name, _once(content), packed=False)
            else:
                await self._add_kept(volume, name, content)
        self._units += portion.units + portion.size // _BYTES_PER_UNIT
        await self._show()

    async def _add_kept(self, volume: Volume, name: str, kept: Kept) -> None:
        if kept.size > VOLUME_BYTES - OVERHEAD:
            self._left_out.append(name)
            return
        async with aclosing(self._store.read(kept.path)) as chunks:
            try:
                first = await anext(chunks, b"")
            except FileMissing:
                self._left_out.append(name)
                return
            await volume.add(name, _and(first, chunks), packed=True)

    async def _send(self, volume: Volume, place: Place | None, *, last: bool) -> None:
        await volume.finish()
        await _renew(self._db, self._job, None)
        await self._front.send(self._job, volume, last=last)
        self._sent += 1
        await self._db.call("volume_sent", id=self._job.id, lease=self._job.lease, place=place)

    async def _show(self) -> None:
        if time.monotonic() - self._shown_at < PROGRESS_SECONDS:
            return
        percent = min(99, self._units * 100 // self._whole)
        message_id = await self._front.progress(self._job, percent)
        await _renew(self._db, self._job, message_id)
        self._shown_at = time.monotonic()


async def _renew(db: Database, job: ExportJob, message_id: int | None) -> None:
    await db.call(
        "renew_export",
        id=job.id,
        lease=job.lease,
        lease_seconds=LEASE_SECONDS,
        message_id=message_id,
    )


async def _once(content: bytes) -> AsyncGenerator[bytes, None]:
    yield content


async def _and(first: bytes, rest: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    yield first
    async for chunk in rest:
        yield chunk


def _job(row: dict[str, Any]) -> ExportJob:
    return ExportJob(
        id=row["id"],
        lease=row["lease"],
        attempt=row["attempt"],
        chat_id=row["chat_id"],
        thread_id=row["thread_id"],
        message_id=row["message_id"],
        place=row["place"],
        volumes=row["volumes"],
        created_at=datetime.fromisoformat(row["created_at"]),
        language=row["language"],
        timezone=row["timezone"],
        messages=row["messages"],
        files=row["files"],
        bytes=row["bytes"],
    )
