"""Files of a turn before it is answered: fetched, kept, sensed; each once, whatever is repeated."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any
from weakref import WeakValueDictionary

from core.background import Background
from core.database import Database
from core.database.patience import patiently
from core.dialogue.deliveries import read_delivery
from core.dialogue.front import Busy, Front, Preview
from core.dialogue.incoming import READ, IncomingFile
from core.dialogue.outcomes import DELIVER_SECONDS
from core.dialogue.prompt import Said
from core.dialogue.senses import Sensed, Senses
from core.dialogue.turn import Turn
from core.errors import (
    Conflict,
    FetchRefused,
    FileMissing,
    ModelError,
    TooLarge,
    Unavailable,
)
from core.files import FileStore
from core.llm.prompts import phrases
from core.reading.kinds import Treatment, treatment

log = logging.getLogger(__name__)

FILE_BYTES = 50_000_000
"""As much as Supabase's free plan keeps and as much as Telegram lets a bot send back."""

FILES_PER_TURN = 20
"""What one turn reads; the rest is kept."""

AT_ONCE: Mapping[Treatment, int] = {"hear": 32, "look": 8, "read": 8}
AT_ONCE_FOR_ONE = 3
FETCHED_AT_ONCE = 32
"""Files in the hands of this process: a server that hangs shall not hold up the others, nor one
person's pile of documents somebody else's voice."""

READINGS = 3
"""After so many failures a file is told of and left alone, so that the talk can go on."""

_BUSY: Mapping[Treatment, Busy] = {"hear": "hearing", "look": "looking", "read": "reading"}


