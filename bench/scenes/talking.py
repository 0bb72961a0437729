"""What people do, and those who have most of everything."""

from __future__ import annotations

from bench.big import BLOCKED_CHAT, LONG_CHAT, MANY_CHAT, MANY_USER
from bench.world import World, key


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


SCENES = (person, blocked, visions, limits, long_dialogue)
