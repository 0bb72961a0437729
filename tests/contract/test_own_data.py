"""Everything of one person's own, and nothing of another's: in the archive, and erased."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.background import Background
from core.errors import Conflict, Forbidden, NotFound
from core.files.local import LocalFiles
from core.own_data import OwnData
from core.own_data.erasing import Erasing
from core.own_data.exporting import Exporting
from core.own_data.waking import Waking
from tests.contract.own_data_world import Chat, Somebody, everything, kept, run, settle

NOBODYS = {
    "policy": "what the operator has set; an admin's Telegram id is in the operator's settings",
    "locks": "names of processes",
    "problems": "of the machine",
    "send_budget": "numbers",
    "usage_totals": "numbers of everybody together",
    "statistics_calls": "numbers of everybody together",
    "statistics_days": "numbers of everybody together",
    "statistics_delays": "numbers of everybody together",
    "statistics_state": "a moment",
}
"""Tables that have nothing of a person's own, and why."""

MOMENTARY = ("lease", "run_at", "attempts", "message_id")

POINTERS = (
    "user_id",
    "clientid",
    "telegram_id",
    "vision_id",
    "chat_id",
    "message_id",
    "admin_id",
    "made_by",
)


class World:
    """What a test needs: the areas, the store, Anna and Boris."""

    def __init__(self, db: Any, dsn: str, folder: Path, anna: Somebody, boris: Somebody) -> None:
        self.db, self.dsn, self.folder = db, dsn, folder
        self.anna, self.boris = anna, boris
        self.own_data = OwnData(db)
        store = LocalFiles(folder)
        self.front = Chat()
        self.background = Background()
        self.exporting = Exporting(db, store, self.front, self.background, Waking(db))
        self.erasing = Erasing(db, store, self.front.farewell, Waking(db))

    async def exports(self, somebody: Somebody, key: str = "ask") -> str:
        await run(self.dsn, "update exports set created_at = now() - interval '2 hours'")
        asked = await self.own_data.ask_export(
            somebody.user_id, chat_id=somebody.telegram_id, thread_id=None, source_key=key
        )
        return asked.state

    async def leaves(self, somebody: Somebody) -> None:
        await self.own_data.offer_erasure(somebody.user_id, "deadbeef")
        await self.own_data.request_erasure(somebody.user_id, "deadbeef")

    async def week_passes(self) -> None:
        await run(
            self.dsn,
            "update users set erase_at = now() - interval '1 s' where erase_at is not null",
        )
        await run(
            self.dsn,
            "update erasures set run_at = now() - interval '1 s' where asked_at is not null",
        )

    async def lease_runs_out(self) -> None:
        await run(self.dsn, "update erasures set run_at = now() where began_at is not null")
        await run(self.dsn, "update exports set run_at = now()")


@pytest.fixture
async def world(db: Any, dsn: str, someone: Any, worker: Any, tmp_path: Path) -> Any:
    store = LocalFiles(tmp_path / "files")
    await store.open()
    one, other = await someone(700100), await someone(700200)
    anna = await settle(db, dsn, store, one, worker, "ZZanna", 11)
    boris = await settle(db, dsn, store, other, worker, "QQboris", 22)
    world = World(db, dsn, tmp_path / "files", anna, boris)
    yield world
    await world.background.drain(0)


def ids_of(somebody: Somebody) -> list[str]:
    return [somebody.user_id, str(somebody.telegram_id), somebody.mark, *somebody.visions]


def named_in(rows: dict[str, list[dict[str, Any]]], somebody: Somebody) -> dict[str, list[str]]:
    """By table the rows in which an id or the mark of somebody stands, in whatever column."""
    found: dict[str, list[str]] = {}
    for table, listed in rows.items():
        for row in listed:
            told = json.dumps(row, ensure_ascii=False)
            if any(each in told for each in ids_of(somebody)):
                found.setdefault(table, []).append(told)
    return found


