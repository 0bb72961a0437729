"""The operator's side of who may come in, for tests."""

from __future__ import annotations

from typing import Any

import psycopg

from core.database import Database

ADMIN = "console:test"


async def open_to(db: Database, mode: str, **more: Any) -> None:
    """`open`, by `invite` or by `list`; a guest may say two messages."""
    policy = {"mode": mode, "guest_messages": 2, "admin_telegram_ids": [], "limits": {}}
    await db.call("set_policy", policy={**policy, "budget": {}, **more})


async def make_invite(db: Database, uses: int = 1, hours: int = 24) -> Any:
    return await db.call("make_invite", admin_id=ADMIN, uses=uses, hours=hours, note="друзья")


async def make_link(db: Database, user_id: str, minutes: int = 10) -> str:
    row = await db.call("make_account_link", user_id=user_id, minutes=minutes)
    return row["code"]


async def set_person(dsn: str, user_id: str, changes: str) -> None:
    """What an admin's act or the person's own would leave in their row."""
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        statement = f"update public.users set {changes} where id = %s"
        await connection.execute(statement.encode(), [user_id])
