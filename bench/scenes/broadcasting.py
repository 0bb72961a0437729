"""Broadcasts to everybody, beside all else that waits and alone."""

from __future__ import annotations

from bench.world import BOSS_CHAT, PAGES, World, key

CLAIMS = 8
PER_SECOND = 1000
"""What Telegram allows at most, where sending is paid for."""


async def broadcasts(world: World, number: int) -> None:
    """To everybody, seen by the admin who sends it. While others wait they go first; in a quiet
    hour the first of these go out."""
    boss = await world.arrives(BOSS_CHAT)
    admin = {"admin_id": boss}
    content = {"kind": "text", "text": "Всем!"}
    made = await world.call("draft_broadcast", **admin, content=content, source_key=key())
    await world.call("drop_broadcast", **admin, id=made["id"])
    made = await world.call("draft_broadcast", **admin, content=content, source_key=key())
    of = {**admin, "id": made["id"]}
    for audience in ({"days": 7, "language": "ru", "level": "member"}, {}):
        await world.call("set_broadcast_audience", **of, audience=audience)
    await world.call("confirm_broadcast", **of)
    await world.call("watch_broadcast", **of, chat_id=BOSS_CHAT, message_id=number)
    for _ in range(CLAIMS):
        claimed = await world.call(
            "claim_broadcast_sends", worker="w", limit=16, lease_seconds=60, per_second=PER_SECOND
        )
        outcomes = {
            send["user_id"]: {"lease": claimed["lease"], "state": "sent", "failure": None}
            for send in claimed["sends"]
        }
        of_it = {"broadcast_id": made["id"], "pause_seconds": 0, "halt": False}
        await world.call("mark_broadcast_sends", **of_it, outcomes=outcomes)
        await world.call("tend_broadcasts", holder="me", seconds=15)
    await world.call("get_broadcast", **of)
    await world.call("list_broadcasts", **admin, **PAGES)
    await world.call("change_broadcast", **of, to="stopped")
    await world.call("broadcast_told", id=made["id"])


SCENES = (broadcasts,)
QUIET = """
    update public.deliveries set delivered_at = now(), lease = null
      where coalesce(delivered_at, failed_at) is null;
    update public.notices set delivered_at = now(), lease = null
      where coalesce(delivered_at, failed_at) is null;
"""
