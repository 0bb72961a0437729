"""Every SQL function on a big database: none may take longer than a second.

Hosted PostgREST gives a call 8 s, a person waits for one or two; a second is what we allow.
"""

from __future__ import annotations

import asyncio
from statistics import median
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from bench import acts
from bench.big import (
    BLOCKED_CHAT,
    LONG_CHAT,
    LONG_USER,
    MANY_CHAT,
    MANY_USER,
    QUEUED,
    big,
)
from bench.world import CONSOLE, World, key
from core.database.embedded import EmbeddedPostgres
from core.database.migrate import migrate
from core.database.postgres import PostgresDatabase
from tests.database import MIGRATIONS, reachable_folder

LIMIT_SECONDS = 1.0
ROUNDS = 20
CLAIM: dict[str, Any] = {"worker": "w", "lease_seconds": 60, "history": 50, "characters": 16000}
PART = {"sender": "assistant", "type": "text", "content": "Звучит как первый шаг. " * 10}


async def person(world: World, number: int) -> None:
    """Somebody new, and what they can set."""
    chat = 3_000_000_000 + number
    user = await world.arrives(chat)
    await world.says(user)
    await world.call("create_vision", user_id=user, title="Дом у моря", source_key=key())
    await world.call("set_language", user_id=user, language="en")
    await world.call("set_timezone", user_id=user, timezone="Europe/Moscow")
    await world.call("set_voice", user_id=user, voice="off")
    await world.call("ask", user_id=user, about="title", subject=None, minutes=5)
    await world.call("answer_asked", user_id=user, source_key=key())


async def blocked(world: World, number: int) -> None:
    """The bot is blocked by somebody for whom much waits; then they come back."""
    await world.call("set_unreachable", telegram_id=BLOCKED_CHAT)
    await world.arrives(BLOCKED_CHAT)


async def visions(world: World, number: int) -> None:
    """Somebody with hundreds of visions looks through them and moves what was held."""
    await world.arrives(MANY_CHAT)
    for offset in (0, 200):
        page = await world.call("list_visions", user_id=MANY_USER, offset=offset, limit=100)
    vision = page["items"][number]["id"]
    of = {"user_id": MANY_USER, "vision_id": vision}
    await world.call("get_vision", **of)
    await world.call("activate_vision", **of)
    await world.call("rename_vision", **of, title=f"Новый путь {number}")
    await world.call("freeze_current", user_id=MANY_USER, source_key=key())
    for status in ("frozen", "active", "deleted", "restored"):
        await world.call("set_vision_status", **of, status=status)
    await world.call("send_held", **of, **{"from": "nowhere"})
    await world.call("say_unasked", **of, content="Как дела?", payload={}, source_key=key())


async def limits(world: World, number: int) -> None:
    """What somebody with hundreds of visions has used, and what everybody together has."""
    await world.call("read_usage", user_id=MANY_USER)
    await world.call("budget_state")


async def long_dialogue(world: World, number: int) -> None:
    """A hundred thousand messages in one vision."""
    user = await world.arrives(LONG_CHAT)
    page = await world.call("list_visions", user_id=user, offset=0, limit=10)
    of = {"user_id": user, "vision_id": page["items"][0]["id"]}
    await world.call("get_vision", **of)
    last = await world.call("get_history", **of, before_anchor=None, before_part=None, limit=200)
    middle = last["items"][0]["anchor"] - 2_000 * number
    await world.call("get_history", **of, before_anchor=middle, before_part=0, limit=200)
    await world.call("read_dialogue", **of, after_anchor=middle, after_part=0, limit=200)
    await world.call("list_files", **of, offset=100 * number, limit=100)
    origin = key()
    await world.says(user, origin={"key": origin})
    await world.call(
        "edit_message", user_id=user, origin_key=origin, type="text", content="Иначе", payload={}
    )
    await world.call("stop_turns", user_id=user, draft_id=None)
    await world.call("retry_turn", **of)