class Preparation:
    """What has been read is saved on its message at once, so that a turn made again, here or by
    another process, does not pay for it again."""

    def __init__(
        self, db: Database, store: FileStore, senses: Senses, background: Background
    ) -> None:
        self._db = db
        self._store = store
        self._senses = senses
        self._background = background
        self._rooms = {sense: asyncio.Semaphore(count) for sense, count in AT_ONCE.items()}
        self._fetching = asyncio.Semaphore(FETCHED_AT_ONCE)
        self._own_rooms: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()
        self._running: dict[tuple[int, int, str], asyncio.Task[None]] = {}

    async def prepare(self, turn: Turn, front: Front, preview: Preview) -> bool:
        """True if something was prepared: the turn has to be read again.

        Cancelling stops the waiting; what is being read is read to its end and saved. Raises
        `Unavailable` when the front end could not hand a file over just now, and `ModelError`.
        """
        pending = [
            (number, said, file)
            for number, (said, file) in enumerate(turn.files)
            if file.state is None
        ]
        if not pending:
            return False
        tasks = [self._task(turn, front, *each) for each in pending]
        doing: list[Busy] = [_BUSY[treatment(f.kind, f.mime, f.name)] for _, _, f in pending]
        waiting = set(tasks)
        try:
            while waiting:
                done = len(tasks) - len(waiting)
                first = next(i for i, task in enumerate(tasks) if task in waiting)
                preview.busy(doing[first], done, len(tasks))
                _, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            preview.busy(None)
        _raise_first(tasks)
        return True

    def _task(
        self, turn: Turn, front: Front, number: int, said: Said, file: IncomingFile
    ) -> asyncio.Task[None]:
        """One reading of a file in this process, however many turns wait for it."""
        key = (said.id, file.index, file.unique_id)
        task = self._running.get(key)
        if task is None:
            task = self._running[key] = self._background.spawn(
                self._one(turn, front, number, said, file),
                f"file of message {said.id}",
                awaited=True,
            )
            task.add_done_callback(lambda task: self._ended(key, task))
        return task

    def _ended(self, key: tuple[int, int, str], task: asyncio.Task[None]) -> None:
        self._running.pop(key, None)
        if not task.cancelled() and (error := task.exception()):
            # Whoever waits gets it too, but they may have been told to stop.
            log.info("a file of message %d is not read: %s", key[0], type(error).__name__)

    async def _one(
        self, turn: Turn, front: Front, number: int, said: Said, file: IncomingFile
    ) -> None:
        place: dict[str, Any] = {
            "user_id": turn.user_id,
            "message_id": said.id,
            "index": file.index,
            "unique_id": file.unique_id,
        }
        try:
            try:
                sensed = await self._sensed(turn, front, number, file, place)
            except (ModelError, Unavailable) as error:
                row = await patiently(
                    "fail_reading", lambda: self._db.call("fail_reading", **place)
                )
                if row["failures"] < READINGS:
                    raise
                log.warning("a file of message %d is given up: %s", said.id, error)
                sensed = Sensed("later")
            await self._save(turn, front, file, place, sensed)
        except Conflict:
            # An edit has put another file in its place, which is prepared when the turn is read
            # again.
            log.info("a file of message %d was replaced while it was read", said.id)

    async def _sensed(
        self, turn: Turn, front: Front, number: int, file: IncomingFile, place: dict[str, Any]
    ) -> Sensed:
        try:
            path, size = await self._kept(turn, front, file, place)
            try:
                return await self._sensed_at(path, size, turn, number, file)
            except FileMissing:
                log.error("the store has lost a file of message %d", place["message_id"])
            path, size = await self._fetched(turn, front, file, place)
            return await self._sensed_at(path, size, turn, number, file)
        except FetchRefused as refused:
            return Sensed(refused.reason)
        except TooLarge:
            return Sensed("too_big")

    async def _sensed_at(
        self, path: str, size: int, turn: Turn, number: int, file: IncomingFile
    ) -> Sensed:
        if size == 0:
            return Sensed("empty")
        if number >= FILES_PER_TURN:
            return Sensed("many")
        room = self._rooms[treatment(file.kind, file.mime, file.name)]
        async with self._own_room(turn), room, self._store.local(path) as local:
            return await self._senses.sense(turn, file, local)

    def _own_room(self, turn: Turn) -> asyncio.Semaphore:
        return self._own_rooms.setdefault(turn.user_id, asyncio.Semaphore(AT_ONCE_FOR_ONE))

    async def _kept(
        self, turn: Turn, front: Front, file: IncomingFile, place: dict[str, Any]
    ) -> tuple[str, int]:
        """Where the file is in the store, and how many bytes it has."""
        if file.file_id:
            arguments = {"vision_id": turn.vision_id, "file_id": file.file_id}
            row = await patiently(
                "get_kept_file", lambda: self._db.call("get_kept_file", **arguments)
            )
            return row["path"], row["size"]
        return await self._fetched(turn, front, file, place)

    async def _fetched(
        self, turn: Turn, front: Front, file: IncomingFile, place: dict[str, Any]
    ) -> tuple[str, int]:
        async with self._own_room(turn), self._fetching:
            chunks = front.fetch(file.telegram_id)
            blob = await self._store.put(turn.vision_id, chunks, limit=FILE_BYTES)
        kept = {
            "path": blob.path,
            "mime": file.mime,
            "size": blob.size,
            "meta": {
                "kind": file.kind,
                "name": file.name,
                "seconds": file.seconds,
                "telegram_id": file.telegram_id,
            },
        }
        await patiently("keep_file", lambda: self._db.call("keep_file", file=kept, **place))
        return blob.path, blob.size

    async def _save(
        self, turn: Turn, front: Front, file: IncomingFile, place: dict[str, Any], sensed: Sensed
    ) -> None:
        heard = treatment(file.kind, file.mime, file.name) == "hear" and sensed.said is not None
        notice = {"notice": "transcript", "reply_to": file.message}
        why = None if sensed.state in READ else phrases("unread", turn.language)[sensed.state]
        arguments: dict[str, Any] = place | {
            "state": sensed.state,
            "said": sensed.said,
            "why": why,
            "notice": {"payload": notice, "content": sensed.said} if heard else None,
            "lease": turn.lease,
            "thread_id": turn.thread_id,
            "deliver_seconds": DELIVER_SECONDS,
        }
        row = await patiently("save_reading", lambda: self._db.call("save_reading", **arguments))
        if heard:
            # The answer need not wait until Telegram has taken it: the store keeps their order.
            told = front.deliver(turn, list(map(read_delivery, row["deliveries"])))
            self._background.spawn(told, f"transcript of message {place['message_id']}")


def _raise_first(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        if task.cancelled():
            raise asyncio.CancelledError
        if error := task.exception():
            raise error
