"""The companion's tool: a file asked for by the model is made and put into the store."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from core.dialogue.turn import Turn
from core.errors import TooLarge, Unavailable
from core.files import FileStore
from core.files.spooling import stream
from core.llm import Tool, ToolCall
from core.making import Maker, NotMade
from core.users.zones import zone_of

log = logging.getLogger(__name__)

FILE_BYTES = 20_000_000
FILES_PER_ANSWER = 4
_NOT_KEPT = {
    True: "error: the file came out too large, make it shorter",
    False: "error: files can't be kept just now, say so and give the text instead",
}
TOO_MANY = "error: too many calls at once, make the most important file first"


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A made file in the store. It becomes the person's with the answer it belongs to; without
    one it is swept away some day."""

    path: str
    size: int
    mime: str
    name: str
    caption: str

    def part(self) -> dict[str, Any]:
        """The message that brings it to the person."""
        return {
            "sender": "assistant",
            "type": "file_result",
            "content": self.caption,
            "payload": {"name": self.name},
            "file": {
                "path": self.path,
                "mime": self.mime,
                "size": self.size,
                "meta": {"kind": "document", "name": self.name, "made": True},
            },
        }


class Crafting:
    def __init__(self, maker: Maker, store: FileStore) -> None:
        self._maker = maker
        self._store = store

    def tool(self, language: str) -> Tool:
        return self._maker.tool(language)

    def begin(self, turn: Turn, given: list[KeptFile]) -> Files:
        """The files of one answer; each that is made is added to `given`."""
        return Files(self._maker, self._store, turn, given)


class Files:
    """Asked for in the same words again, a file is the same file."""

    def __init__(self, maker: Maker, store: FileStore, turn: Turn, given: list[KeptFile]) -> None:
        self._maker = maker
        self._store = store
        self._turn = turn
        self._given = given
        self._made: dict[str, KeptFile] = {}

    async def run(self, call: ToolCall) -> str:
        """The result of a call, for the model."""
        if call.name != self._maker.tool(self._turn.language).name:
            return f"error: there is no tool {call.name[:64]!r}"
        if known := self._made.get(call.arguments):
            return f"ok: {known.name} is already attached to your answer"
        if len(self._given) >= FILES_PER_ANSWER:
            return f"error: {FILES_PER_ANSWER} files in one answer are enough"
        try:
            file = await self._make(call.arguments)
        except NotMade as reason:
            return f"error: {reason}"
        except (TooLarge, Unavailable) as error:
            log.warning("a made file is not kept: %s", error)
            return _NOT_KEPT[type(error) is TooLarge]
        self._made[call.arguments] = file
        self._given.append(file)
        return f"ok: {file.name} is attached to your answer"

    async def _make(self, arguments: str) -> KeptFile:
        turn = self._turn
        zone = zone_of(turn.timezone, turn.language)
        async with self._store.scratch() as folder:
            file = await self._maker.make(arguments, folder, language=turn.language, zone=zone)
            blob = await self._store.put(turn.vision_id, stream(file.path), limit=FILE_BYTES)
        return KeptFile(blob.path, blob.size, file.mime, file.name, file.caption)