async def files(world: World, number: int) -> None:
    one = {
        "kind": "voice",
        "key": key(),
        "message": number,
        "telegram_id": "t",
        "unique_id": key(),
        "size": 1000,
        "mime": "audio/ogg",
        "name": "",
        "seconds": 3,
        "said": "Запись",
        "caption": "",
    }
    row = await world.says(LONG_USER, type="audio", content="", payload={"files": [one]})
    of = {
        "user_id": LONG_USER,
        "message_id": row["message_id"],
        "index": 0,
        "unique_id": one["unique_id"],
    }
    path = f"{row['vision_id']}/{key()}"
    file = {"path": path, "mime": "audio/ogg", "size": 1000, "meta": {"kind": "voice"}}
    kept = await world.call("keep_file", **of, file=file)
    await world.call("fail_reading", **of)
    notice = {"payload": {"notice": "heard"}, "content": "Слышу."}
    saved = await world.call(
        "save_reading",
        **of,
        state="ok",
        said="Слышу.",
        why=None,
        notice=notice,
        lease=key(),
        thread_id=None,
        deliver_seconds=60,
    )
    for delivery in saved["deliveries"]:
        await deliver(world, delivery, number)
    await world.call("get_file", user_id=LONG_USER, file_id=kept["file_id"])
    await world.call("get_kept_file", vision_id=row["vision_id"], file_id=kept["file_id"])
    await world.call("get_message_file", user_id=LONG_USER, message_id=of["message_id"], index=0)
    await world.call("file_uploaded", user_id=LONG_USER, file_id=kept["file_id"], telegram_id="t")
    await world.call("unknown_files", paths=[path, *(key() for _ in range(999))])


async def turns(world: World, number: int) -> None:
    """Eight turns of the twenty thousand that wait; each ends in its own way."""
    row = await world.call("claim_turns", limit=8, **CLAIM)
    claimed = row["turns"]
    await world.call("renew_leases", leases=[turn["lease"] for turn in claimed], lease_seconds=60)
    for index, turn in enumerate(claimed):
        of = {"vision_id": turn["vision_id"], "lease": turn["lease"]}
        await world.call("reload_turn", **of, history=50, characters=16000)
        await world.call(
            "log_tokens",
            clientid=turn["user"]["user_id"],
            clienttype="user",
            provider="openai",
            model="gpt",
            prompttokens=2000,
            completiontokens=100,
            totaltokens=2100,
            rawusage={},
            meta={"purpose": "answer", "visionid": turn["vision_id"]},
            call_key=key(),
        )
        if index == 0:
            await world.call("release_turn", **of)
        elif index == 1:
            await world.call(
                "fail_turn",
                **of,
                thread_id=None,
                payload={"notice": "down"},
                deliver_seconds=60,
            )
        else:
            done = await world.call(
                "complete_turn",
                **of,
                upto=turn["upto"],
                thread_id=None,
                parts={"items": [PART, PART | {"type": "audio"}] if index == 2 else [PART]},
                deliver_seconds=60,
            )
            for delivery in done["deliveries"]:
                await deliver(world, delivery, index)


async def deliver(world: World, delivery: dict[str, Any], how: int) -> None:
    of = {"id": delivery["id"], "lease": delivery["lease"]}
    if delivery["type"] == "audio":
        path = f"{delivery['vision_id']}/{key()}"
        voice = {"path": path, "mime": "audio/ogg", "size": 1000, "meta": {"kind": "voice"}}
        await world.call("keep_voice", **of, content="Слова", file=voice)
    await world.call("record_piece", **of, index=0, receipt=77)
    if how == 3:
        await world.call("postpone_delivery", **of, seconds=30, failure="flood")
    elif how == 4:
        await world.call("fail_delivery", **of, failure="blocked")
    else:
        await world.call("mark_delivered", id=of["id"], receipts={"ids": [77, 78]})


async def deliveries(world: World, number: int) -> None:
    """Thirty-two of the ten thousand that wait, with two thousand of them for one person."""
    row = await world.call("claim_deliveries", limit=32, lease_seconds=60, per_second=30)
    leases = {str(one["id"]): one["lease"] for one in row["deliveries"]}
    await world.call("renew_deliveries", leases=leases, lease_seconds=60)
    for delivery in row["deliveries"][:8]:
        await deliver(world, delivery, 0)


