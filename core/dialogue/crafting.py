"""The companion's tool: a file asked for by the model is made and put into the store."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from core.dialogue.turn import Turn
from core.errors import TooLarge
from core.files import FileStore
from core.files.spooling import stream
from core.llm import Tool, ToolCall
from core.making import Maker, NotMade
from core.users.zones import zone_of

log = logging.getLogger(__name__)

FILE_BYTES = 20_000_000
FILES_PER_TURN = 4


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
    too_many = "error: too many calls at once, make the most important file first"

    def __init__(self, maker: Maker, store: FileStore) -> None:
        self._maker = maker
        self._store = store

    def tool(self, language: str) -> Tool:
        return self._maker.tool(language)

    async def run(self, turn: Turn, call: ToolCall, made: dict[tuple[str, str], KeptFile]) -> str:
        """The result for the model. A file made is added to `made`; asked for in the same words
        again, it is the same file."""
        key = (call.name, call.arguments)
        if call.name != self._maker.tool(turn.language).name:
            return f"error: there is no tool {call.name[:64]!r}"
        if key in made:
            return f"ok: {made[key].name} is already attached to your answer"
        if len(made) >= FILES_PER_TURN:
            return f"error: {FILES_PER_TURN} files in one answer are enough"
        try:
            made[key] = await self._make(turn, call.arguments)
        except NotMade as reason:
            log.info("a file was not made: %s", type(reason).__name__)
            return f"error: {reason}"
        except TooLarge:
            return "error: the file came out too large, make it shorter"
        return f"ok: {made[key].name} is attached to your answer"

    async def _make(self, turn: Turn, arguments: str) -> KeptFile:
        zone = zone_of(turn.timezone, turn.language)
        async with self._store.scratch() as folder:
            file = await self._maker.make(arguments, folder, language=turn.language, zone=zone)
            blob = await self._store.put(turn.vision_id, stream(file.path), limit=FILE_BYTES)
        return KeptFile(blob.path, blob.size, file.mime, file.name, file.caption)
