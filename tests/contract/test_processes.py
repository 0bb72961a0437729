"""What several processes over one database agree upon."""

from __future__ import annotations

import asyncio
import re
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest

from core.background import Background
from core.database import Database
from core.database.lease_lock import hold
from core.errors import Unavailable
from core.inbox import Inbox
from tests.contract.conftest import Worker

BOT = 42
OPERATIONS = Path(__file__).parent.parent.parent / "docs" / "operations.md"


async def run(dsn: str, statement: str) -> None:
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        await connection.execute(statement.encode())


def update(number: int) -> dict[str, Any]:
    return {"update_id": number}


@pytest.fixture
def first(db: Database) -> Inbox:
    return Inbox(db, "first")


@pytest.fixture
def second(db: Database) -> Inbox:
    return Inbox(db, "second")


class TestKeptUpdates:
    async def test_what_one_handles_no_other_takes(self, first: Inbox, second: Inbox) -> None:
        await first.keep(BOT, 1, update(1), lane="a")
        assert (await second.claim(BOT)).updates == []
        assert await first.renew(BOT, [1]) == {1}

    async def test_a_dead_ones_updates_are_taken_over(
        self, first: Inbox, second: Inbox, dsn: str
    ) -> None:
        await first.keep(BOT, 1, update(1), lane="a")
        await run(dsn, "update public.kept_updates set run_at = now() - interval '1 second'")
        assert (await second.claim(BOT)).updates == [update(1)]
        assert await first.renew(BOT, [1]) == frozenset()
        assert (await first.claim(BOT)).updates == []

    async def test_what_one_does_not_know_to_have_runs_out(
        self, first: Inbox, second: Inbox, dsn: str
    ) -> None:
        """Its answer was lost on the way: nobody handles it, and nobody may hold it for ever."""
        await first.keep(BOT, 1, update(1), lane="a")
        await first.keep(BOT, 2, update(2), lane="b")
        await run(dsn, "update public.kept_updates set run_at = now() + interval '1 second'")
        assert await first.renew(BOT, [2]) == {2}
        await asyncio.sleep(1.1)
        assert (await second.claim(BOT)).updates == [update(1)]

    async def test_what_was_given_up_runs_again_as_the_operators_are_told(
        self, first: Inbox, second: Inbox, dsn: str
    ) -> None:
        await first.write_off(BOT, 7, update(7), lane="a", error="first trace")
        assert (await second.claim(BOT)).updates == []
        again = re.search(r"update public\.kept_updates.*?;", OPERATIONS.read_text("utf-8"), re.S)
        assert again
        await run(dsn, again[0].replace("123456789", str(BOT)).replace("987654321", "7"))
        assert (await second.claim(BOT)).updates == [update(7)]
        await second.write_off(BOT, 7, update(7), lane="a", error="second trace")
        looked = re.search(r"select bot_id.*?;", OPERATIONS.read_text("utf-8"), re.S)
        assert looked
        async with await psycopg.AsyncConnection.connect(dsn) as connection:
            rows = await (await connection.execute(looked[0].encode())).fetchall()
        assert [(row[1], row[-1]) for row in rows] == [(7, "second trace")]

    async def test_a_lane_is_handled_in_order(self, first: Inbox, second: Inbox) -> None:
        for number, lane in [(1, "a"), (2, "a"), (3, "b")]:
            await first.keep(BOT, number, update(number), lane=lane)
        await first.release(BOT)
        assert (await second.claim(BOT)).updates == [update(1), update(3)]
        assert (await second.claim(BOT)).updates == []
        await second.drop(BOT, 1)
        assert (await second.claim(BOT)).updates == [update(2)]

    async def test_what_is_left_stands_behind_what_another_holds(
        self, first: Inbox, second: Inbox
    ) -> None:
        await first.keep(BOT, 1, update(1), lane="a")
        await second.leave(BOT, 2, update(2), lane="a")
        claimed = await second.claim(BOT)
        assert claimed.updates == []
        assert claimed.elsewhere == {"a"}
        await first.drop(BOT, 1)
        claimed = await first.claim(BOT)
        assert claimed.updates == [update(2)]
        assert claimed.elsewhere == frozenset()

    async def test_what_was_kept_can_be_left(self, first: Inbox, second: Inbox) -> None:
        await first.keep(BOT, 1, update(1), lane="a")
        await second.leave(BOT, 1, update(1), lane="a")
        assert (await second.claim(BOT)).updates == []
        await first.leave(BOT, 1, update(1), lane="a")
        assert (await second.claim(BOT)).updates == [update(1)]

    async def test_no_character_keeps_an_update_out(self, first: Inbox) -> None:
        payload = {"update_id": 1, "text": "a\x00b\\u0000"}
        await first.keep(BOT, 1, payload, lane="a")
        await first.write_off(BOT, 1, payload, lane="a", error="\x00")
        assert await first.renew(BOT, [1]) == frozenset()

    async def test_others_hear_of_what_is_kept(
        self, db: Database, first: Inbox, second: Inbox
    ) -> None:
        if not db.notifies:
            pytest.skip("this transport carries no notifications")
        heard: list[str] = []

        async def listen() -> None:
            async for lane in second.heard(BOT):
                heard.append(lane)  # noqa: PERF401 - the loop never ends

        background = Background()
        background.spawn(listen(), "listen")
        async with asyncio.timeout(20):
            while not {"a", ""} <= set(heard):
                await second.keep(BOT, 1, update(1), lane="own")
                await first.keep(BOT, 2, update(2), lane="a")
                await first.release(BOT)
                await asyncio.sleep(0.1)
        await background.drain(0)
        assert set(heard) == {"a", ""}

    async def test_a_failed_one_stays_and_stands_in_nobodys_way(
        self, first: Inbox, second: Inbox
    ) -> None:
        await first.write_off(BOT, 1, update(1), lane="a", error="oh")
        await first.keep(BOT, 2, update(2), lane="a")
        await first.release(BOT)
        assert (await second.claim(BOT)).updates == [update(2)]

    async def test_two_at_once_take_each_update_once(self, first: Inbox, second: Inbox) -> None:
        for number in range(40):
            await first.keep(BOT, number, update(number), lane=str(number))
        await first.release(BOT)
        taken = await asyncio.gather(*(inbox.claim(BOT, 10) for inbox in (first, second) * 3))
        numbers = [raw["update_id"] for page in taken for raw in page.updates]
        assert len(numbers) == len(set(numbers))

    async def test_another_bots_updates_are_none_of_ours(self, first: Inbox, second: Inbox) -> None:
        await first.keep(BOT, 1, update(1), lane="a")
        await first.release(BOT)
        assert (await second.claim(BOT + 1)).updates == []