async def updates(world: World, number: int) -> None:
    bot = {"bot_id": 1}
    await world.call(
        "keep_update",
        **bot,
        update_id=10_000_000 + number,
        lane=f"chat:{number}",
        payload={"update_id": number},
        error=None,
        failed=False,
        holder="me",
        lease_seconds=60,
    )
    await world.call("claim_updates", **bot, holder="me", limit=100, lease_seconds=60)
    kept = [str(10_000_000 + number), *map(str, range(100))]
    await world.call("renew_updates", **bot, holder="me", updates=kept, lease_seconds=60)
    await world.call("drop_update", **bot, update_id=10_000_000 + number)
    await world.call("release_updates", **bot, holder="me")


async def processes(world: World, number: int) -> None:
    await world.call("take_lock", name="polling", holder="me", seconds=30.0)
    await world.call("release_lock", name="polling", holder="me")
    await world.call("tell_turns", words=[key() for _ in range(500)])
    await world.call("queue_state")
    await world.call("service_state")


async def numbers(world: World, number: int) -> None:
    """An admin looks at the numbers; before the first time two months are counted."""
    of = CONSOLE
    while (await world.call("count_statistics"))["state"] != "done":
        pass
    for days in (1, 7, 30):
        await world.call("read_numbers", **of, days=days)
        await world.call("top_spenders", **of, days=days, offset=8 * number, limit=8)
    for days in (30, 366):
        await world.call("read_days", **of, days=days)
        await world.call("read_calls", **of, days=days, offset=0, limit=1000)
    for user in (LONG_USER, "p1"):
        await world.call("tokens_by_vision", **of, user_id=user, days=366)


async def alone(world: World, dsn: str) -> None:
    """A start after a process was killed that had as much in flight as the settings allow."""
    turns = "select vision_id from public.turn_queue limit 10000"
    waiting = "select id from public.deliveries where delivered_at is null limit 10000"
    await execute(
        dsn, f"update public.turn_queue set lease = vision_id::text where vision_id in ({turns})"
    )
    await execute(dsn, f"update public.deliveries set lease = id::text where id in ({waiting})")
    await execute(dsn, "update public.kept_updates set holder = 'me'")
    await world.call("release_leases")


SCENES = (
    person,
    blocked,
    visions,
    limits,
    long_dialogue,
    files,
    turns,
    deliveries,
    updates,
    processes,
    numbers,
    *acts.SCENES,
)


async def measure(dsn: str, rounds: int = ROUNDS) -> dict[str, list[float]]:
    """Seconds of each call, by function; raises if a function of ours was left out."""
    database = PostgresDatabase(dsn, pool_size=1)
    await database.open()
    world = World(database)
    try:
        for number in range(rounds):
            for scene in SCENES:
                await scene(world, number)
        await acts.long_person_goes(world)
        await alone(world, dsn)
    finally:
        await database.close()
    if missed := await functions(dsn) - set(world.times):
        raise AssertionError(f"not called: {', '.join(sorted(missed))}")
    return world.times


async def functions(dsn: str) -> set[str]:
    """What a process may call."""
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        rows = await connection.execute(
            "select proname from pg_proc where pronamespace = 'public'::regnamespace"
            " and prosecdef and proname !~ '^_'"
        )
        return {name for (name,) in await rows.fetchall()}


async def execute(dsn: str, statement: str) -> None:
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        await connection.execute(statement.encode())


async def main() -> None:
    with reachable_folder() as folder:
        postgres = EmbeddedPostgres(folder / "postgres")
        admin = await postgres.start()
        try:
            await execute(admin, "create database big")
            dsn = make_conninfo(admin, dbname="big")
            await migrate(dsn, MIGRATIONS)
            await big(dsn)
            show(await measure(dsn))
        finally:
            await postgres.stop()


def show(times: dict[str, list[float]]) -> None:
    print(f"1,000,000 messages stored, {QUEUED:,} turns queued, milliseconds of a call:\n")
    print(f"{'function':20} {'calls':>6} {'median':>8} {'worst':>8}")
    for name, took in sorted(times.items(), key=lambda item: -max(item[1])):
        slow = "  over a second" if max(took) > LIMIT_SECONDS else ""
        worst = max(took) * 1000
        print(f"{name:20} {len(took):>6} {median(took) * 1000:>8.2f} {worst:>8.2f}{slow}")


if __name__ == "__main__":
    asyncio.run(main())
