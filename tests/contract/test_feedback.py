"""Words to the operators, their answers, and votes, as the database keeps them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from core.database import Database
from core.errors import Conflict, Forbidden, NotFound
from tests.contract.conftest import Worker

VOICE = {"kind": "voice", "telegram_id": "AgAD", "name": "", "mime": "audio/ogg", "seconds": 3}


async def appoint(db: Database, who: Any) -> None:
    await db.call("set_level", admin_id="console:test", user_id=who.user_id, level="admin")


async def gives(who: Any, key: str = "tg:1", **more: Any) -> Any:
    arguments: dict[str, Any] = {
        "kind": "text",
        "content": "Не хватает тёмной темы",
        "file": None,
        "thread": None,
        "message_id": None,
        "per_day": 10,
    }
    return await who.call("give_feedback", source_key=key, **(arguments | more))


async def notices(db: Database) -> list[Any]:
    """Sent now; without the word that they are admins."""
    told: list[Any] = []
    while portion := (await db.call("claim_notices", limit=20, lease_seconds=60, per_second=1000))[
        "notices"
    ]:
        told += (notice for notice in portion if notice["kind"] != "appointed")
        for number, notice in enumerate(portion):
            await db.call("mark_notice", id=notice["id"], receipt=notice["id"] * 1000 + number)
    return told


async def answers(db: Database, admin: Any, thread: int, key: str = "tg:a1") -> Any:
    return await db.call(
        "answer_feedback",
        admin_id=admin.user_id,
        thread=thread,
        kind="text",
        content="Спасибо, сделаем",
        file=None,
        source_key=key,
    )


async def test_a_word_reaches_every_admin_once_and_the_answer_reaches_the_person_once(
    db: Database, someone: Any
) -> None:
    anna, boss, other = await someone(1, first_name="Аня"), await someone(2), await someone(3)
    await appoint(db, boss)
    await appoint(db, other)
    given = await gives(anna)
    assert (await gives(anna)) == given | {"duplicate": True}
    told = await notices(db)
    assert sorted(notice["user_id"] for notice in told) == sorted([boss.user_id, other.user_id])
    assert {notice["content"]["name"] for notice in told} == {"Аня"}
    assert {notice["content"]["text"] for notice in told} == {"Не хватает тёмной темы"}
    assert not (await answers(db, boss, given["thread"]))["duplicate"]
    assert (await answers(db, boss, given["thread"]))["duplicate"]
    [answer] = await notices(db)
    assert (answer["user_id"], answer["kind"]) == (anna.user_id, "feedback_answer")
    assert answer["content"]["text"] == "Спасибо, сделаем"
    row = await db.call("read_admin_log", admin_id=boss.user_id, offset=0, limit=10)
    assert [(item["act"], item["user_id"]) for item in row["items"][:1]] == [
        ("answer_feedback", anna.user_id)
    ]
    assert "Спасибо" not in str(row)


async def test_a_reply_goes_on_with_its_thread_and_opens_it_again(
    db: Database, someone: Any
) -> None:
    anna, boss = await someone(1), await someone(2)
    await appoint(db, boss)
    thread = (await gives(anna))["thread"]
    [word] = await notices(db)
    seen = await boss.call("feedback_thread", receipt=word["id"] * 1000, album=None)
    assert seen == {"thread": thread, "side": "team"}
    await answers(db, boss, thread)
    await db.call("finish_feedback", admin_id=boss.user_id, thread=thread, done=True)
    [answer] = await notices(db)
    receipt = answer["id"] * 1000
    found = await anna.call("feedback_thread", receipt=receipt, album=None)
    assert found == {"thread": thread, "side": "person"}
    none = {"thread": None, "side": None}
    assert await boss.call("feedback_thread", receipt=receipt, album=None) == none
    assert (await gives(anna, "tg:2", thread=thread, content="И ещё"))["thread"] == thread
    row = await db.call("read_feedback", admin_id=boss.user_id, thread=thread, limit=20)
    assert row["status"] == "open"
    assert [(word["by_team"], word["text"]) for word in row["words"]] == [
        (False, "Не хватает тёмной темы"),
        (True, "Спасибо, сделаем"),
        (False, "И ещё"),
    ]
    [again] = await notices(db)
    assert again["content"]["again"]


async def test_only_admins_see_answer_and_finish(db: Database, someone: Any) -> None:
    anna, boss, other = await someone(1), await someone(2), await someone(3)
    await appoint(db, boss)
    thread = (await gives(anna))["thread"]
    for who in (anna, other):
        me = {"admin_id": who.user_id}
        with pytest.raises(Forbidden):
            await db.call("list_feedback", **me, offset=0, limit=10)
        with pytest.raises(Forbidden):
            await db.call("read_feedback", **me, thread=thread, limit=10)
        with pytest.raises(Forbidden):
            await db.call("finish_feedback", **me, thread=thread, done=True)
        with pytest.raises(Forbidden):
            await answers(db, who, thread)
    with pytest.raises(NotFound):
        await gives(other, "tg:9", thread=thread)
    with pytest.raises(Conflict):
        await gives(other)
    with pytest.raises(NotFound):
        await answers(db, boss, thread + 1000)
    row = await db.call("list_feedback", admin_id=boss.user_id, offset=0, limit=10)
    assert row["total"] == 1
    assert [item["thread"] for item in row["items"]] == [thread]
    await db.call("finish_feedback", admin_id=boss.user_id, thread=thread, done=True)
    await db.call("finish_feedback", admin_id=boss.user_id, thread=thread, done=True)
    row = await db.call("list_feedback", admin_id=boss.user_id, offset=0, limit=10)
    assert row == {"total": 0, "items": []}
    log = await db.call("read_admin_log", admin_id=boss.user_id, offset=0, limit=10)
    assert [item["act"] for item in log["items"]].count("finish_feedback") == 1


async def test_so_many_a_day_even_at_once_and_an_album_is_one(db: Database, someone: Any) -> None:
    anna = await someone(1)
    said = await asyncio.gather(*(gives(anna, f"tg:{n}", per_day=3) for n in range(8)))
    assert sorted(each["state"] for each in said) == ["kept"] * 3 + ["too_many"] * 5
    kate = await someone(2)
    photo = {"kind": "photo", "telegram_id": "p", "album": "77"}
    for number in range(4):
        row = await gives(kate, f"tg:k{number}", kind="photo", file=photo, per_day=1)
        assert row["state"] == "kept"
    found = await kate.call("feedback_thread", receipt=None, album="77")
    assert found["side"] == "person"
    assert (await gives(kate, "tg:k9", per_day=1))["state"] == "too_many"


async def answered(someone_: Any, worker: Worker, db: Database, *items: Any) -> list[int]:
    """Ids of the companion's messages after one turn."""
    vision = await someone_.creates()
    await someone_.says("Хочу веранду")
    [turn] = await worker.claims()
    await worker.completes(turn, *items)
    row = await someone_.call(
        "get_history", vision_id=vision["id"], before_anchor=None, before_part=None, limit=9
    )
    return [item["id"] for item in row["items"]]


