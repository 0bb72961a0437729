"""Links to users of the operator's own system: what moves, is refused, and meets meanwhile."""

from __future__ import annotations

import asyncio
from typing import Any

import psycopg
import pytest

from core.database import Database
from core.errors import Conflict, CoreError, DomainError, Forbidden, NotFound
from tests.access import ADMIN, make_link, open_to
from tests.contract.test_access import sql
from tests.stored_data import rows_of

Signed = Any
TARGET = "crm-17"

# Columns that say whose a row is. `former_ids` is where the old id stays, `account_links` is of
# users that are never moved, and an erasure that was only offered ends with the id.
PERSONS = """
select c.relname, a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid
where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attnum > 0
  and not a.attisdropped and a.atttypid = 'text'::regtype
  and (a.attname in ('user_id', 'clientid', 'admin_id', 'made_by')
       or exists (select from pg_constraint k
                  where k.conrelid = c.oid and k.confrelid = 'public.users'::regclass
                    and k.conkey = array[a.attnum]))
  and c.relname not in ('former_ids', 'account_links', 'erasures')
order by 1, 2
"""


async def link(db: Database, user_id: str = TARGET, minutes: int = 10) -> str:
    return await make_link(db, user_id, minutes)


async def opens(person: Any, db: Database, code: str, *, accept: bool = True) -> Any:
    function = "accept_account_link" if accept else "open_account_link"
    return await db.call(function, current_user_id=person.user_id, code=code)


async def test_a_newcomer_is_bound_at_once(db: Database, dsn: str, someone: Signed) -> None:
    await open_to(db, "list")
    anna, code = await someone(1), await link(db)
    opened = await opens(anna, db, code, accept=False)
    assert opened == {"state": "ready", "visions": 0, "messages": 0}
    for _ in range(2):
        assert await opens(anna, db, code) == {"state": "bound", "user_id": TARGET}
        anna = await someone(1)
    assert anna.user_id == TARGET
    assert (await opens(anna, db, code, accept=False))["state"] == "bound"
    assert await sql(dsn, "select id, external, level from public.users") == [
        (TARGET, True, "member")
    ]


async def test_everything_moves_and_a_turn_that_runs_goes_on(
    db: Database, dsn: str, someone: Signed, worker: Any
) -> None:
    anna = await someone(1)
    old = anna.user_id
    first, frozen = await anna.creates("Дом", key="1"), await anna.creates("Сад", key="2")
    await anna.says("в саду", key="3")
    [turn] = await worker.claims()
    answered = await worker.answers(turn, "Хорошо")
    await worker.delivers(answered["deliveries"][0], 1)
    await anna.call("set_vision_status", vision_id=frozen["id"], status="frozen")
    await anna.says("подождёт", key="4")
    await anna.call("activate_vision", vision_id=first["id"])
    photo = {"kind": "photo", "unique_id": "u", "telegram_id": "t", "key": "p", "message": 1}
    await anna.says("", type="image", payload={"head": "", "files": [photo]}, key="photo")
    await anna.call("set_timezone", timezone="Asia/Tomsk")
    await anna.call("set_voice", voice="always")
    [running] = await worker.claims()
    moved = {"visions": 2, "messages": 4}
    code = await link(db)

    assert await opens(anna, db, code, accept=False) == {"state": "ready", **moved}
    assert (await opens(anna, db, code))["user_id"] == TARGET

    # The worker has the turn by the old id, and keeps, counts and answers by it.
    kept = {"path": f"{first['id']}/x", "mime": "image/png", "size": 3, "meta": {"kind": "photo"}}
    place = {"message_id": running["upto"], "index": 0, "unique_id": "u"}
    file = await db.call("keep_file", user_id=old, file=kept, **place)
    await db.call("get_kept_file", vision_id=first["id"], file_id=file["file_id"])
    await db.call("file_uploaded", user_id=old, file_id=file["file_id"], telegram_id="T")
    await count(db, old, "call-1")
    done = await worker.answers(running, "Вижу дом")
    assert [delivery["user_id"] for delivery in done["deliveries"]] == [TARGET]

    anna = await someone(1)
    assert anna.user_id == TARGET
    listed = await anna.call("list_visions", offset=0, limit=10)
    assert {item["title"]: item["current"] for item in listed["items"]} == {
        "Дом": True,
        "Сад": False,
    }
    assert [said for _, said in await anna.hears(first["id"])][-1] == "Вижу дом"
    assert (await anna.call("get_vision", vision_id=frozen["id"]))["held"] == 1
    assert (await anna.call("list_files", vision_id=first["id"], offset=0, limit=9))["total"] == 1
    counted = "select clientid, sum(totaltokens)::int from public.tokenscount group by 1"
    assert await sql(dsn, counted) == [(TARGET, 7)]
    settings = "select timezone, voice from public.users"
    assert await sql(dsn, settings) == [("Asia/Tomsk", "always")]
    assert old not in repr(rows_of(dsn, without=("former_ids",)))


