"""What survives a restart of the playground. By default nothing is kept and nothing is paid."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from bot.playground.state_log import StateLog

if TYPE_CHECKING:
    from bot.playground.files import StoredFile
    from bot.playground.shapes import Json
    from bot.playground.updates import Entry
    from bot.playground.world import Bot, Chat, Person


class Keeping:
    """Everything is let go. `put_file` tells whether the content is kept here."""

    def put_person(self, person: Person) -> None: ...

    def put_bot(self, bot: Bot) -> None: ...

    def put_chat(self, chat: Chat) -> None: ...

    def put_group(self, group_id: int, title: str) -> None: ...

    def put_message(self, bot_id: int, message: Json) -> None: ...

    def drop_message(self, bot_id: int, message_id: int) -> None: ...

    def put_update(self, bot_id: int, entry: Entry) -> None: ...

    def drop_update(self, bot_id: int, update_id: int) -> None: ...

    def put_file(self, file: StoredFile, content: bytes) -> bool:
        return False

    def file_content(self, file: StoredFile) -> bytes:
        """LookupError where the content is gone."""
        raise LookupError(file.file_id)

    def close(self) -> None: ...


class FolderKeeping(Keeping):
    """Keeps the world in a folder: one log, and the contents of files beside it."""

    def __init__(self, folder: Path) -> None:
        self.log = StateLog(folder)
        self._files = folder / "files"
        self._files.mkdir(mode=0o700, exist_ok=True)

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

    def put_file(self, file: StoredFile, content: bytes) -> bool:
        (self._files / file.unique_id).write_bytes(content)
        self.log.put(f"file/{file.file_id}", asdict(file))
        return True

    def file_content(self, file: StoredFile) -> bytes:
        try:
            return (self._files / file.unique_id).read_bytes()
        except OSError as error:
            raise LookupError(file.file_id) from error

    def close(self) -> None:
        self.log.close()
