"""What a caller relies on, whatever carries the call."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.database import Database
from core.database.failures import CallError
from core.errors import Conflict, Forbidden, Misconfigured, NotFound, Unavailable
from tests.contract.grounds import Ground
from tests.database import CALLS
from tests.supabase import differences


@pytest.fixture
async def dsn(ground: Ground) -> AsyncIterator[str]:
    fresh = await ground.fresh()
    async with await psycopg.AsyncConnection.connect(fresh, autocommit=True) as connection:
        await connection.execute(CALLS.read_bytes())
    yield fresh
    await ground.drop(fresh)


async def test_values_keep_their_meaning(db: Database) -> None:
    told = await db.call(
        "echo",
        text="5",
        small=5,
        big=2**53 - 1,
        exact=0.5,
        flag=False,
        id="0b7e7c0e-1111-4222-8333-444455556666",
        at="2026-11-20T10:00:00+03:00",
        list=["a", 'б,"}', "", "null"],
        object={"deep": [1, {"ё": None}]},
    )
    assert told == {
        "text": "5",
        "small": 5,
        "big": 2**53 - 1,
        "exact": 0.5,
        "flag": False,
        "id": "0b7e7c0e-1111-4222-8333-444455556666",
        "at": "2026-11-20T07:00:00",
        "list": ["a", 'б,"}', "", "null"],
        "object": {"deep": [1, {"ё": None}]},
    }
    assert set((await db.call("echo")).values()) == {None}
    assert set((await db.call("echo", text=None, list=None, object=None)).values()) == {None}
    empty = await db.call("echo", text="", list=[], object={})
    assert (empty["text"], empty["list"], empty["object"]) == ("", [], {})


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    text=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    number=st.integers(-(2**53) + 1, 2**53 - 1),
)
async def test_any_text_and_number_come_back(db: Database, text: str, number: int) -> None:
    told = await db.call(
        "echo", text=text, big=number, list=[text], object={"k": text, "n": [number]}
    )
    assert (told["text"], told["big"], told["list"]) == (text, number, [text])
    assert told["object"] == {"k": text, "n": [number]}


@pytest.mark.differs(differences.BIG_NUMBERS)
@pytest.mark.parametrize("number", [2**53 + 1, 2**63 - 1, -(2**63)])
async def test_numbers_of_64_bits_come_back(db: Database, number: int) -> None:
    told = await db.call("echo", big=number, object={"k": number})
    assert (told["big"], told["object"]["k"]) == (number, number)


async def test_a_large_text_comes_back(db: Database) -> None:
    text = "Дом у моря 🏡 " * 40_000  # 920 kB, near the most that a request may carry
    told = await db.call("echo", object={"k": text})
    assert told["object"] == {"k": text}


async def test_rules_of_the_product_become_typed_errors(db: Database) -> None:
    with pytest.raises(NotFound, match="vision_not_found") as told:
        await db.call("refuse", code="PT404", name="vision_not_found")
    assert told.value.name == "vision_not_found"
    with pytest.raises(Conflict):
        await db.call("refuse", code="PT409", name="vision_frozen")
    with pytest.raises(Forbidden, match="not_admin"):
        await db.call("refuse", code="PT403", name="not_admin")


async def test_mistakes_name_function_and_code_but_no_values(db: Database) -> None:
    with pytest.raises(CallError, match="echo failed with SQLSTATE 22P02") as told:
        await db.call("echo", id="my secret")
    assert "secret" not in str(told.value)
    assert told.value.__suppress_context__
    for text in ("a\0b", "\ud800"):
        with pytest.raises(CallError):
            await db.call("echo", text=text)
        with pytest.raises(CallError):
            await db.call("echo", object={"k": text})


@pytest.mark.differs(differences.CODES)
async def test_an_error_that_nobody_foresaw_keeps_its_code(db: Database) -> None:
    with pytest.raises(CallError, match="refuse failed with SQLSTATE P0001"):
        await db.call("refuse", code="P0001", name="secret")


async def test_a_missing_function_means_missing_migrations(db: Database) -> None:
    with pytest.raises(Misconfigured, match=r"public\.nowhere.*migrations"):
        await db.call("nowhere", a=1)
    with pytest.raises(Misconfigured, match=r"public\.echo"):
        await db.call("echo", no_such_argument=1)


@pytest.mark.parametrize("name", ["echo()", "Echo", "pg_catalog.now", "", "e" * 63, "echo\n"])
async def test_names_are_not_a_way_in(db: Database, name: str) -> None:
    with pytest.raises(ValueError, match="not a name"):
        await db.call(name)
    with pytest.raises(ValueError, match="not a name"):
        await db.call("echo", **{name: 1})


@pytest.mark.parametrize(
    "code",
    [
        "53300",
        *(
            pytest.param(code, marks=pytest.mark.differs(differences.CODES))
            for code in ("40001", "40P01", "57P03")
        ),
    ],
)
async def test_a_passing_trouble_is_tried_again(db: Database, code: str) -> None:
    assert await db.call("recover_at", **{"try": 3, "code": code}) == {"tries": 3}


@pytest.mark.differs(differences.CODES)
async def test_a_lasting_trouble_is_unavailable(db: Database) -> None:
    with pytest.raises(Unavailable):
        await db.call("recover_at", **{"try": 1000, "code": "40001"})


async def test_more_calls_than_connections(db: Database) -> None:
    told = await asyncio.gather(*(db.call("echo", small=number) for number in range(200)))
    assert [answer["small"] for answer in told] == list(range(200))


async def test_cancelled_calls_hold_nobody_up(db: Database) -> None:
    for _ in range(5):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(db.call("doze", seconds=60), 0.05)
    assert (await db.call("echo", small=1))["small"] == 1