async def count(db: Database, user_id: str, key: str) -> None:
    row = {"clienttype": "user", "provider": "openai", "model": "m", "prompttokens": 3}
    row |= {"completiontokens": 4, "totaltokens": 7, "rawusage": {}, "meta": {}, "call_key": key}
    await db.call("log_tokens", clientid=user_id, **row)


async def test_what_is_chosen_there_stays_and_bounds_follow(
    db: Database, dsn: str, someone: Signed
) -> None:
    kate = await someone(2)
    await opens(kate, db, await link(db))
    kate = await someone(2)
    await kate.creates("Та же")
    await kate.call("set_timezone", timezone="Europe/Riga")
    await kate.says("раз")
    anna = await someone(1)
    vision = await anna.creates("Дом")
    await anna.says("два")
    await anna.call("set_timezone", timezone="Asia/Tomsk")
    await anna.call("set_language", language="en")
    await sql(
        dsn,
        "update public.users set limits = '{\"messages_per_day\": 3}' where id = %s",
        anna.user_id,
    )
    await opens(anna, db, await link(db))
    assert await sql(dsn, "select timezone, language, limits from public.users") == [
        ("Europe/Riga", "en", {"messages_per_day": 3})
    ]
    # Two phones of one user now, who sees what both have written.
    assert (await someone(1)).user_id == (await someone(2)).user_id == TARGET
    listed = await kate.call("list_visions", offset=0, limit=9)
    assert {item["title"]: item["current"] for item in listed["items"]} == {
        "Та же": True,
        "Дом": False,
    }
    assert await kate.hears(vision["id"]) == [("user", "два")]
    assert await sql(dsn, "select sum(messages)::int from public.usage_days") == [(2,)]


async def test_links_that_bind_nobody(db: Database, dsn: str, someone: Signed) -> None:
    anna, kate = await someone(1), await someone(2)
    spent, late, closed, ahead = [await link(db, f"crm-{n}") for n in range(4)]
    await opens(kate, db, spent)
    await sql(dsn, "update public.account_links set expires_at = now() where user_id = 'crm-1'")
    await sql(dsn, "update public.users set level = 'blocked' where id = 'crm-2'")
    for code, name in (
        (spent, "link_used"),
        (late, "link_expired"),
        (closed, "link_closed"),
        ("forged", "link_unknown"),
        ("", "link_unknown"),
    ):
        for accept in (False, True):
            with pytest.raises(DomainError, match=name):
                await opens(anna, db, code, accept=accept)
    kate = await someone(2)
    with pytest.raises(Conflict, match="bound_elsewhere"):
        await opens(kate, db, ahead)
    for change, name in (
        ("level = 'blocked'", "blocked"),
        ("level = null, erase_at = now()", "leaving"),
    ):
        await sql(dsn, f"update public.users set {change} where id = %s", anna.user_id)
        with pytest.raises(Forbidden, match=name):
            await opens(anna, db, ahead)
    assert (await someone(1)).user_id == anna.user_id


async def test_ids_that_no_link_is_made_for(db: Database, dsn: str, someone: Signed) -> None:
    anna = await someone(1)
    for wrong in ("", "x" * 129, "console:me", "a\nb", " a", "erased"):
        with pytest.raises(Conflict, match="bad_user_id"):
            await link(db, wrong)
    for minutes in (0, -1, 10_081):
        with pytest.raises(Conflict, match="bad_minutes"):
            await link(db, minutes=minutes)
    with pytest.raises(Conflict, match="not_external"):
        await link(db, anna.user_id)
    await opens(anna, db, await link(db))
    with pytest.raises(Conflict, match="not_external"):
        await link(db, anna.user_id)
    await link(db, "🦄" * 128)
    await sql(dsn, "update public.users set level = 'blocked' where external")
    with pytest.raises(Forbidden, match="blocked"):
        await link(db)
    kept = await sql(dsn, "select l::text from public.account_links l")
    assert len(kept) == 2


async def test_of_two_who_open_a_link_one_is_bound(db: Database, dsn: str, someone: Signed) -> None:
    people = [await someone(number) for number in (1, 2, 3)]
    for person in people:
        await person.creates()
    code = await link(db)

    async def accepts(person: Any) -> str:
        try:
            return (await opens(person, db, code))["state"]
        except (Conflict, NotFound) as error:
            return error.name

    assert sorted(await asyncio.gather(*map(accepts, people))) == [
        "bound",
        "link_used",
        "link_used",
    ]
    assert await sql(dsn, "select count(*) from public.visions where user_id = %s", TARGET) == [
        (1,)
    ]
    assert await sql(dsn, "select count(*) from public.visions") == [(3,)]


