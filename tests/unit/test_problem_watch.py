"""When a problem begins, when it ends, and what proves either; on a clock of the test's own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from core.database.postgres import PostgresDatabase
from core.errors import CoreError, FetchFailed, ModelDown, ModelRejected, Unavailable
from core.observing import CallReport, Report
from core.problems import Admin, Open, Problems, ProblemWord
from core.problems.bounds import DATABASE_SECONDS, SETTLE_SECONDS
from core.problems.model_health import ModelHealth, Use
from core.problems.outage import Outage
from core.problems.reports import RENEW_SECONDS, Reports
from core.problems.rounds import Rounds
from core.problems.watch import SharedWatch, Space, look_at_clock, look_at_disks
from tests.database import database_server, dsn

__all__ = ["database_server", "dsn"]

GB = 1 << 30


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Book:
    """The problems as a database would have them; a `Problems` that keeps them at hand."""

    def __init__(self) -> None:
        self.open: dict[tuple[str, str], Any] = {}
        self.puts = 0

    async def put(self, name: str, about: str, details: Any) -> None:
        self.puts += 1
        self.open[name, about] = details

    async def clear(self, name: str, about: str, seconds: float) -> None:
        self.open.pop((name, about), None)


class Watched:
    def __init__(self) -> None:
        self.clock = Clock()
        self.reports = Reports(self.clock)
        self.book = Book()

    async def open(self) -> dict[str, Any]:
        book: Any = self.book
        await self.reports.write(book)
        self.reports.open = frozenset(self.book.open)
        self.clock.now += RENEW_SECONDS
        return {name: details for (name, _), details in self.book.open.items()}


@pytest.fixture
def watched() -> Watched:
    return Watched()


def state(**changes: Any) -> dict[str, Any]:
    whole: dict[str, Any] = {
        "queue": {
            "turns": {"oldest_seconds": 0, "waiting": 0},
            "updates": {"failed": 0},
        },
        "deliveries": {"delivered": 0, "troubled": 0},
        "update_failed_seconds": None,
        "budget": None,
    }
    return whole | changes


def queue(oldest: int) -> dict[str, Any]:
    return state(
        queue={"turns": {"oldest_seconds": oldest, "waiting": 9}, "updates": {"failed": 3}}
    )


async def test_a_queue_must_be_old_and_grow_and_be_worked_off_to_be_well(watched: Watched) -> None:
    watch = SharedWatch(watched.reports)
    for oldest, there in (
        (50, False),
        (90, False),  # long, but how it goes on is not known
        (70, False),  # shrinks
        (100, True),
        (61, True),
        (20, True),
        (19, False),
        (0, False),
    ):
        watch.look(queue(oldest))
        assert ("queue_grows" in await watched.open()) == there, oldest
    assert watched.book.puts == 1


async def test_deliveries_fail_by_share_and_end_with_the_first_good_ones(watched: Watched) -> None:
    watch = SharedWatch(watched.reports)
    for delivered, troubled, there in (
        (0, 4, False),
        (100, 20, False),
        (20, 5, True),
        (90, 10, True),
        (0, 0, True),  # nothing was sent, so nothing is known
        (95, 5, False),
    ):
        watch.look(state(deliveries={"delivered": delivered, "troubled": troubled}))
        assert ("deliveries_fail" in await watched.open()) == there, (delivered, troubled)


async def test_the_budget_is_told_at_80_and_at_100_percent(watched: Watched) -> None:
    watch = SharedWatch(watched.reports)
    for share, there in (
        (None, set[str]()),
        (0.79, set[str]()),
        (0.8, {"budget_near"}),
        (1.2, {"budget_near", "budget_spent"}),
        (0.0, set[str]()),
    ):
        watch.look(state(budget={"share": share}))
        assert set(await watched.open()) == there, share


async def test_an_update_that_was_given_up_is_news_for_ten_minutes(watched: Watched) -> None:
    watch = SharedWatch(watched.reports)
    watch.look(state(update_failed_seconds=601))
    assert await watched.open() == {}
    watch.look(queue(0) | {"update_failed_seconds": 5})
    assert await watched.open() == {"update_failed": {"count": 3}}


async def test_a_disk_at_the_bound_does_not_flap(watched: Watched) -> None:
    for free, total, there in (
        (1.1, 10, False),
        (0.9, 10, True),
        (1.1, 10, True),
        (1.4, 10, True),
        (1.6, 10, False),
        (4.9, 100, True),
        (6.9, 100, True),
        (7.1, 100, False),
    ):
        space = Space(int(free * GB), total * GB)
        look_at_disks(watched.reports, "box", [space, Space(50 * GB, 100 * GB)])
        assert ("disk_full" in await watched.open()) == there, (free, total)
    look_at_disks(watched.reports, "box", [])


async def test_a_clock_at_the_bound_does_not_flap(watched: Watched) -> None:
    for off, there in ((59, False), (61, True), (45, True), (29, False)):
        look_at_clock(watched.reports, "box", off)
        assert ("clock_off" in await watched.open()) == there, off


class Nobody:
    def __init__(self) -> None:
        self.heard: list[Report] = []

    def happened(self, report: Report) -> None:
        self.heard.append(report)


def call(model: str = "big", outcome: str = "ok", seconds: float = 2.0, **more: Any) -> CallReport:
    return CallReport(
        "dialogue", model, outcome, None, 1, seconds, None, 0, 0, 0, 0, None, None, **more
    )


@pytest.fixture
def health(watched: Watched) -> ModelHealth:
    uses = {
        "big": Use("LLM_MODEL", "OPENAI_API_KEY", "api"),
        "small": Use("LLM_MODEL_CHEAP", "OPENAI_API_KEY", "api"),
        "ear": Use("STT_MODEL", "STT_API_KEY", "ears"),
    }
    return ModelHealth(uses, watched.reports, Nobody(), watched.clock)


async def test_a_refusal_is_a_problem_of_its_key_or_model(
    watched: Watched, health: ModelHealth
) -> None:
    health.happened(call("ear", "failed", rejected="key"))
    health.happened(call("small", "failed", rejected="model"))
    health.happened(call("big", "failed", rejected="request"))
    health.happened(call("big", "timeout"))
    await watched.open()
    assert set(watched.book.open) == {
        ("model_key", "STT_API_KEY"),
        ("model_gone", "LLM_MODEL_CHEAP"),
    }
    assert watched.book.open["model_gone", "LLM_MODEL_CHEAP"] == {"host": "api", "model": "small"}


@pytest.mark.parametrize(
    ("good", "seconds", "ends"),
    [
        ("small", 2.0, True),
        ("ear", 2.0, False),  # has a key of its own
        ("big", 60.0, False),  # had begun before the trouble
    ],
)
async def test_a_call_that_began_after_it_and_went_well_ends_it(
    watched: Watched, health: ModelHealth, good: str, seconds: float, ends: bool
) -> None:
    health.happened(call(outcome="failed", rejected="quota"))
    await watched.open()
    health.happened(call(good, seconds=seconds))
    health.look([Open("model_quota", "OPENAI_API_KEY", renewed_seconds=10)])
    assert ("model_quota" not in await watched.open()) == ends


async def test_what_a_failed_turn_tells_of(watched: Watched, health: ModelHealth) -> None:
    health.turn_failed(ModelRejected("key", "words of the server"))
    assert await watched.open() == {}
    health.happened(call("ear", "failed"))
    health.turn_failed(ModelDown("failed: http_500 (5 tries)"))
    await watched.open()
    assert set(watched.book.open) == {("model_down", "STT_API_KEY")}
    health.turn_failed(ModelRejected("request", "it quotes a person", "bad"))
    health.turn_failed(CoreError("KeyError"))
    told = await watched.open()
    assert told["model_request"]["code"] == "request: bad"
    assert told["turn_failed"] == {"error": "KeyError"}
    assert "quotes" not in str(watched.book.open)


async def test_a_file_that_telegram_keeps_is_named_in_a_word(
    watched: Watched, health: ModelHealth
) -> None:
    health.turn_failed(FetchFailed("https://secret"))
    assert await watched.open() == {"turn_failed": {"error": "unfetched"}}


async def test_what_is_met_all_the_time_is_written_now_and_then(watched: Watched) -> None:
    for _ in range(100):
        watched.reports.met("model_down", "OPENAI_API_KEY")
    await watched.open()
    assert watched.book.puts == 1
    watched.reports.met("model_down", "OPENAI_API_KEY")
    await watched.open()
    assert watched.book.puts == 2


class Teller:
    def __init__(self) -> None:
        self.said: list[tuple[int, str, bool, int]] = []
        self.pause: int | None = None

    async def __call__(self, word: ProblemWord) -> int | None:
        if self.pause is None:
            problem = word.problem
            self.said.append((word.admin_id, problem.name, word.open, problem.seconds))
        return self.pause


ADMINS = [Admin(1, "a", "ru", None, True), Admin(2, "b", "en", None, False)]


async def test_of_a_database_that_takes_nothing_one_process_tells(tmp_path: Path) -> None:
    clock = Clock()
    tellers = [Teller(), Teller()]
    outages = [Outage(tmp_path, teller, clock) for teller in tellers]
    for outage in outages:
        outage.admins = ADMINS
    for seconds in (0, DATABASE_SECONDS - 1):
        clock.now = 1000 + seconds
        for outage in outages:
            await outage.met("database_full")
    assert not tellers[0].said
    clock.now = 1000 + DATABASE_SECONDS
    tellers[0].pause = 10
    for _ in range(3):
        for outage in outages:
            await outage.met("database_full")
    tellers[0].pause = None
    clock.now += 10
    for _ in range(3):
        for outage in outages:
            await outage.met("database_full")
    for settled in (False, True):
        clock.now += SETTLE_SECONDS["database_full"] * settled
        for outage in outages:
            await outage.over()
    lasted = round(DATABASE_SECONDS) + 10
    assert tellers[0].said == [
        (1, "database_full", True, lasted),
        (1, "database_full", False, lasted),
    ]
    assert not tellers[1].said
    clock.now += 100
    await outages[1].met("database_away")
    clock.now += DATABASE_SECONDS
    await outages[1].met("database_away")
    assert [each[:3] for each in tellers[1].said] == [(1, "database_away", True)]


@pytest.fixture
async def db(dsn: str) -> AsyncIterator[PostgresDatabase]:
    database = PostgresDatabase(dsn, pool_size=4)
    await database.open()
    yield database
    await database.close()


async def test_two_processes_on_a_disk_that_fills_up_tell_each_admin_once(
    db: PostgresDatabase, dsn: str, tmp_path: Path
) -> None:
    policy = {
        "mode": "open",
        "guest_messages": 0,
        "admin_telegram_ids": [1, 2],
        "limits": {},
        "budget": {},
    }
    await db.call("set_policy", policy=policy)
    for number in (1, 2):
        await db.call("sign_in", telegram_id=number, profile={}, source_key="s")
    free = [0.3]

    async def usage(_: Path) -> Space:
        return Space(int(free[0] * GB), 10 * GB)

    async def a_round(*processes: Rounds) -> None:
        for process in processes:
            await process.look()
            await process.tell_what_waits(teller)

    def process(name: str) -> Rounds:
        reports = Reports()
        health = ModelHealth({}, reports, Nobody())
        return Rounds(
            db, Problems(db), reports, health,
            folders=[tmp_path], usage=usage, machine="box", holder=name,
        )  # fmt: skip

    teller = Teller()
    first, second = process("a"), process("b")
    for _ in range(3):
        await a_round(first, second)
    assert [each[:3] for each in teller.said] == [(1, "disk_full", True), (2, "disk_full", True)]
    # A new process, and a disk that is well again.
    third = process("c")
    free[0] = 5.0
    for _ in range(2):
        await a_round(third, second)
    assert len(teller.said) == 2
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        await connection.execute(
            "update public.problems set cleared_at = cleared_at - interval '10 minutes'"
        )
    for _ in range(2):
        await a_round(second, third)
    assert [each[:3] for each in teller.said[2:]] == [
        (1, "disk_full", False),
        (2, "disk_full", False),
    ]


class Silent:
    async def call(self, function: str, /, **arguments: Any) -> Any:
        raise Unavailable("gone")


def rounds_over(db: Any, folder: Path) -> Rounds:
    reports = Reports()

    async def usage(_: Path) -> Space:
        return Space(GB, GB)

    health = ModelHealth({}, reports, Nobody())
    return Rounds(
        db, Problems(db), reports, health,
        folders=[folder], usage=usage, machine="box", holder="a",
    )  # fmt: skip


async def test_a_database_that_only_reads_is_full_and_one_that_is_silent_is_away(
    db: PostgresDatabase, dsn: str, tmp_path: Path
) -> None:
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        name = connection.info.dbname
        await connection.execute(
            f"alter database {name} set default_transaction_read_only = on".encode()
        )
    reading = PostgresDatabase(dsn, pool_size=1)
    await reading.open()
    rounds = rounds_over(reading, tmp_path)
    with pytest.raises(Unavailable):
        await rounds.tell_what_waits(Teller())
    assert await rounds.what_is_wrong() == "database_full"
    await reading.close()
    silent: Any = Silent()
    assert await rounds_over(silent, tmp_path).what_is_wrong() == "database_away"