async def test_every_table_is_somebodys_or_said_to_be_nobodys(db: Any, dsn: str) -> None:
    columns = await run(
        dsn,
        "select c.relname, array_agg(a.attname::text) from pg_class c"
        " join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped"
        " where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' group by 1",
    )
    named = [
        row[0] for row in await run(dsn, "select name from _own_tables() where key is not null")
    ]
    assert len(named) == len(set(named))
    own = {*named, "deliveries"}
    assert {name for name, _ in columns} - own == set(NOBODYS)
    pointing = {name for name, listed in columns if set(listed) & set(POINTERS)}
    assert pointing <= own
    erased = await run(dsn, "select distinct name from _own_tables() where erased is not null")
    with_the_person = {"deliveries", "files", "erasures", "telegram_accounts", "users"}
    assert own == {row[0] for row in erased} | with_the_person


async def test_everybody_has_something_in_every_table(world: World) -> None:
    """Otherwise the tests below would prove nothing about a new one."""
    rows = await everything(world.dsn)
    own = {row[0] for row in await run(world.dsn, "select distinct name from _own_tables()")}
    for somebody in (world.anna, world.boris):
        assert set(named_in(rows, somebody)) >= own


async def test_the_archive_has_every_row_and_file_of_one_and_nothing_of_the_other(
    world: World,
) -> None:
    assert await world.exports(world.anna) == "queued"
    rows = await everything(world.dsn)
    await world.exporting.once()

    members = world.front.members()
    assert world.front.ends == ["done 1"]
    told = {
        name: json.loads(content) for name, content in members.items() if name.endswith(".json")
    }
    messages = [
        row
        for name, listed in told.items()
        if "messages" in name and "visions/" in name
        for row in listed
    ]
    tables = {
        name.removeprefix("data/").removesuffix(".json"): listed for name, listed in told.items()
    }
    tables["deliveries"] = [row.pop("delivery") for row in messages if row["delivery"]]
    tables["vision_messages"] = [
        {k: v for k, v in row.items() if k != "delivery"} for row in messages
    ]

    for table, listed in rows.items():
        for row in listed:
            if whose(table, row, world.anna):
                hidden = {"admin_id", "code_hash", "nonce", "screens"}
                momentary = MOMENTARY if table == "exports" else ()
                expected = {k: v for k, v in row.items() if k not in momentary}
                assert any(
                    all(found.get(k, v if k in hidden else None) == v for k, v in expected.items())
                    for found in tables[table]
                ), (table, row)
    files = {content for name, content in members.items() if "/files/" in name}
    assert files == {f"ZZanna in the store {t}".encode() for t in ("active", "frozen", "deleted")}
    dialogues = b"".join(content for name, content in members.items() if name.endswith(".md"))
    for said in ("ZZanna edited", "ZZanna answer", "ZZanna unanswered", "ZZanna deleted"):
        assert said.encode() in dialogues
    whole = b"".join(members.values()).decode() + "".join(members)
    assert not [each for each in ids_of(world.boris) if each in whole]


def whose(table: str, row: dict[str, Any], somebody: Somebody) -> bool:
    if table == "notices" and row["kind"] == "feedback":
        return False
    told = [
        row.get(name) for name in ("user_id", "clientid", "vision_id", "telegram_id", "made_by")
    ]
    if table == "users":
        told.append(row["id"])
    return any(str(each) in ids_of(somebody) for each in told if each)


async def test_the_last_row_and_file_are_erased_and_the_other_ones_stay_as_they_were(
    world: World,
) -> None:
    await world.leaves(world.anna)
    await world.week_passes()
    theirs = named_in(await everything(world.dsn), world.boris)
    assert await world.erasing.once()

    assert world.front.farewells == [(world.anna.telegram_id, "ru")]
    rows = await everything(world.dsn)
    assert named_in(rows, world.anna) == {}
    assert kept(world.folder) == set(world.boris.files)
    left = named_in(rows, world.boris)
    # What the team was told of Boris went to Anna, who was an admin.
    theirs["notices"] = [row for row in theirs["notices"] if world.anna.user_id not in row]
    assert left == theirs
    counted = [row for row in rows["tokenscount"] if row["clientid"] is None]
    assert [(row["totaltokens"], row["meta"]) for row in counted] == [
        (n, {"purpose": "dialogue"}) for n in (1, 2, 3)
    ]
    assert not await world.erasing.once()


