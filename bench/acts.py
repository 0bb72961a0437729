"""What admins do, and what people do with all that is theirs, on a big database."""

from __future__ import annotations

from typing import Any

from bench.big import BLOCKED_USER, LONG_CHAT, LONG_USER, MANY_USER
from bench.world import CONSOLE, World, key

BOSS_CHAT = 2_900_000_000
PAGES = {"offset": 0, "limit": 8}
FAR = {"offset": 20_000, "limit": 8}


async def everybody(world: World, number: int) -> None:
    """People are looked for, looked at and changed."""
    for query in ("", "имя", f"p{number}", f"@nobody{number}", str(number + 1)):
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
    await world.call("read_admin_log", **CONSOLE, **PAGES)


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


async def broadcasts(world: World, number: int) -> None:
    """To everybody, seen by the admin who sends it; only the first ones of them go out."""
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
    for _ in range(8):
        claimed = await world.call(
            "claim_broadcast_sends", worker="w", limit=16, lease_seconds=60, per_second=1000
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
            of = {**name, "telegram_id": word["telegram_id"], "lease": word["lease"]}
            await world.call("postpone_problem_word", **of, seconds=0)
        claimed = await world.call("claim_problem_words", limit=20, lease_seconds=60)
        for word in claimed["words"]:
            of = {**name, "telegram_id": word["telegram_id"], "lease": word["lease"]}
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
    await world.call("read_feedback", **admin, **thread, limit=8)
    await world.call("finish_feedback", **admin, **thread, done=True)


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


async def long_person_goes(world: World) -> None:
    """Whoever said a hundred thousand things moves to another user, and is forgotten there."""
    link = await world.call("make_account_link", user_id="long theirs", minutes=5)
    of = {"current_user_id": LONG_USER, "code": link["code"]}
    await world.call("open_account_link", **of)
    await world.call("accept_account_link", **of)
    await world.call("erase_user", **CONSOLE, user_id="long theirs", days=0)
    await erased(world)


SCENES = (everybody, doors, broadcasts, notices, problems, feedback, archive, leaving)
