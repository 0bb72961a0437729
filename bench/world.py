"""A caller of SQL functions that keeps the time."""

from __future__ import annotations

import time
import uuid
from typing import Any

from core.database.postgres import PostgresDatabase

PROFILE = {"first_name": "Имя", "language_code": "ru"}
CONSOLE = {"admin_id": "console:bench"}
BOSS_CHAT = 2_900_000_000
PAGES = {"offset": 0, "limit": 8}


class World:
    """Calls functions and keeps their times, in seconds."""

    def __init__(self, database: PostgresDatabase) -> None:
        self._database = database
        self.times: dict[str, list[float]] = {}

    async def call(self, function: str, **arguments: Any) -> Any:
        began = time.perf_counter()
        row = await self._database.call(function, **arguments)
        self.times.setdefault(function, []).append(time.perf_counter() - began)
        return row

    async def arrives(self, chat: int) -> str:
        row = await self.call("sign_in", telegram_id=chat, profile=PROFILE, source_key=key())
        return row["user_id"]

    async def says(self, user: str, **more: Any) -> Any:
        said: dict[str, Any] = {
            "type": "text",
            "content": "Что дальше?",
            "payload": {},
            "origin": {"key": key()},
            "delay_ms": 0,
        }
        return await self.call("receive_message", user_id=user, source_key=key(), **said | more)

    async def newest(self, user: str, sender: str) -> Any:
        """The last message of theirs, or said to them, in the last vision."""
        page = await self.call("list_visions", user_id=user, offset=0, limit=1)
        of = {"user_id": user, "vision_id": page["items"][0]["id"]}
        said = await self.call("get_history", **of, before_anchor=None, before_part=None, limit=200)
        return next(each for each in reversed(said["items"]) if each["sender"] == sender)


def key() -> str:
    return uuid.uuid4().hex