class TestLocks:
    async def test_one_holder_at_a_time(self, db: Database) -> None:
        assert (await db.call("take_lock", name="n", holder="a", seconds=60))["held"]
        assert not (await db.call("take_lock", name="n", holder="b", seconds=60))["held"]
        assert (await db.call("take_lock", name="n", holder="a", seconds=60))["held"]
        await db.call("release_lock", name="n", holder="b")
        assert not (await db.call("take_lock", name="n", holder="b", seconds=60))["held"]
        await db.call("release_lock", name="n", holder="a")
        assert (await db.call("take_lock", name="n", holder="b", seconds=60))["held"]

    async def test_a_lock_runs_out(self, db: Database) -> None:
        await db.call("take_lock", name="n", holder="a", seconds=0)
        assert (await db.call("take_lock", name="n", holder="b", seconds=60))["held"]

    async def test_the_next_one_waits_until_the_first_leaves(self, db: Database) -> None:
        order: list[str] = []

        async def one(name: str) -> None:
            async with hold(db.call, "polling"):
                order.append(f"{name} in")
                await asyncio.sleep(0.3)
                order.append(f"{name} out")

        await asyncio.gather(one("a"), one("b"))
        assert [step.split()[1] for step in order] == ["in", "out", "in", "out"]

    async def test_whoever_loses_it_is_told(
        self, db: Database, dsn: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("core.database.lease_lock._RENEW_SECONDS", 0.05)

        async def works() -> None:
            async with hold(db.call, "polling"):
                await run(dsn, "update public.locks set holder = 'other'")
                await asyncio.sleep(20)

        with pytest.raises(Unavailable, match="polling"):
            await works()

    async def test_a_late_answer_is_not_believed(
        self, db: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("core.database.lease_lock._SURE_SECONDS", 2.0)
        asked: list[str] = []

        async def slow_at_first(function: str, /, **arguments: Any) -> Any:
            asked.append(function)
            answer = await db.call(function, **arguments)
            await asyncio.sleep(2.5 if len(asked) == 1 else 0)
            return answer

        async with hold(slow_at_first, "polling"):
            held_after = list(asked)
        assert held_after == ["take_lock", "take_lock"]

    async def test_an_error_of_the_body_comes_out_as_it_is(self, db: Database) -> None:
        with suppress(KeyError):
            async with hold(db.call, "polling"):
                raise KeyError
        async with asyncio.timeout(10), hold(db.call, "polling"):
            pass


class TestOrderOfSends:
    async def test_two_answers_of_one_person_go_one_after_the_other(
        self, someone: Any, worker: Worker
    ) -> None:
        anna = await someone(1)
        for title in ("Дом", "Море"):
            await anna.creates(title)
            await anna.says(f"О {title}")
        turns = await worker.claims()
        ended = await asyncio.gather(*(worker.answers(turn, "Да.", "Нет.") for turn in turns))
        leased = [answer["deliveries"] for answer in ended]
        assert sorted(map(len, leased)) == [0, 2]
        [mine] = filter(None, leased)
        assert await worker.waiting() == []
        for delivery in mine:
            await worker.delivers(delivery, delivery["id"])
        [later] = await worker.waiting()
        await worker.delivers(later, 1)
        [last] = await worker.waiting()
        assert later["id"] < last["id"]


class TestSaidUnasked:
    async def says(self, db: Database, person: Any, vision_id: str, key: str) -> None:
        await db.call(
            "say_unasked",
            user_id=person.user_id,
            vision_id=vision_id,
            content=f"Как дела? {key}",
            payload={},
            source_key=key,
        )

    async def claims(self, db: Database, per_second: int) -> Any:
        return await db.call("claim_deliveries", limit=50, lease_seconds=60, per_second=per_second)

    async def test_once_for_each_key_and_where_it_was_said(
        self, db: Database, someone: Any, worker: Worker
    ) -> None:
        anna = await someone(1)
        vision = await anna.creates()
        await anna.says("Первое")
        await self.says(db, anna, vision["id"], "r1")
        await self.says(db, anna, vision["id"], "r1")
        [turn] = await worker.claims()
        await worker.answers(turn, "Ответ")
        assert await anna.hears(vision["id"]) == [
            ("user", "Первое"),
            ("assistant", "Ответ"),
            ("assistant", "Как дела? r1"),
        ]

    async def test_an_answer_does_not_wait_for_it(
        self, db: Database, someone: Any, worker: Worker
    ) -> None:
        anna = await someone(1)
        vision = await anna.creates()
        await self.says(db, anna, vision["id"], "r1")
        await anna.says("Привет")
        [turn] = await worker.claims()
        answered = await worker.answers(turn, "Ответ")
        assert len(answered["deliveries"]) == 1
        # While the answer is being sent, nothing of that chat overtakes it.
        assert (await self.claims(db, 30))["deliveries"] == []
        await worker.delivers(answered["deliveries"][0], 1)
        [unasked] = (await self.claims(db, 30))["deliveries"]
        assert unasked["content"] == "Как дела? r1"

    async def test_all_processes_together_keep_the_budget(
        self, db: Database, someone: Any, dsn: str
    ) -> None:
        for number in range(30):
            person = await someone(number + 1)
            vision = await person.creates()
            await self.says(db, person, vision["id"], f"r{number}")
        full = "update public.send_budget set refilled_at = now() - interval '1 hour'"
        began = time.monotonic()
        await run(dsn, full)
        pages = await asyncio.gather(*(self.claims(db, 10) for _ in range(4)))
        refilled = 10 * (time.monotonic() - began)
        assert sum(len(page["deliveries"]) for page in pages) <= 10 + refilled
        assert any(page["unasked"] for page in pages)
        await run(dsn, f"{full}, tokens = 0")
        again = await self.claims(db, 10)
        assert 0 < len(again["deliveries"]) <= 10

    async def test_no_second_sees_more_than_the_budget(
        self, db: Database, someone: Any, dsn: str
    ) -> None:
        for number in range(40):
            person = await someone(number + 1)
            vision = await person.creates()
            await self.says(db, person, vision["id"], f"r{number}")
        await run(dsn, "update public.send_budget set refilled_at = now() - interval '1 hour'")
        claimed = 0
        while claimed < 25:
            claimed += len((await self.claims(db, 12))["deliveries"])
            await asyncio.sleep(0.05)
        async with await psycopg.AsyncConnection.connect(dsn) as connection:
            cursor = await connection.execute(
                "select max(n) from (select count(*) over (order by attempting_at"
                " range between current row and interval '1 second' following) as n"
                " from public.deliveries where attempting_at is not null) w"
            )
            assert await cursor.fetchone() <= (12,)

    async def test_answers_are_counted_against_it(
        self, db: Database, someone: Any, worker: Worker, dsn: str
    ) -> None:
        for number in range(6):
            person = await someone(number + 1)
            vision = await person.creates()
            if number < 5:
                await person.says("Привет")
            else:
                await self.says(db, person, vision["id"], "r")
        for turn in await worker.claims():
            await worker.answers(turn, "Ответ")
        await run(
            dsn,
            "update public.send_budget set refilled_at = now() - interval '1 hour';"
            "update public.deliveries set attempting_at = now() + interval '1 minute'"
            " where attempting_at is not null",
        )
        assert (await self.claims(db, 5))["deliveries"] == []
        assert len((await self.claims(db, 6))["deliveries"]) == 1

    async def test_telegrams_wait_stops_all_of_it(
        self, db: Database, someone: Any, dsn: str
    ) -> None:
        for number in range(2):
            person = await someone(number + 1)
            vision = await person.creates()
            await self.says(db, person, vision["id"], f"r{number}")
        await run(dsn, "update public.send_budget set refilled_at = now() - interval '1 hour'")
        [sent] = (await db.call("claim_deliveries", limit=1, lease_seconds=60, per_second=30))[
            "deliveries"
        ]
        await db.call(
            "postpone_delivery", id=sent["id"], lease=sent["lease"], seconds=600, failure="flood"
        )
        assert (await self.claims(db, 30)) == {"deliveries": [], "unasked": True}


async def test_the_state_of_the_queues(
    db: Database, someone: Any, worker: Worker, first: Inbox
) -> None:
    anna, kate = await someone(1), await someone(2)
    for person in (anna, kate):
        await person.creates()
        await person.says("Привет")
    [turn, _] = await worker.claims()
    await worker.answers(turn, "Ответ")
    await first.keep(BOT, 1, update(1), lane="a")
    await first.write_off(BOT, 2, update(2), lane="b", error="oh")
    state = await db.call("queue_state")
    assert (state["turns"]["running"], state["turns"]["waiting"]) == (1, 0)
    assert (state["deliveries"]["waiting"], state["deliveries"]["unasked"]) == (1, 0)
    assert state["updates"] == {"waiting": 1, "failed": 1}
