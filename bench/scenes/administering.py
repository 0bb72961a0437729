"""What admins do, and what is told to them."""

from __future__ import annotations

from typing import Any

from bench.around import THREADS
from bench.big import BLOCKED_USER, LONG_USER, MANY_USER
from bench.world import BOSS_CHAT, CONSOLE, PAGES, World, key

FAR = {"offset": 90_000, "limit": 8}


async def everybody(world: World, number: int) -> None:
    """People are looked for, looked at and changed."""
    for query in ("", "анна", f"p{number}", "@anna_", f"@anna_{number}", str(number + 1)):
        for order, page in (("seen", PAGES), ("new", PAGES), ("seen", FAR), ("new", FAR)):
            await world.call("find_users", **CONSOLE, query=query, order=order, **page)
    for user in (f"p{number + 1}", MANY_USER, BLOCKED_USER):
        await world.call("resolve_user", **CONSOLE, name=user)
        of = {**CONSOLE, "user_id": user}
        await world.call("user_card", **of)
        await world.call("set_limits", **of, limits={"messages_per_day": 1000 + number})
        await world.call("write_to", **of, text="Здравствуйте!", source_key=key())
        for level in ("blocked", None):
            await world.call("set_level", **of, level=level)
    for page in (PAGES, FAR):
        await world.call("read_admin_log", **CONSOLE, **page)


async def doors(world: World, number: int) -> None:
    """Who comes in, and how."""
    policy = {"mode": "open", "guest_messages": 5, "admin_telegram_ids": [BOSS_CHAT]}
    await world.call("set_policy", policy=policy | {"limits": {}, "budget": {}})
    made = await world.call("make_invite", **CONSOLE, uses=5, hours=5, note="")
    guest = await world.arrives(3_100_000_000 + number)
    await world.call("use_invite", user_id=guest, code=made["code"], source_key=key())
    await world.call("get_taste", user_id=guest)
    await world.call("list_invites", **CONSOLE, **PAGES)
    await world.call("revoke_invite", **CONSOLE, invite_id=made["invite_id"])
    await world.call("tell_blocked", user_id=guest, source_key=key())
    await world.call("tell_closed", user_id=guest, source_key=key(), pause_seconds=60)
    await world.call("create_vision", user_id=guest, title="Дом", source_key=key())
    await world.says(guest)
    link = await world.call("make_account_link", user_id=f"theirs {number}", minutes=5)
    of = {"current_user_id": guest, "code": link["code"]}
    await world.call("open_account_link", **of)
    await world.call("accept_account_link", **of)


async def notices(world: World, number: int) -> None:
    claimed = await world.call("claim_notices", limit=8, lease_seconds=60, per_second=1000)
    for place, notice in enumerate(claimed["notices"]):
        of = {"id": notice["id"], "lease": notice["lease"]}
        if place == 0:
            await world.call("postpone_notice", **of, seconds=0, failure="away")
        elif place == 1:
            await world.call("fail_notice", **of, failure="rejected")
        else:
            await world.call("mark_notice", id=notice["id"], receipt=number)


async def problems(world: World, number: int) -> None:
    boss = await world.arrives(BOSS_CHAT)
    name = {"name": "queue_grows", "about": ""}
    for menu in (await world.call("list_menus"))["menus"]:
        await world.call("mark_menu", **menu)
    await world.call("list_admins")
    await world.call("watch_state")
    await world.call("raise_problem", **name, details={}, settle_seconds=0, lasts_seconds=None)
    await world.call("list_problems", admin_id=boss)
    for _ in range(2):
        claimed = await world.call("claim_problem_words", limit=20, lease_seconds=60)
        for word in claimed["words"]:
            of = {one: word[one] for one in ("name", "about", "telegram_id", "lease")}
            await world.call("postpone_problem_word", **of, seconds=0)
        claimed = await world.call("claim_problem_words", limit=20, lease_seconds=60)
        for word in claimed["words"]:
            of = {one: word[one] for one in ("name", "about", "telegram_id", "lease")}
            await world.call("tell_problem_word", **of, open=word["open"])
        await world.call("clear_problem", **name, seconds=0)
    held = {"admin_id": boss, "holder": "me"}
    await world.call("begin_checkup", **held, seconds=60)
    await world.call("end_checkup", **held)


async def feedback(world: World, number: int) -> None:
    boss = await world.arrives(BOSS_CHAT)
    word: dict[str, Any] = {"kind": "text", "content": "Спасибо!", "file": None}
    of: dict[str, Any] = {"user_id": f"p{number + 1}"}
    answer = (await world.newest(f"p{number + 1}", "assistant"))["id"]
    await world.call("vote", **of, message_id=answer, vote=-1)
    given = await world.call(
        "give_feedback",
        **of,
        **word,
        thread=None,
        message_id=answer,
        source_key=key(),
        per_day=100,
    )
    admin, thread = {"admin_id": boss}, {"thread": given["thread"]}
    await world.call("answer_feedback", **admin, **thread, **word, source_key=key())
    await world.call("feedback_thread", **of, receipt=number, album="album")
    await world.call("list_feedback", **admin, **PAGES)
    for read in (thread["thread"], THREADS):
        await world.call("read_feedback", **admin, thread=read, limit=8)
    await world.call("finish_feedback", **admin, **thread, done=True)


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


SCENES = (numbers, everybody, doors, notices, problems, feedback)
