"""What people do with all that is theirs: they take it along, and are forgotten."""

from __future__ import annotations

from typing import Any

from bench.big import LONG_CHAT
from bench.world import CONSOLE, World, key


async def archive(world: World, number: int) -> None:
    """All of somebody with a hundred thousand messages, page by page, from another place each
    time."""
    user = await world.arrives(LONG_CHAT)
    asked = {"user_id": user, "chat_id": LONG_CHAT, "thread_id": None, "source_key": key()}
    await world.call("ask_export", **asked, pause_minutes=0)
    job = (await world.call("claim_export", lease_seconds=60))["export"]
    of = {"id": job["id"], "lease": job["lease"]}
    await world.call("renew_export", **of, lease_seconds=60, message_id=number)
    tables = await world.call("export_tables")
    page: dict[str, Any] = {"vision_id": None, "after": None, "limit": 500}
    for table in tables["common"]:
        rows = (await world.call("export_rows", **of, table=table, **page))["rows"]
        if table == "visions":
            page["vision_id"] = rows[0]["id"]
            newest = await world.newest(user, "assistant")
            after = {"anchor": newest["anchor"] - 2_000 * number - 1_000, "part": 0}
            await world.call(
                "export_rows", **of, table="vision_messages", **page | {"after": after}
            )
            page["vision_id"] = None
    await world.call("volume_sent", **of, place={"source": "users", "after": None, "part": 1})
    await world.call("postpone_export", **of, seconds=0)
    job = (await world.call("claim_export", lease_seconds=60))["export"]
    await world.call("finish_export", id=job["id"], lease=job["lease"], failure=None)


async def leaving(world: World, number: int) -> None:
    """Somebody is offered to be forgotten, stays after all, and is forgotten by an operator."""
    user = f"p{500 + number}"
    await world.call("offer_erasure", user_id=user, nonce="yes", minutes=5)
    await world.call("request_erasure", user_id=user, nonce="yes", days=7)
    await world.call("cancel_erasure", user_id=user)
    of = {**CONSOLE, "user_id": user}
    await world.call("erase_user", **of, days=7)
    await world.call("keep_user", **of)
    await world.call("erase_user", **of, days=0)
    await erased(world)


async def erased(world: World) -> None:
    row = (await world.call("claim_erasure", lease_seconds=60))["erasure"]
    await world.call("postpone_erasure", user_id=row["user_id"], lease=row["lease"], seconds=0)
    row = (await world.call("claim_erasure", lease_seconds=60))["erasure"]
    of = {"user_id": row["user_id"], "lease": row["lease"]}
    while True:
        found = await world.call("erasure_files", **of, lease_seconds=60, limit=200)
        await world.call("drop_files", **of, paths=found["paths"])
        if not found["paths"]:
            break
    place = 0
    while True:
        step = await world.call("erase_step", **of, lease_seconds=60, place=place, limit=1000)
        if not step["erased"]:
            break
        place = step["place"]
    await world.call("take_farewell", **of)
    await world.call("finish_erasure", **of)


async def goes(world: World, user: str) -> None:
    """Somebody with very much moves to another user, and is forgotten there."""
    theirs = f"{user} theirs"
    link = await world.call("make_account_link", user_id=theirs, minutes=5)
    of = {"current_user_id": user, "code": link["code"]}
    await world.call("open_account_link", **of)
    await world.call("accept_account_link", **of)
    await world.call("erase_user", **CONSOLE, user_id=theirs, days=0)
    await erased(world)


SCENES = (archive, leaving)
