"""What survives a restart of the playground. By default nothing is kept and nothing is paid."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.playground.files import StoredFile
    from bot.playground.shapes import Json
    from bot.playground.updates import Entry
    from bot.playground.world import Bot, Chat, Person


class Keeping:
    """Everything is let go. `put_file` tells whether the content is kept elsewhere."""

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
        raise LookupError(file.file_id)

    def close(self) -> None: ...
