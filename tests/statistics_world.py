"""Small worlds of people who write and are answered; their numbers reckoned from the rows alone.

Nothing here knows how the database counts: it reads all rows and goes through them one by one.
"""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

DAYS = 64
MODELS = ("gpt-a", "gpt-b", "=cmd()", "whisper")
PURPOSES = ("dialogue", "hearing", "speaking", "looking")
TABLES = (
    "statistics_state, statistics_days, statistics_delays, statistics_calls, active_people, users,"
    " tokenscount"
)


@dataclass(frozen=True, slots=True)
class Rows:
    users: list[dict[str, Any]]
    messages: list[dict[str, Any]]
    held: list[dict[str, Any]]
    deliveries: list[dict[str, Any]]
    calls: list[dict[str, Any]]
    votes: list[dict[str, Any]]


class Writer:
    """Puts rows as they would be at any moment of the past."""

    def __init__(self, connection: psycopg.AsyncConnection[Any]) -> None:
        self._connection = connection

    async def person(self, user_id: str, at: datetime) -> str:
        await self._run("insert into users (id, created_at) values (%s, %s)", user_id, at)
        row = await self._run(
            "insert into visions (user_id, title, created_at) values (%s, 'Дом', %s) returning id",
            user_id, at,
        )  # fmt: skip
        return str(row)

    async def message(self, vision: str, at: datetime, *, sent_at: datetime | None = None) -> int:
        origin = {"key": "k"} | ({"sent_at": sent_at.isoformat()} if sent_at else {})
        row = await self._run(
            "with n as (select nextval('vision_messages_id_seq') as id) insert into vision_messages"
            " (id, vision_id, anchor, sender, content, origin, created_at)"
            " select id, %s, id, 'user', 'Слова', %s, %s from n returning id",
            vision, Jsonb(origin), at,
        )  # fmt: skip
        return int(row)

    async def held(self, user_id: str, at: datetime, key: str) -> None:
        await self._run(
            "insert into held_messages (user_id, type, content, source_key, created_at)"
            " values (%s, 'text', 'Слова', %s, %s)",
            user_id, key, at,
        )  # fmt: skip

    async def part(
        self,
        vision: str,
        anchor: int,
        part: int,
        at: datetime,
        *,
        sender: str = "assistant",
        delivered: datetime | None = None,
        failed: tuple[datetime, str] | None = None,
    ) -> int:
        """One part of an answer; a notice of a failed turn is part 0 of its own anchor."""
        message = await self._run(
            "insert into vision_messages (vision_id, anchor, part, sender, type, turn, created_at)"
            " values (%s, %s, %s, %s, 'text', 'lease', %s) returning id",
            vision, anchor, part, sender, at,
        )  # fmt: skip
        await self._run(
            "insert into deliveries"
            " (message_id, user_id, vision_id, delivered_at, failed_at, failure, created_at)"
            " select %s, user_id, id, %s, %s, %s, %s from visions where id = %s",
            message, delivered, failed and failed[0], failed and failed[1], at, vision,
        )  # fmt: skip
        return int(message)

    async def failed_turn(self, vision: str, at: datetime) -> None:
        await self._run(
            "with n as (select nextval('vision_messages_id_seq') as id) insert into vision_messages"
            " (id, vision_id, anchor, sender, type, turn, created_at)"
            " select id, %s, id, 'system', 'info', 'lease', %s from n",
            vision, at,
        )  # fmt: skip

    async def call(
        self, user_id: str, at: datetime, model: str, tokens: int, meta: dict[str, Any]
    ) -> None:
        await self._run(
            "insert into tokenscount (clientid, clienttype, provider, model, prompttokens,"
            " completiontokens, totaltokens, meta, createdat)"
            " values (%s, 'user', 'p', %s, %s, %s, %s, %s, %s)",
            user_id, model, tokens // 2, tokens - tokens // 2, tokens, Jsonb(meta), at,
        )  # fmt: skip

    async def vote(self, message: int, user_id: str, vote: int, at: datetime) -> None:
        await self._run(
            "insert into votes (message_id, user_id, vote, created_at) values (%s, %s, %s, %s)",
            message, user_id, vote, at,
        )  # fmt: skip

    async def _run(self, statement: str, *values: Any) -> Any:
        cursor = await self._connection.execute(statement.encode(), values)
        row = await cursor.fetchone() if cursor.description else None
        return row[0] if row else None


