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


async def history_times(server: TestServer, rounds: int = 200) -> dict[int, tuple[float, float]]:
    """Milliseconds (median) of the last 20 messages and of claiming a turn with 50, by size."""
    dsn = await server.fresh()
    database = PostgresDatabase(dsn, pool_size=2)
    await database.open()
    times: dict[int, tuple[float, float]] = {}
    try:
        for number, size in enumerate(SIZES):
            times[size] = await _times(database, dsn, number, size, rounds)
    finally:
        await database.close()
        await server.drop(dsn)
    return times


async def _times(
    database: PostgresDatabase, dsn: str, number: int, size: int, rounds: int
) -> tuple[float, float]:
    person = await database.call("sign_in", telegram_id=number, profile={}, source_key=f"s{number}")
    user = person["user_id"]
    vision = await database.call("create_vision", user_id=user, title="В", source_key=f"c{number}")
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        await connection.execute(FILL, {"vision": vision["id"], "count": size})
        await connection.execute(
            "update public.visions set answered_anchor = 100000000 where id = %s", (vision["id"],)
        )
        await connection.execute(
            "select setval('public.vision_messages_id_seq', 100000001 + %s)", (number * 1_000_000,)
        )
        await connection.execute("vacuum analyze public.vision_messages")
    reads: list[float] = []
    claims: list[float] = []
    for step in range(rounds):
        began = time.perf_counter()
        await database.call(
            "get_history",
            user_id=user,
            vision_id=vision["id"],
            before_anchor=None,
            before_part=None,
            limit=20,
        )
        reads.append(time.perf_counter() - began)
        if step < rounds // 4:
            claims.append(await _claim(database, user, f"{number}:{step}"))
    return median(reads) * 1000, median(claims) * 1000


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