STEPS = ("erasure_files", "drop_files", "erase_step", "take_farewell", "finish_erasure")


async def killed_at(world: World, patched: pytest.MonkeyPatch, step: str, *, after: bool) -> None:
    """A worker that dies right before or after this call, and a lease that runs out."""
    call = world.db.call

    async def killed(function: str, /, **arguments: Any) -> Any:
        if function != step:
            return await call(function, **arguments)
        if after:
            await call(function, **arguments)
        raise KeyboardInterrupt

    with patched.context() as now:
        now.setattr(world.db, "call", killed)
        with pytest.raises(KeyboardInterrupt):
            await world.erasing.once()
    assert not await world.erasing.once()
    await world.lease_runs_out()


async def test_an_erasure_killed_at_every_step_is_taken_up_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.leaves(world.anna)
    await world.week_passes()
    for step in STEPS:
        await killed_at(world, monkeypatch, step, after=False)
        if step in ("erasure_files", "drop_files", "erase_step"):
            await killed_at(world, monkeypatch, step, after=True)
    await killed_at(world, monkeypatch, "finish_erasure", after=True)

    assert named_in(await everything(world.dsn), world.anna) == {}
    assert kept(world.folder) == set(world.boris.files)
    assert len(world.front.farewells) == 1


async def test_a_last_word_lost_in_a_kill_is_not_said_twice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.leaves(world.anna)
    await world.week_passes()
    await killed_at(world, monkeypatch, "take_farewell", after=True)
    await world.erasing.once()
    assert world.front.farewells == []
    assert named_in(await everything(world.dsn), world.anna) == {}


async def test_who_changes_their_mind_has_everything_as_it_was(world: World, worker: Any) -> None:
    passing = ("run_at", "updated_at", "attempts")

    def still(rows: dict[str, list[dict[str, Any]]]) -> Any:
        return {
            table: [{k: v for k, v in row.items() if k not in passing} for row in listed]
            for table, listed in rows.items()
            if table not in ("erasures", "locks")
        }

    before = still(await everything(world.dsn))
    await world.leaves(world.anna)
    six_days = "update erasures set run_at = run_at - interval '6 days 23 hours'"
    await run(world.dsn, six_days)
    assert not await world.erasing.once()
    assert await world.own_data.cancel_erasure(world.anna.user_id)
    assert not await world.own_data.cancel_erasure(world.anna.user_id)
    assert still(await everything(world.dsn)) == before
    claimed = {turn["user"]["user_id"] for turn in await worker.claims()}
    assert world.anna.user_id in claimed


async def test_who_is_leaving_is_neither_answered_nor_written_to(world: World, worker: Any) -> None:
    [running] = [t for t in await worker.claims() if t["user"]["user_id"] == world.anna.user_id][:1]
    await run(world.dsn, "delete from notices")
    await world.leaves(world.anna)
    with pytest.raises(Exception, match="lease_lost"):
        await worker.answers(running, "слишком поздно")
    await run(world.dsn, "select _put_notice(%s, 'operators', '{}', 'late')", world.anna.user_id)
    assert not [t for t in await worker.claims() if t["user"]["user_id"] == world.anna.user_id]
    assert not [d for d in await worker.waiting() if d["user_id"] == world.anna.user_id]
    notices = await world.db.call("claim_notices", limit=50, lease_seconds=60, per_second=30)
    assert notices["notices"] == []
    with pytest.raises(Forbidden, match="leaving"):
        await world.db.call("list_visions", user_id=world.anna.user_id, offset=0, limit=1)

    await world.own_data.cancel_erasure(world.anna.user_id)
    assert [t for t in await worker.claims() if t["user"]["user_id"] == world.anna.user_id]
    notices = await world.db.call("claim_notices", limit=50, lease_seconds=60, per_second=30)
    assert len(notices["notices"]) == 1


