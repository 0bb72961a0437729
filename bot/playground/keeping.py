"""What survives a restart of the playground. By default nothing is kept and nothing is paid."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import TYPE_CHECKING

import orjson

from bot.playground.state_log import StateLog

if TYPE_CHECKING:
    from bot.playground.files import StoredFile
    from bot.playground.shapes import Json
    from bot.playground.updates import Entry
    from bot.playground.world import Bot, Chat, Person


class Keeping:
    """Everything is let go when the process ends."""

    _files: Path | None = None
    _forget: Callable[[], object] | None = None

    def put_person(self, person: Person) -> None: ...

    def put_bot(self, bot: Bot) -> None: ...

    def put_chat(self, chat: Chat) -> None: ...

    def put_group(self, group_id: int, title: str) -> None: ...

    def put_message(self, bot_id: int, message: Json) -> None: ...

    def drop_message(self, bot_id: int, message_id: int) -> None: ...

    def put_update(self, bot_id: int, entry: Entry) -> None: ...

    def drop_update(self, bot_id: int, update_id: int) -> None: ...

    def put_file(self, file: StoredFile) -> None: ...

    @property
    def files(self) -> Path:
        """The folder for the contents of files, on disk in any case."""
        if self._files is None:
            self._files = Path(mkdtemp(prefix="playground-"))
            self._forget = weakref.finalize(self, rmtree, self._files, ignore_errors=True)
        return self._files

    @property
    def incoming(self) -> Path:
        """Beside the files, so that what is kept is only renamed."""
        folder = self.files / "incoming"
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder

    def close(self) -> None:
        """Contents that are not to outlive the process go now, or at last with this object."""
        if self._forget:
            self._forget()


class FolderKeeping(Keeping):
    """Keeps the world in a folder: one log, and the contents of files beside it."""

    def __init__(self, folder: Path) -> None:
        self.log = StateLog(folder)
        self._files = folder / "files"
        self._files.mkdir(mode=0o700, exist_ok=True)
        rmtree(self._files / "incoming", ignore_errors=True)

    def put_person(self, person: Person) -> None:
        self.log.put(f"person/{person.id}", asdict(person))

    def put_bot(self, bot: Bot) -> None:
        self.log.put(
            f"bot/{bot.id}",
            {"profile": bot.profile, "webhook": bot.webhook, "allowed": bot.queue.allowed},
        )

    def put_chat(self, chat: Chat) -> None:
        kept = {"started": chat.started, "blocked": chat.blocked}
        self.log.put(f"chat/{chat.bot.id}/{chat.id}", kept)

    def put_group(self, group_id: int, title: str) -> None:
        self.log.put(f"group/{group_id}", title)

    def put_message(self, bot_id: int, message: Json) -> None:
        self.log.put(f"message/{bot_id}/{message['message_id']}", message)

    def drop_message(self, bot_id: int, message_id: int) -> None:
        self.log.drop(f"message/{bot_id}/{message_id}")

    def put_update(self, bot_id: int, entry: Entry) -> None:
        kept = [entry.lane, entry.expires_at, orjson.Fragment(entry.body)]
        self.log.put(f"update/{bot_id}/{entry.update_id}", kept)

    def drop_update(self, bot_id: int, update_id: int) -> None:
        self.log.drop(f"update/{bot_id}/{update_id}")

    def put_file(self, file: StoredFile) -> None:
        self.log.put(f"file/{file.file_id}", asdict(file))

    def close(self) -> None:
        self.log.close()