async def make_world(
    connection: psycopg.AsyncConnection[Any], chance: random.Random, now: datetime
) -> None:
    """Anything that may happen in `DAYS` days, much of it round midnight."""
    write = Writer(connection)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)

    def moment() -> datetime:
        if chance.random() < 0.15:
            # Too young to be counted.
            return now - timedelta(seconds=chance.uniform(1, 55))
        day = midnight - timedelta(days=int(chance.triangular(0, DAYS, 0)))
        seconds = chance.choice(
            [chance.uniform(0, 86400), 86400 - chance.expovariate(0.1), chance.expovariate(0.1)]
        )
        return min(day + timedelta(seconds=seconds % 86400), now - timedelta(seconds=1))

    def later(at: datetime, mean: float) -> datetime:
        return min(at + timedelta(seconds=chance.expovariate(1 / mean)), now)

    for number in range(chance.randint(1, 9)):
        user = f"p{number}"
        vision = await write.person(user, moment())
        for _ in range(chance.randint(0, 14)):
            await _exchange(write, chance, vision, user, moment(), later)
        for n in range(chance.randint(0, 2)):
            await write.held(user, moment(), f"held:{user}:{n}")
        for _ in range(chance.randint(0, 6)):
            meta: dict[str, Any] = {
                "purpose": chance.choice(PURPOSES),
                "outcome": chance.choice(["ok", "ok", "failed"]),
            }
            meta |= chance.choice([{}, {"usd": round(chance.uniform(0, 2), 5)}, {"usd": None}])
            meta |= chance.choice([{}, {"audio_seconds": round(chance.uniform(0, 90), 1)}])
            tokens = chance.choice([0, chance.randint(1, 5000)])
            await write.call(user, moment(), chance.choice(MODELS), tokens, meta)


async def _exchange(
    write: Writer, chance: random.Random, vision: str, user: str, at: datetime, later: Any
) -> None:
    sent_at = later(at, 40000) if chance.random() < 0.15 else None
    anchor = await write.message(vision, at, sent_at=sent_at)
    if chance.random() < 0.15:
        await write.failed_turn(vision, later(sent_at or at, 30))
        return
    answered = later(sent_at or at, chance.choice([2, 30, 4000]))
    part = 1
    if chance.random() < 0.2:
        await write.part(vision, anchor, part, answered, sender="system", delivered=answered)
        part += 1
    for _ in range(chance.randint(1, 2)):
        told: dict[str, Any] = chance.choice(
            [
                {"delivered": later(answered, 60)},
                {"delivered": later(answered, 60)},
                {"failed": (later(answered, 60), chance.choice(["blocked", "level", "refused"]))},
                {},
            ]
        )
        message = await write.part(vision, anchor, part, answered, **told)
        if chance.random() < 0.3:
            await write.vote(message, user, chance.choice([-1, 1]), later(answered, 5000))
        part += 1


async def read_rows(dsn: str) -> Rows:
    queries = (
        "select * from users",
        "select m.*, v.user_id from vision_messages m join visions v on v.id = m.vision_id",
        "select * from held_messages",
        "select * from deliveries",
        "select * from tokenscount",
        "select * from votes",
    )
    async with (
        await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection,
        connection.cursor(row_factory=dict_row) as cursor,
    ):
        found = [await (await cursor.execute(query.encode())).fetchall() for query in queries]
    return Rows(*found)


Span = tuple[datetime, datetime]


def _within(at: datetime | None, spans: Sequence[Span]) -> bool:
    return at is not None and any(first <= at < last for first, last in spans)


