"""Broadcasts: whom they name, and that nobody gets one twice."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import psycopg
import pytest

from core.database import Database
from core.errors import Conflict, Forbidden, NotFound

CONTENT = {"kind": "text", "text": "Тайная новость", "entities": [], "telegram_file_id": None}
POLICY = {"mode": "open", "guest_messages": 0, "limits": {}, "budget": {}}
QUICK = 1000


class Operators:
    """Anna, an admin by the settings, with the calls of admins and workers."""

    def __init__(self, db: Database, dsn: str, admin_id: str) -> None:
        self._db, self._dsn, self.admin_id = db, dsn, admin_id
        self._keys = 0

    async def call(self, function: str, **arguments: Any) -> Any:
        return await self._db.call(function, admin_id=self.admin_id, **arguments)

    async def drafts(self, key: str | None = None) -> int:
        self._keys += 1
        key = key or f"tg:{self.admin_id}:{self._keys}"
        return (await self.call("draft_broadcast", content=CONTENT, source_key=key))["id"]

    async def starts(self, audience: dict[str, Any] | None = None) -> int:
        number = await self.drafts()
        await self.call("set_broadcast_audience", id=number, audience=audience or {})
        assert (await self.call("confirm_broadcast", id=number))["changed"]
        return number

    async def names(self, audience: dict[str, Any]) -> int:
        number = await self.drafts()
        found = await self.call("set_broadcast_audience", id=number, audience=audience)
        return found["people"]

    async def counts(self, number: int) -> dict[str, int]:
        return (await self.call("get_broadcast", id=number))["counts"]

    async def claims(self, limit: int = 100, *, lease_seconds: int = 60) -> Any:
        return await self._db.call(
            "claim_broadcast_sends",
            worker="w",
            limit=limit,
            lease_seconds=lease_seconds,
            per_second=QUICK,
        )

    async def takes(self, count: int = 1, *, lease_seconds: int = 60) -> list[dict[str, Any]]:
        """That many sends, each with its lease, as the budget gives them."""
        taken: list[dict[str, Any]] = []
        limit = time.monotonic() + 30
        while len(taken) < count:
            assert time.monotonic() < limit, f"{len(taken)} of {count}"
            claimed = await self.claims(count - len(taken), lease_seconds=lease_seconds)
            taken += [send | {"lease": claimed["lease"]} for send in claimed["sends"]]
        return taken

    async def marks(
        self, number: int, state: str, *sends: dict[str, Any], pause: int = 0, halt: bool = False
    ) -> None:
        outcomes = {
            send["user_id"]: {"lease": send["lease"], "state": state, "failure": None}
            for send in sends
        }
        await self._db.call(
            "mark_broadcast_sends",
            broadcast_id=number,
            outcomes=outcomes,
            pause_seconds=pause,
            halt=halt,
        )

    async def tends(self, holder: str = "one") -> Any:
        return await self._db.call("tend_broadcasts", holder=holder, seconds=60)

    async def changes(self, person: Any, **columns: Any) -> None:
        """What other functions do to a person, here without them."""
        for name, value in columns.items():
            table = "telegram_accounts" if name in ("reachable", "seen_at") else "users"
            key = "user_id" if table == "telegram_accounts" else "id"
            await self.sql(
                f"update public.{table} set {name} = %s where {key} = %s", value, person.user_id
            )

    async def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        async with await psycopg.AsyncConnection.connect(self._dsn, autocommit=True) as connection:
            cursor = await connection.execute(statement.encode(), values)
            return await cursor.fetchall() if cursor.description else []


@pytest.fixture
async def anna(db: Database, dsn: str, someone: Any) -> Operators:
    await db.call("set_policy", policy=POLICY | {"admin_telegram_ids": [1]})
    return Operators(db, dsn, (await someone(1, language_code="ru")).user_id)


async def crowd(someone: Any, count: int) -> list[Any]:
    return [await someone(100 + number) for number in range(count)]


async def test_an_audience_leaves_out_whom_nobody_may_write_to(
    anna: Operators, someone: Any
) -> None:
    english, russian = await someone(2, language_code="en-GB"), await someone(3)
    for telegram_id, change in enumerate(
        ({"level": "blocked"}, {"erase_at": "2027-01-01"}, {"reachable": False}), start=10
    ):
        await anna.changes(await someone(telegram_id), **change)
    assert await anna.names({}) == 3
    assert await anna.names({"language": "en"}) == 1
    assert await anna.names({"language": "ru"}) == 2
    await anna.changes(english, language="ru", level="guest")
    assert await anna.names({"language": "ru"}) == 3
    assert await anna.names({"level": "admin"}) == 1
    await anna.changes(russian, seen_at="2020-01-01", level="admin")
    assert await anna.names({"level": "admin"}) == 2
    assert await anna.names({"days": 30}) == 2
    for wrong in ({"days": 8}, {"language": "fr"}, {"level": "blocked"}, {"name": "x"}):
        with pytest.raises(Conflict, match="wrong_audience"):
            await anna.names(wrong)


async def test_levels_are_counted_as_they_are_elsewhere(
    anna: Operators, db: Database, someone: Any
) -> None:
    people = await crowd(someone, 5)
    for person, level in zip(people, (None, "guest", "member", "admin", "blocked"), strict=True):
        await anna.changes(person, level=level)
    # Their own settings are above whatever stands in the row.
    await anna.sql("update public.users set level = 'blocked' where id = %s", anna.admin_id)
    for mode in ("open", "invite", "list"):
        policy = POLICY | {"mode": mode, "admin_telegram_ids": [1]}
        await db.call("set_policy", policy=policy)
        rows = await anna.sql(
            "select public._level(u), array_agg(u.id order by u.id) from public.users u group by 1"
        )
        for level, ids in rows:
            named = await anna.sql(
                "select a from public._audience(jsonb_build_object('level', %s::text)) a"
                " order by 1",
                level,
            )
            assert [i for (i,) in named] == (ids if level != "blocked" else []), (mode, level)
        everybody = {level: ids for level, ids in rows if level != "blocked"}
        if mode == "list":
            everybody.pop("guest")
        assert await anna.names({}) == sum(map(len, everybody.values()))


async def test_a_draft_repeated_is_one_and_a_newer_one_takes_its_place(anna: Operators) -> None:
    first = await anna.drafts("tg:1:1")
    assert await anna.drafts("tg:1:1") == first
    second = await anna.drafts("tg:1:2")
    with pytest.raises(NotFound):
        await anna.call("get_broadcast", id=first)
    assert (await anna.call("drop_broadcast", id=second))["dropped"]
    assert not (await anna.call("drop_broadcast", id=second))["dropped"]
    for wrong in (
        {"kind": "video"},
        {"kind": "text", "text": ""},
        {"kind": "photo"},
        CONTENT | {"text": "я" * 100_000},
    ):
        with pytest.raises(Conflict, match="wrong_content"):
            await anna.call("draft_broadcast", content=wrong, source_key="k")


async def test_confirmed_twice_it_goes_to_everybody_once(anna: Operators, someone: Any) -> None:
    await crowd(someone, 4)
    number = await anna.drafts()
    with pytest.raises(Conflict, match="no_audience"):
        await anna.call("confirm_broadcast", id=number)
    await anna.call("set_broadcast_audience", id=number, audience={})
    answers = await asyncio.gather(
        *(anna.call("confirm_broadcast", id=number) for _ in range(4)),
    )
    assert sorted(answer["changed"] for answer in answers) == [False, False, False, True]
    assert await anna.counts(number) == {"waiting": 5}
    sends = await anna.takes(5)
    assert len({send["chat_id"] for send in sends}) == 5
    await anna.marks(number, "sent", *sends)
    assert (await anna.claims())["sends"] == []
    assert await anna.counts(number) == {"sent": 5}
    # Whom it named is settled at that moment.
    await someone(50)
    assert await anna.counts(number) == {"sent": 5}
    empty = await anna.drafts()
    await anna.call("set_broadcast_audience", id=empty, audience={"level": "guest"})
    with pytest.raises(Conflict, match="nobody"):
        await anna.call("confirm_broadcast", id=empty)


async def test_workers_side_by_side_take_different_people(anna: Operators, someone: Any) -> None:
    await crowd(someone, 60)
    number = await anna.starts()
    taken: list[str] = []
    deadline = time.monotonic() + 30
    while len(taken) < 61:
        assert time.monotonic() < deadline
        for claimed in await asyncio.gather(*(anna.claims(10) for _ in range(4))):
            taken += [send["user_id"] for send in claimed["sends"]]
    assert len(set(taken)) == 61
    assert await anna.counts(number) == {"sending": 61}


async def test_a_send_whose_outcome_is_lost_is_never_repeated(
    anna: Operators, someone: Any
) -> None:
    await crowd(someone, 1)
    number = await anna.starts()
    [lost, told] = await anna.takes(2, lease_seconds=0)
    assert (await anna.claims())["sends"] == []
    assert await anna.counts(number) == {"unclear": 2}
    # It was not dead but slow, and knows better.
    await anna.marks(number, "sent", told)
    await anna.marks(number, "sent", lost | {"lease": "of another"})
    assert await anna.counts(number) == {"unclear": 1, "sent": 1}
    assert (await anna.claims())["sends"] == []


async def test_a_process_that_is_alone_knows_that_its_forerunner_is_dead(
    anna: Operators, db: Database
) -> None:
    number = await anna.starts()
    await anna.takes()
    assert await anna.counts(number) == {"sending": 1}
    await db.call("release_leases")
    assert (await anna.claims())["sends"] == []
    assert await anna.counts(number) == {"unclear": 1}


async def test_giving_back_repeated_does_not_take_it_from_the_next_one(anna: Operators) -> None:
    number = await anna.starts()
    [first] = await anna.takes()
    await anna.marks(number, "waiting", first)
    [second] = await anna.takes()
    assert second["user_id"] == first["user_id"]
    await anna.marks(number, "waiting", first)
    assert await anna.counts(number) == {"sending": 1}
    assert (await anna.claims())["sends"] == []


async def test_what_changes_between_confirming_and_sending_is_respected(
    anna: Operators, someone: Any
) -> None:
    people = await crowd(someone, 4)
    number = await anna.starts()
    await anna.changes(people[0], reachable=False)
    await anna.changes(people[1], erase_at="2027-01-01")
    await anna.changes(people[2], level="blocked")
    await anna.sql("delete from public.users where id = %s", people[3].user_id)
    [send] = await anna.takes()
    assert (await anna.claims())["sends"] == []
    assert send["chat_id"] == 1
    assert await anna.counts(number) == {"sending": 1, "blocked": 1, "skipped": 3}


async def test_who_has_blocked_the_bot_is_not_written_to_again(
    anna: Operators, someone: Any
) -> None:
    await crowd(someone, 2)
    number = await anna.starts()
    sends = await anna.takes(3)
    await anna.marks(number, "blocked", *sends[:2])
    assert await anna.counts(number) == {"sending": 1, "blocked": 2}
    assert await anna.names({}) == 1


async def test_a_flood_wait_stops_all_that_is_said_unasked(anna: Operators, someone: Any) -> None:
    await crowd(someone, 2)
    number = await anna.starts()
    [send] = await anna.takes()
    await anna.marks(number, "waiting", send, pause=60)
    assert await anna.counts(number) == {"waiting": 3}
    [claimed] = [await anna.claims()]
    assert (claimed["sends"], claimed["open"]) == ([], True)
    await anna.sql("update public.send_budget set shut_until = now() - interval '1 second'")
    assert len(await anna.takes(3)) == 3


async def test_what_people_wait_for_goes_first(anna: Operators, someone: Any, worker: Any) -> None:
    boris, *_ = await crowd(someone, 3)
    vision = await boris.creates()
    await boris.says("Привет")
    [turn] = await worker.claims()
    await anna.starts()
    # Whose answer is being written right now is not interrupted, the others are written to.
    sends = await anna.takes(3)
    assert boris.user_id not in {send["user_id"] for send in sends}
    assert (await anna.claims())["sends"] == []
    await worker.answers(turn, "Здравствуй")
    assert [send["user_id"] for send in await anna.takes()] == [boris.user_id]
    # Notices and reminders that are due leave nothing of the budget.
    again = await anna.starts()
    await anna.sql(
        "insert into public.notices (user_id, kind, source_key)"
        " select %s, 'operators', 'r' || i from generate_series(1, %s) i",
        boris.user_id,
        QUICK // 4 - 1,
    )
    await boris.call("say_unasked", vision_id=vision["id"], content="!", payload={}, source_key="r")
    assert (await anna.claims())["sends"] == []
    await anna.sql("delete from public.notices")
    await anna.takes(4)
    assert await anna.counts(again) == {"sending": 4}


async def test_pausing_resuming_and_stopping(anna: Operators, someone: Any) -> None:
    await crowd(someone, 5)
    number = await anna.starts()
    await anna.takes(2)
    paused = await anna.call("change_broadcast", id=number, to="paused")
    assert (paused["status"], paused["changed"]) == ("paused", True)
    assert not (await anna.call("change_broadcast", id=number, to="paused"))["changed"]
    assert (await anna.claims())["sends"] == []
    assert (await anna.call("change_broadcast", id=number, to="sending"))["changed"]
    await anna.takes(2)
    assert (await anna.call("change_broadcast", id=number, to="stopped"))["changed"]
    for to in ("sending", "paused", "stopped"):
        after = await anna.call("change_broadcast", id=number, to=to)
        assert (after["status"], after["changed"]) == ("stopped", False)
    assert (await anna.claims())["sends"] == []
    assert await anna.counts(number) == {"sending": 4, "waiting": 2}
    acts = await anna.sql(
        "select act, details from public.admin_log where act like 'broadcast%%' order by id"
    )
    assert [act for act, _ in acts] == [
        "broadcast_drafted",
        "broadcast_started",
        "broadcast_paused",
        "broadcast_resumed",
        "broadcast_stopped",
    ]
    assert acts[1][1] == {"broadcast": number, "people": 6, "audience": {}, "kind": "text"}
    assert "Тайная" not in str(acts)


async def test_a_message_that_nobody_gets_pauses_by_itself(anna: Operators, someone: Any) -> None:
    await crowd(someone, 2)
    number = await anna.starts()
    await anna.marks(number, "failed", *await anna.takes(1), halt=True)
    found = await anna.call("get_broadcast", id=number)
    assert (found["status"], found["halted"]) == ("paused", True)
    assert not (await anna.call("change_broadcast", id=number, to="sending"))["halted"]


async def test_one_process_shows_the_progress_and_the_end_is_told_once(
    anna: Operators, db: Database, someone: Any
) -> None:
    await crowd(someone, 1)
    number = await anna.starts()
    await anna.call("watch_broadcast", id=number, chat_id=1, message_id=77)
    boris = await someone(100)
    with pytest.raises(Forbidden):
        await anna.call("watch_broadcast", id=number, chat_id=100, message_id=5)
    [shown] = (await anna.tends())["items"]
    assert shown["screens"] == [{"chat_id": 1, "message_id": 77, "language": "ru"}]
    assert await anna.tends("another") == {"held": False, "items": []}
    sends = await anna.takes(2)
    await anna.marks(number, "sent", sends[0])
    [shown] = (await anna.tends())["items"]
    assert (shown["status"], shown["settled"]) == ("sending", False)
    await anna.marks(number, "failed", sends[1])
    [shown] = (await anna.tends())["items"]
    assert (shown["status"], shown["settled"]) == ("finished", True)
    for _ in range(2):
        await db.call("broadcast_told", id=number)
    assert (await anna.tends())["items"] == []
    notices = await anna.sql("select user_id, kind, content -> 'counts' from public.notices")
    assert notices == [(anna.admin_id, "broadcast", {"sent": 1, "failed": 1})]
    # What was told stays, whoever is forgotten later.
    await anna.sql("delete from public.broadcast_recipients where user_id = %s", boris.user_id)
    assert await anna.counts(number) == {"sent": 1, "failed": 1}
    assert not (await anna.claims())["open"]


async def test_after_a_month_the_numbers_stay_without_the_people(
    anna: Operators, db: Database, someone: Any
) -> None:
    await crowd(someone, 2)
    old, new = await anna.starts(), await anna.starts()
    for number in (old, new):
        await anna.call("change_broadcast", id=number, to="stopped")
        await db.call("broadcast_told", id=number)
    left = "select distinct broadcast_id from public.broadcast_recipients"
    for days, kept in ((29, [(old,), (new,)]), (31, [(new,)])):
        told = "told_at = now() - make_interval(days => %s)"
        await anna.sql(f"update public.broadcasts set {told} where id = %s", days, old)
        await anna.tends()
        assert sorted(await anna.sql(left)) == kept
    assert await anna.counts(old) == await anna.counts(new) == {"waiting": 3}


async def test_nobody_but_an_admin_has_a_way_in(
    anna: Operators, db: Database, someone: Any
) -> None:
    boris = await someone(2)
    number = await anna.starts()
    calls: list[tuple[str, dict[str, Any]]] = [
        ("draft_broadcast", {"content": CONTENT, "source_key": "b"}),
        ("drop_broadcast", {"id": number}),
        ("set_broadcast_audience", {"id": number, "audience": {}}),
        ("confirm_broadcast", {"id": number}),
        ("change_broadcast", {"id": number, "to": "stopped"}),
        ("get_broadcast", {"id": number}),
        ("list_broadcasts", {"offset": 0, "limit": 5}),
        ("watch_broadcast", {"id": number, "chat_id": 2, "message_id": 1}),
    ]
    for function, arguments in calls:
        with pytest.raises(Forbidden, match="not_admin"):
            await db.call(function, admin_id=boris.user_id, **arguments)
    await anna.changes(boris, level="admin")
    draft = await anna.drafts()
    for function, arguments in calls[2:6]:
        with pytest.raises(NotFound):
            await db.call(function, admin_id=boris.user_id, **(arguments | {"id": draft}))
    listed = await db.call("list_broadcasts", admin_id=boris.user_id, offset=0, limit=5)
    assert [(item["id"], item["own"]) for item in listed["items"]] == [(number, False)]
    stopped = await db.call("change_broadcast", admin_id=boris.user_id, id=number, to="stopped")
    assert stopped["changed"]
