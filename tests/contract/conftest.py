"""The SQL contract over each transport and a real database."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from typing import Any

import pytest

from core.database import Database
from tests.contract.grounds import (
    GROUNDS,
    Ground,
    Transport,
    hosted_ground,
    postgres17_server,
    postgres_ground,
    project_ground,
    supabase_ground,
)
from tests.database import database_server

__all__ = [
    "database_server",
    "hosted_ground",
    "postgres17_server",
    "postgres_ground",
    "project_ground",
    "supabase_ground",
]


@pytest.fixture(params=GROUNDS)
def ground(request: pytest.FixtureRequest) -> Ground:
    """Where this run of the test stands. Every test that needs `dsn` or `db` runs on each."""
    if request.param == "supabase_ground":
        for mark in request.node.iter_markers("differs"):
            request.applymarker(pytest.mark.xfail(reason=mark.args[0], strict=True))
    return request.getfixturevalue(request.param)


@pytest.fixture
async def dsn(ground: Ground) -> AsyncIterator[str]:
    """A migrated database with nobody's rows, for a superuser over psycopg."""
    fresh = await ground.fresh()
    yield fresh
    await ground.drop(fresh)


@pytest.fixture
async def db(ground: Ground, dsn: str) -> AsyncIterator[Transport]:
    transport = ground.transport(dsn)
    await transport.open()
    yield transport
    await transport.close()


class Someone:
    """A person as the SQL functions know them, with the calls that most tests make."""

    def __init__(self, db: Database, user_id: str) -> None:
        self._db = db
        self.user_id = user_id
        self._keys = itertools.count()

    async def call(self, function: str, **arguments: Any) -> Any:
        return await self._db.call(function, user_id=self.user_id, **arguments)

    async def creates(self, title: str = "Дом у моря", key: str | None = None) -> dict[str, Any]:
        key = key or f"create:{self.user_id}:{next(self._keys)}"
        return await self.call("create_vision", title=title, source_key=key)

    async def says(self, content: str, key: str | None = None, **more: Any) -> dict[str, Any]:
        key = key or f"say:{self.user_id}:{next(self._keys)}"
        arguments: dict[str, Any] = {
            "type": "text",
            "payload": {},
            "origin": {"key": f"origin:{key}"},
            "delay_ms": 0,
        }
        return await self.call(
            "receive_message", source_key=key, content=content, **(arguments | more)
        )

    async def hears(self, vision_id: str) -> list[tuple[str, str]]:
        row = await self.call(
            "get_history", vision_id=vision_id, before_anchor=None, before_part=None, limit=200
        )
        return [(item["sender"], item["content"]) for item in row["items"]]


@pytest.fixture
def someone(db: Database) -> Any:
    async def sign_in(telegram_id: int = 1, **profile: str) -> Someone:
        row = await db.call(
            "sign_in", telegram_id=telegram_id, profile=profile, source_key=f"sign:{telegram_id}"
        )
        return Someone(db, row["user_id"])

    return sign_in


class Worker:
    """A worker of turns and deliveries, call by call."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def claims(self, *, lease_seconds: int = 15, characters: int = 16000) -> Any:
        row = await self._db.call(
            "claim_turns",
            worker="w",
            limit=8,
            lease_seconds=lease_seconds,
            history=50,
            characters=characters,
        )
        return row["turns"]

    async def answers(self, turn: Any, *texts: str, deliver_seconds: int = 60) -> Any:
        items = [{"sender": "assistant", "type": "text", "content": text} for text in texts]
        return await self.completes(turn, *items, deliver_seconds=deliver_seconds)

    async def completes(self, turn: Any, *items: Any, deliver_seconds: int = 60) -> Any:
        return await self._db.call(
            "complete_turn",
            vision_id=turn["vision_id"],
            lease=turn["lease"],
            upto=turn["upto"],
            thread_id=turn["thread_id"],
            parts={"items": list(items)},
            deliver_seconds=deliver_seconds,
        )

    async def fails(self, turn: Any) -> Any:
        return await self._db.call(
            "fail_turn",
            vision_id=turn["vision_id"],
            lease=turn["lease"],
            thread_id=turn["thread_id"],
            payload={"notice": "down"},
            deliver_seconds=60,
        )

    async def delivers(self, delivery: Any, *ids: int) -> None:
        await self._db.call(
            "mark_delivered",
            id=delivery["id"],
            receipts={"ids": list(ids)},
        )

    async def waiting(self) -> Any:
        row = await self._db.call("claim_deliveries", limit=50, lease_seconds=60, per_second=30)
        return row["deliveries"]


@pytest.fixture
def worker(db: Database) -> Worker:
    return Worker(db)