def writers(rows: Rows, spans: Sequence[Span]) -> set[str]:
    said = [m for m in rows.messages if m["sender"] == "user"]
    return {m["user_id"] for m in [*said, *rows.held] if _within(m["created_at"], spans)}


def _first_parts(rows: Rows) -> list[dict[str, Any]]:
    firsts: dict[tuple[Any, int], dict[str, Any]] = {}
    for m in sorted(rows.messages, key=lambda m: m["part"]):
        if m["sender"] == "assistant" and m["part"] > 0:
            firsts.setdefault((m["vision_id"], m["anchor"]), m)
    return list(firsts.values())


def delays(rows: Rows, spans: Sequence[Span]) -> list[float]:
    by_id = {m["id"]: m for m in rows.messages}
    firsts = {m["id"]: m for m in _first_parts(rows)}
    found: list[float] = []
    for delivery in rows.deliveries:
        first = firsts.get(delivery["message_id"])
        if first is None or not _within(delivery["delivered_at"], spans):
            continue
        asked = by_id[first["anchor"]]
        began = asked["created_at"]
        if "sent_at" in (asked["origin"] or {}):
            began = max(began, datetime.fromisoformat(asked["origin"]["sent_at"]))
        found.append((delivery["delivered_at"] - began).total_seconds())
    return sorted(found)


def nearest_rank(values: Sequence[float], share: float) -> float | None:
    return values[math.ceil(len(values) * share) - 1] if values else None


def calls_in(rows: Rows, spans: Sequence[Span]) -> list[dict[str, Any]]:
    return [call for call in rows.calls if _within(call["createdat"], spans)]


def money(calls: Iterable[dict[str, Any]]) -> Decimal | None:
    priced = [call["meta"]["usd"] for call in calls if call["meta"].get("usd") is not None]
    return sum((Decimal(str(usd)) for usd in priced), Decimal(0)) if priced else None


def unpriced(calls: Iterable[dict[str, Any]]) -> int:
    return sum(
        call["meta"].get("usd") is None
        and bool(call["totaltokens"] or call["meta"].get("audio_seconds"))
        for call in calls
    )


def totals(rows: Rows, *spans: Span) -> dict[str, Any]:
    """What the spans have together, without the percentiles."""
    calls = calls_in(rows, spans)
    said = [m for m in rows.messages if m["sender"] == "user"]

    def seconds(purpose: str) -> float:
        return sum(
            call["meta"].get("audio_seconds", 0)
            for call in calls
            if call["meta"]["purpose"] == purpose and call["meta"]["outcome"] == "ok"
        )

    return {
        "active": len(writers(rows, spans)),
        "newcomers": sum(_within(user["created_at"], spans) for user in rows.users),
        "messages": sum(_within(m["created_at"], spans) for m in [*said, *rows.held]),
        "answers": sum(_within(m["created_at"], spans) for m in _first_parts(rows)),
        "failed_turns": sum(
            m["sender"] == "system" and m["part"] == 0 and _within(m["created_at"], spans)
            for m in rows.messages
        ),
        "failed_deliveries": sum(
            d["failure"] == "refused" and _within(d["failed_at"], spans) for d in rows.deliveries
        ),
        "heard_seconds": seconds("hearing"),
        "spoken_seconds": seconds("speaking"),
        "tokens": sum(call["totaltokens"] for call in calls),
        "usd": money(calls),
        "unpriced": unpriced(calls),
        "liked": sum(v["vote"] > 0 and _within(v["created_at"], spans) for v in rows.votes),
        "disliked": sum(v["vote"] < 0 and _within(v["created_at"], spans) for v in rows.votes),
    }


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def by_name(rows: Rows, key: str, *spans: Span) -> dict[str, tuple[int, int, Decimal | None, int]]:
    """Calls, tokens, money and calls without a price, by `model` or `purpose`."""
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for call in calls_in(rows, spans):
        groups[call["model"] if key == "model" else call["meta"]["purpose"]].append(call)
    return {
        name: (len(calls), sum(c["totaltokens"] for c in calls), money(calls), unpriced(calls))
        for name, calls in groups.items()
    }
