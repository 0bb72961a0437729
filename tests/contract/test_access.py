"""Who may come in: invites and the levels they give, over every ground."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import psycopg
import pytest

from core.database import Database
from core.errors import Conflict, DomainError, Forbidden, NotFound
from tests.access import ADMIN, make_invite, open_to

Signed = Any


async def used(db: Database, invite_id: int) -> int:
    page = await db.call("list_invites", admin_id=ADMIN, offset=0, limit=100)
    return next(item["used"] for item in page["items"] if item["invite_id"] == invite_id)


async def sql(dsn: str, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        result = await connection.execute(statement.encode(), values)
        return await result.fetchall() if result.description else []


async def test_a_member_by_invite_stays_one_whatever_the_mode_becomes(
    db: Database, someone: Signed
) -> None:
    await open_to(db, "list")
    anna = await someone()
    made = await make_invite(db)
    with pytest.raises(Forbidden, match="not_admitted"):
        await anna.call("list_visions", offset=0, limit=1)

    for _ in range(2):
        welcome = await anna.call("use_invite", code=made["code"], source_key="tg:1:1")
        assert welcome == {"state": "welcome"}
    again = await anna.call("use_invite", code=made["code"], source_key="tg:1:2")

    assert again == {"state": "already_member"}
    assert await used(db, made["invite_id"]) == 1
    for mode in ("list", "invite", "open", "list"):
        await open_to(db, mode)
        assert (await anna.creates())["status"] == "active"


async def test_an_invite_opened_while_everybody_may_come_in_lasts(
    db: Database, someone: Signed
) -> None:
    anna, made = await someone(), await make_invite(db)
    assert (await anna.call("use_invite", code=made["code"], source_key="k"))["state"] == "welcome"
    await open_to(db, "list")
    assert (await anna.call("list_visions", offset=0, limit=1))["total"] == 0


async def test_invites_that_let_nobody_in(db: Database, dsn: str, someone: Signed) -> None:
    await open_to(db, "invite")
    anna, kate = await someone(1), await someone(2)
    full, late, revoked = await make_invite(db), await make_invite(db), await make_invite(db)
    await kate.call("use_invite", code=full["code"], source_key="kate")
    await sql(dsn, "update public.invites set expires_at = now() where id = %s", late["invite_id"])
    for _ in range(2):
        row = await db.call("revoke_invite", admin_id=ADMIN, invite_id=revoked["invite_id"])
        assert row["revoked"]

    for code, name, kind in (
        (full["code"], "invite_used_up", Conflict),
        (late["code"], "invite_expired", Conflict),
        (revoked["code"], "invite_revoked", Conflict),
        (full["code"][:-1] + "!", "invite_unknown", NotFound),
        ("", "invite_unknown", NotFound),
        ("x" * 5000, "invite_unknown", NotFound),
    ):
        with pytest.raises(kind, match=name):
            await anna.call("use_invite", code=code, source_key="k")
    assert (await db.call("sign_in", telegram_id=1, profile={}, source_key="k"))["level"] == "guest"
    revocations = "select count(*) from public.admin_log where act = 'revoke_invite'"
    assert await sql(dsn, revocations) == [(1,)]


async def test_the_last_place_is_one_persons(db: Database, someone: Signed) -> None:
    await open_to(db, "list")
    people = [await someone(number) for number in range(1, 7)]
    made = await make_invite(db, uses=2)

    async def comes(person: Any, number: int) -> str:
        try:
            key = f"{person.user_id}:{number}"
            return (await person.call("use_invite", code=made["code"], source_key=key))["state"]
        except Conflict as error:
            return error.name

    # Each of them twice at once, as two phones would.
    outcomes = await asyncio.gather(*(comes(person, n) for person in people for n in (1, 2)))
    assert Counter(outcomes)["welcome"] == 2
    assert Counter(outcomes)["already_member"] <= 2
    assert set(outcomes) <= {"welcome", "already_member", "invite_used_up"}
    assert await used(db, made["invite_id"]) == 2


async def test_an_invite_undoes_nothing_that_an_admin_did(
    db: Database, dsn: str, someone: Signed
) -> None:
    await open_to(db, "invite")
    anna, made = await someone(), await make_invite(db, uses=5)
    await anna.call("use_invite", code=made["code"], source_key="k1")
    await sql(dsn, "update public.users set level = 'guest'")
    with pytest.raises(Conflict, match="invite_used_before"):
        await anna.call("use_invite", code=made["code"], source_key="k2")
    for change, name in (
        ("level = 'blocked'", "blocked"),
        ("level = null, erase_at = now()", "leaving"),
    ):
        await sql(dsn, f"update public.users set {change}")
        with pytest.raises(Forbidden, match=name):
            await anna.call("use_invite", code=(await make_invite(db))["code"], source_key="k3")
    assert await used(db, made["invite_id"]) == 1


async def test_a_code_is_told_once_and_kept_nowhere(db: Database, dsn: str) -> None:
    codes = {(await make_invite(db))["code"] for _ in range(20)}
    assert len(codes) == 20
    # 24 letters of 64: 144 bits.
    assert all(
        len(code) == 24 and code.replace("-", "").replace("_", "").isalnum() for code in codes
    )
    kept = repr(await sql(dsn, "select i::text from public.invites i"))
    kept += repr(await sql(dsn, "select l::text from public.admin_log l"))
    assert not any(code in kept for code in codes)
    listed = await db.call("list_invites", admin_id=ADMIN, offset=0, limit=3)
    assert listed["total"] == 20
    assert len(listed["items"]) == 3
    assert listed["items"][0]["invite_id"] > listed["items"][1]["invite_id"]
    assert "code" not in listed["items"][0]
    assert "друзья" not in repr(await sql(dsn, "select details from public.admin_log"))


async def test_an_invite_without_bounds_is_none(db: Database) -> None:
    for uses, hours in ((0, 1), (1, 0), (10_001, 1), (1, 9000), (None, 1)):
        with pytest.raises(Conflict, match="invite_bounds"):
            await db.call("make_invite", admin_id=ADMIN, uses=uses, hours=hours, note="")


async def test_what_a_guest_has_left_and_what_waits(db: Database, someone: Signed) -> None:
    await open_to(db, "invite")
    anna = await someone()
    vision = await anna.creates()
    assert await anna.call("get_taste") == {"left": 2, "held": None}
    states = [(await anna.says(f"слово {n}"))["state"] for n in range(4)]
    assert states == ["stored", "stored", "limited", "limited"]
    held = {"vision_id": vision["id"], "frozen": False, "count": 2}
    assert await anna.call("get_taste") == {"left": 0, "held": held}

    made = await make_invite(db)
    await anna.call("use_invite", code=made["code"], source_key="k")
    assert await anna.call("get_taste") == {"left": None, "held": held}
    sent = await anna.call("send_held", vision_id=vision["id"], **{"from": "vision"})
    assert sent["sent"] == 2
    assert [said for _, said in await anna.hears(vision["id"])] == [f"слово {n}" for n in range(4)]


async def test_words_to_those_outside_are_rare_and_repeats_are_the_same(
    db: Database, dsn: str, someone: Signed
) -> None:
    anna = await someone()

    async def first(function: str, key: str, **more: Any) -> bool:
        return (await anna.call(function, source_key=key, **more))["first"]

    assert [await first("tell_blocked", key) for key in ("a", "a", "b", "a")] == [
        True,
        True,
        False,
        True,
    ]
    told = [await first("tell_closed", key, pause_seconds=3600) for key in ("a", "a", "b")]
    assert told == [True, True, False]
    assert await first("tell_closed", "c", pause_seconds=0)
    earlier = """update public.users
        set meta = jsonb_set(meta, '{closed_told,at}', to_jsonb(now() - %s::interval))"""
    await sql(dsn, earlier, "59 minutes")
    assert not await first("tell_closed", "d", pause_seconds=3600)
    await sql(dsn, earlier, "61 minutes")
    assert await first("tell_closed", "d", pause_seconds=3600)


async def test_invites_are_for_admins_to_make(db: Database, someone: Signed) -> None:
    anna = await someone(7)
    calls: tuple[tuple[str, dict[str, Any]], ...] = (
        ("make_invite", {"uses": 1, "hours": 1, "note": ""}),
        ("list_invites", {"offset": 0, "limit": 1}),
        ("revoke_invite", {"invite_id": (await make_invite(db))["invite_id"]}),
    )
    for function, arguments in calls:
        for nobody in (anna.user_id, "console:", "", "somebody"):
            with pytest.raises(Forbidden, match="not_admin"):
                await db.call(function, admin_id=nobody, **arguments)
    await open_to(db, "open", admin_telegram_ids=[7])
    for function, arguments in calls:
        await db.call(function, admin_id=anna.user_id, **arguments)
    with pytest.raises(DomainError, match="invite_not_found"):
        await db.call("revoke_invite", admin_id=anna.user_id, invite_id=10**15)