def said(text: str, **payload: Any) -> dict[str, Any]:
    return {"sender": "assistant", "type": "text", "content": text, "payload": payload}


async def test_who_is_no_admin_any_more_gets_none_of_what_waited(
    db: Database, someone: Any
) -> None:
    anna, boss, other = await someone(1), await someone(2), await someone(3)
    await appoint(db, boss)
    await appoint(db, other)
    await gives(anna)
    await db.call("set_level", admin_id="console:test", user_id=boss.user_id, level="member")
    assert [notice["user_id"] for notice in await notices(db)] == [other.user_id]
    await appoint(db, boss)
    assert await notices(db) == []


async def test_a_vote_is_set_changed_and_taken_back(
    db: Database, someone: Any, worker: Worker
) -> None:
    anna, other = await someone(1), await someone(2)
    question, answer = await answered(anna, worker, db, said("Какую?"))
    assert await anna.call("vote", message_id=answer, vote=1) == {"vote": 1, "offer": False}
    assert await anna.call("vote", message_id=answer, vote=1) == {"vote": 1, "offer": False}
    assert await anna.call("vote", message_id=answer, vote=-1) == {"vote": -1, "offer": True}
    await gives(anna, message_id=answer)
    assert await anna.call("vote", message_id=answer, vote=-1) == {"vote": -1, "offer": False}
    assert await anna.call("vote", message_id=answer, vote=0) == {"vote": 0, "offer": False}
    for who, message in ((other, answer), (anna, question), (anna, answer + 999)):
        with pytest.raises(NotFound):
            await who.call("vote", message_id=message, vote=1)
    with pytest.raises(NotFound):
        await gives(other, "tg:o", message_id=answer)
    with pytest.raises(Conflict):
        await anna.call("vote", message_id=answer, vote=5)


async def test_an_answer_of_care_is_not_voted_on_and_the_next_turn_knows_of_it(
    db: Database, someone: Any, worker: Worker
) -> None:
    anna = await someone(1)
    _, answer = await answered(anna, worker, db, said("Я рядом", care=True))
    with pytest.raises(NotFound):
        await anna.call("vote", message_id=answer, vote=1)
    await anna.says("Спасибо")
    [turn] = await worker.claims()
    assert turn["cared"] is True
    kate = await someone(2)
    await answered(kate, worker, db, said("Какую?"))
    await kate.says("Большую")
    [turn] = await worker.claims()
    assert turn["cared"] is False