async def test_only_the_newest_button_confirms_and_a_repeat_changes_nothing(world: World) -> None:
    anna, own_data = world.anna.user_id, world.own_data
    with pytest.raises(NotFound, match="offer_not_found"):
        await own_data.request_erasure(anna, "deadbeef")
    await own_data.offer_erasure(anna, "deadbeef")
    await own_data.offer_erasure(anna, "cafebabe")
    with pytest.raises(NotFound, match="offer_not_found"):
        await own_data.request_erasure(anna, "deadbeef")
    with pytest.raises(NotFound, match="offer_not_found"):
        await own_data.request_erasure(world.boris.user_id, "cafebabe")
    at = await own_data.request_erasure(anna, "cafebabe")
    assert await own_data.request_erasure(anna, "cafebabe") == at
    await own_data.cancel_erasure(anna)
    with pytest.raises(NotFound, match="offer_not_found"):
        await own_data.request_erasure(anna, "cafebabe")
    await own_data.offer_erasure(anna, "deadbeef")
    await run(world.dsn, "update erasures set offered_until = now()")
    with pytest.raises(NotFound, match="offer_not_found"):
        await own_data.request_erasure(anna, "deadbeef")


async def test_once_it_has_begun_there_is_no_way_back(world: World) -> None:
    await world.leaves(world.anna)
    await world.week_passes()
    assert (await world.db.call("claim_erasure", lease_seconds=60))["erasure"]
    with pytest.raises(Conflict, match="erasing"):
        await world.own_data.cancel_erasure(world.anna.user_id)
    with pytest.raises(Conflict, match="erasing"):
        await world.exports(world.anna, "too late")


async def test_an_operator_does_it_for_them(world: World) -> None:
    anna, erase = world.anna.user_id, world.own_data.erase_user
    with pytest.raises(Forbidden, match="not_admin"):
        await erase(world.boris.user_id, anna)
    with pytest.raises(NotFound, match="user_not_found"):
        await erase("console:root", "nobody")
    assert await erase("console:root", anna)
    assert await world.own_data.keep_user("console:root", anna)
    assert not await world.own_data.keep_user("console:root", anna)
    with pytest.raises(Forbidden, match="not_admin"):
        await world.own_data.keep_user(world.boris.user_id, anna)
    later = await erase("console:root", anna)
    assert not await world.erasing.once()
    assert await erase("console:root", anna) == later
    assert await erase("console:root", anna, at_once=True) < later
    log = await run(
        world.dsn,
        "select act from admin_log where admin_id = 'console:root' and user_id = %s order by id",
        anna,
    )
    assert log == [("erase",), ("keep",), ("erase",), ("erase",)]
    assert await world.erasing.once()
    assert named_in(await everything(world.dsn), world.anna) == {}


async def test_a_call_that_ends_after_its_person_is_gone_names_nobody(world: World) -> None:
    await world.own_data.erase_user("console:root", world.anna.user_id, at_once=True)
    await world.erasing.once()
    await world.db.call(
        "log_tokens",
        clientid=world.anna.user_id,
        clienttype="user",
        provider="p",
        model="m",
        prompttokens=1,
        completiontokens=1,
        totaltokens=2,
        rawusage={},
        meta={"visionid": world.anna.visions[0]},
        call_key="late",
    )
    assert named_in(await everything(world.dsn), world.anna) == {}


async def test_one_job_at_a_time_and_one_an_hour(world: World) -> None:
    anna = world.anna
    assert await world.exports(anna) == "queued"
    assert await world.exports(anna) == "queued"
    assert await world.exports(anna, "another") == "running"
    await world.exporting.once()
    assert await world.exports(anna) == "queued"
    assert not await world.exporting.once()
    asked = await world.own_data.ask_export(
        anna.user_id, chat_id=anna.telegram_id, thread_id=None, source_key="again"
    )
    assert asked.state == "queued"  # the clock of this test has passed two hours
    await world.exporting.once()
    asked = await world.own_data.ask_export(
        anna.user_id, chat_id=anna.telegram_id, thread_id=None, source_key="too soon"
    )
    assert asked.state == "too_soon"
    with pytest.raises(Forbidden, match="not_their_chat"):
        await world.own_data.ask_export(
            anna.user_id, chat_id=world.boris.telegram_id, thread_id=None, source_key="forged"
        )
