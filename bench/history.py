"""Is reading a dialogue as quick at a hundred thousand messages as at ten?"""

from __future__ import annotations

import time
from statistics import median

import psycopg

from core.database.postgres import PostgresDatabase
from tests.database import TestServer

SIZES = (10, 1_000, 100_000)

FILL = """
    insert into public.vision_messages (vision_id, anchor, part, sender, content)
    select %(vision)s, 1000000 + n / 2, n %% 2, case n %% 2 when 0 then 'user' else 'assistant' end,
           repeat('слово ', 40)
    from generate_series(1, %(count)s) n
"""


async def history_times(server: TestServer, rounds: int = 300) -> dict[int, tuple[float, float]]:
    """Milliseconds (median) of reading the last 10 messages, as every size has them, and of
    claiming a turn with the last 50. The sizes take turns, so that noise strikes all alike."""
    dsn = await server.fresh()
    database = PostgresDatabase(dsn, pool_size=2)
    await database.open()
    reads: dict[int, list[float]] = {size: [] for size in SIZES}
    claims: dict[int, list[float]] = {size: [] for size in SIZES}
    try:
        visions = {size: await _dialogue(database, dsn, size) for size in SIZES}
        for _ in range(rounds):
            for size, (user, vision) in visions.items():
                reads[size].append(await _read(database, user, vision))
        for number in range(rounds // 3):
            for size, (user, _) in visions.items():
                claims[size].append(await _claim(database, user, f"{size}:{number}"))
    finally:
        await database.close()
        await server.drop(dsn)
    return {size: (median(reads[size]) * 1000, median(claims[size]) * 1000) for size in SIZES}


async def _dialogue(database: PostgresDatabase, dsn: str, size: int) -> tuple[str, str]:
    person = await database.call("sign_in", telegram_id=size, profile={}, source_key=f"s{size}")
    user = person["user_id"]
    vision = await database.call("create_vision", user_id=user, title="В", source_key=f"c{size}")
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        await connection.execute(FILL, {"vision": vision["id"], "count": size})
        await connection.execute(
            "update public.visions set answered_anchor = 2000000 where id = %s", (vision["id"],)
        )
        await connection.execute(
            "select setval('public.vision_messages_id_seq', greatest(3000000, last_value + 1))"
            " from public.vision_messages_id_seq"
        )
        await connection.execute("vacuum analyze public.vision_messages")
    return user, vision["id"]


async def _read(database: PostgresDatabase, user: str, vision: str) -> float:
    began = time.perf_counter()
    await database.call(
        "get_history",
        user_id=user,
        vision_id=vision,
        before_anchor=None,
        before_part=None,
        limit=10,
    )
    return time.perf_counter() - began


async def _claim(database: PostgresDatabase, user: str, key: str) -> float:
    await database.call(
        "receive_message",
        user_id=user,
        source_key=key,
        type="text",
        content="шаг",
        payload={},
        origin=None,
        delay_ms=0,
    )
    began = time.perf_counter()
    row = await database.call(
        "claim_turns", worker="w", limit=1, lease_seconds=15, history=50, characters=16000
    )
    took = time.perf_counter() - began
    [turn] = row["turns"]
    await database.call(
        "complete_turn",
        vision_id=turn["vision_id"],
        lease=turn["lease"],
        upto=turn["upto"],
        thread_id=None,
        parts={"items": [{"sender": "assistant", "type": "text", "content": "да"}]},
        deliver_seconds=60,
    )
    return took
