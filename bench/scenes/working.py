"""What processes do for people."""

from __future__ import annotations

from typing import Any

from bench.big import LONG_USER
from bench.world import World, key

CLAIM: dict[str, Any] = {"worker": "w", "lease_seconds": 60, "history": 50, "characters": 16000}
PART = {"sender": "assistant", "type": "text", "content": "Звучит как первый шаг. " * 10}


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


SCENES = (files, turns, deliveries, updates, processes)