async def test_nothing_is_lost_of_what_happens_meanwhile(
    db: Database, dsn: str, someone: Signed, worker: Any
) -> None:
    """Answers, counts and new words that meet the move are one person's in the end."""
    for number in range(1, 9):
        anna = await someone(number)
        target = f"crm-{number}"
        vision = await anna.creates()
        await anna.says("раз")
        [turn] = await worker.claims()
        code = await link(db, target)
        results = await asyncio.gather(
            worker.answers(turn, "ответ"),
            opens(anna, db, code),
            count(db, anna.user_id, f"call-{number}"),
            anna.says("два", key=f"two-{number}"),
            return_exceptions=True,
        )
        assert results[0]["deliveries"]
        assert results[1] == {"state": "bound", "user_id": target}
        said = results[3]
        moved = await someone(number)
        assert moved.user_id == target
        if isinstance(said, CoreError):
            # The intake handles the update again, and it signs in as who they are now.
            await moved.says("два", key=f"two-{number}")
        assert {word for _, word in await moved.hears(vision["id"])} == {"раз", "ответ", "два"}
        await worker.delivers(results[0]["deliveries"][0], 5)
        if again := await worker.claims():
            await worker.answers(again[0], "ещё")
        for delivery in await worker.waiting():
            await worker.delivers(delivery, 6)
        owners = "select distinct user_id from public.deliveries where vision_id = %s"
        assert await sql(dsn, owners, vision["id"]) == [(target,)]
    assert await sql(dsn, "select count(*) from public.users where not external") == [(0,)]
    counted = "select count(*) from public.tokenscount where clientid like 'crm-%%'"
    assert await sql(dsn, counted + " and %s", True) == [(8,)]


async def test_an_appointed_admin_stays_one_alone(db: Database, dsn: str, someone: Signed) -> None:
    anna = await someone(1)
    await sql(dsn, "update public.users set level = 'admin' where id = %s", anna.user_id)
    await db.call("make_invite", admin_id=anna.user_id, uses=1, hours=1, note="")
    await opens(anna, db, await link(db))
    await db.call("list_invites", admin_id=TARGET, offset=0, limit=1)
    assert await sql(dsn, "select admin_id from public.admin_log") == [(TARGET,)]
    # Nobody becomes an admin by sharing a user with one who is bound later.
    kate, leo = await someone(2), await someone(3)
    await opens(kate, db, await link(db, "shared"))
    await sql(dsn, "update public.users set level = 'admin' where id = %s", leo.user_id)
    await opens(leo, db, await link(db, "shared"))
    with pytest.raises(Forbidden, match="not_admin"):
        await db.call("list_invites", admin_id="shared", offset=0, limit=1)
    assert ADMIN not in repr(await sql(dsn, "select admin_id from public.admin_log"))


async def test_rights_of_the_settings_are_shared_by_no_link(
    db: Database, dsn: str, someone: Signed
) -> None:
    await open_to(db, "open", admin_telegram_ids=[1, 5])
    boss, kate = await someone(1), await someone(2)
    await opens(kate, db, await link(db, "kates"))
    for accept in (False, True):
        with pytest.raises(Conflict, match="link_shared"):
            await opens(boss, db, await link(db, "kates"), accept=accept)
    await opens(boss, db, await link(db, "boss"))
    with pytest.raises(Conflict, match="link_shared"):
        await opens(await someone(3), db, await link(db, "boss"))
    await opens(await someone(5), db, await link(db, "boss"))
    accounts = "select telegram_id, user_id from public.telegram_accounts where %s order by 1"
    assert await sql(dsn, accounts, True) == [
        (1, "boss"),
        (2, "kates"),
        (3, (await someone(3)).user_id),
        (5, "boss"),
    ]


async def test_every_table_with_people_in_it_is_moved(dsn: str) -> None:
    [(body,)] = await sql(dsn, "select prosrc from pg_proc where proname = '_move_person'")
    forgotten = "create table public.forgotten (user_id text)"
    async with await psycopg.AsyncConnection.connect(dsn) as connection:
        await connection.execute(forgotten.encode())
        rows = await (await connection.execute(PERSONS.encode())).fetchall()
        # The database may be another test's after this one.
        await connection.rollback()
    assert len(rows) > 12
    missing = [row for row in rows if f"public.{row[0]} " not in body or row[1] not in body]
    assert missing == [("forgotten", "user_id")]
