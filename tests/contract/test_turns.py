"""Turns and deliveries, as the SQL functions promise them."""

from __future__ import annotations

import asyncio
from typing import Any

import psycopg
import pytest

from core.database.postgres import PostgresDatabase
from core.errors import Gone, LeaseLost

Signed = Any


async def test_an_answer_stands_after_what_it_answers(someone: Signed, worker: Any) -> None:
    anna = await someone()
    vision = await anna.creates()
    await anna.says("первое")
    [turn] = await worker.claims()
    await anna.says("второе, пока модель думает")

    done = await worker.answers(turn, "ответ на первое")

    assert done["more"]
    assert await anna.hears(vision["id"]) == [
        ("user", "первое"),
        ("assistant", "ответ на первое"),
        ("user", "второе, пока модель думает"),
    ]
    [following] = await worker.claims()
    assert [said["content"] for said in following["unanswered"]] == ["второе, пока модель думает"]
    assert [said["content"] for said in following["history"]] == ["первое", "ответ на первое"]


async def test_a_leased_turn_is_nobody_elses_until_the_lease_ends(
    someone: Signed, worker: Any
) -> None:
    anna = await someone()
    await anna.creates()
    await anna.says("вопрос")
    [slow] = await worker.claims(lease_seconds=0)
    [fast] = await worker.claims()
    assert await worker.claims() == []

    await worker.answers(fast, "ответ")
    with pytest.raises(LeaseLost):
        await worker.answers(slow, "второй ответ")


async def test_completing_twice_under_one_lease_answers_once(someone: Signed, worker: Any) -> None:
    anna = await someone()
    vision = await anna.creates()
    await anna.says("вопрос")
    [turn] = await worker.claims()
    first = await worker.answers(turn, "ответ")
    again = await worker.answers(turn, "ответ")
    assert again["deliveries"] == first["deliveries"]
    assert (await anna.hears(vision["id"])).count(("assistant", "ответ")) == 1


async def test_two_workers_never_hold_the_same_turn(someone: Signed, worker: Any) -> None:
    people = [await someone(number) for number in range(1, 13)]
    for person in people:
        await person.creates()
        await person.says("привет")
    claimed = [
        turn
        for turns in await asyncio.gather(*(worker.claims() for _ in range(6)))
        for turn in turns
    ]
    assert sorted(turn["user"]["user_id"] for turn in claimed) == sorted(p.user_id for p in people)


async def test_a_turn_reads_no_more_than_its_share_and_says_what_it_left(
    someone: Signed, worker: Any
) -> None:
    anna = await someone()
    await anna.creates()
    for letter in "абвг":
        await anna.says(letter * 40)
    [turn] = await worker.claims(characters=100)
    assert "".join(said["content"] for said in turn["unanswered"]) == "а" * 40 + "б" * 40 + "в" * 20
    assert (turn["count"], turn["characters"]) == (4, 160)
    await worker.answers(turn, "ответ на всё")
    assert await worker.claims() == []


async def test_a_failed_turn_waits_for_a_retry_and_keeps_the_message(
    someone: Signed, worker: Any
) -> None:
    anna = await someone()
    vision = await anna.creates()
    await anna.says("вопрос")
    [turn] = await worker.claims()
    failed = await worker.fails(turn)
    assert failed["deliveries"][0]["payload"] == {"notice": "down"}
    assert await worker.claims() == []

    assert await anna.call("retry_turn", vision_id=vision["id"]) == {"state": "queued"}
    [again] = await worker.claims()
    assert await anna.call("retry_turn", vision_id=vision["id"]) == {"state": "running"}
    assert again["unanswered"][0]["content"] == "вопрос"
    await worker.answers(again, "ответ")
    assert await anna.call("retry_turn", vision_id=vision["id"]) == {"state": "answered"}
    assert await anna.hears(vision["id"]) == [("user", "вопрос"), ("assistant", "ответ")]


async def test_a_new_message_revives_a_failed_turn(someone: Signed, worker: Any) -> None:
    anna = await someone()
    await anna.creates()
    await anna.says("вопрос")
    [turn] = await worker.claims()
    await worker.fails(turn)
    await anna.says("ты тут?")
    [again] = await worker.claims()
    assert [said["content"] for said in again["unanswered"]] == ["вопрос", "ты тут?"]


async def test_a_bunch_waits_but_a_plain_message_does_not(someone: Signed, worker: Any) -> None:
    anna = await someone()
    await anna.creates()
    await anna.says("пересланное", delay_ms=2000)
    assert await worker.claims() == []
    await anna.says("и мой вопрос")
    [turn] = await worker.claims()
    assert turn["count"] == 2


async def test_renewing_tells_who_still_holds_and_who_shall_stop(
    db: Any, someone: Signed, worker: Any
) -> None:
    anna = await someone()
    await anna.creates()
    await anna.says("вопрос")
    [turn] = await worker.claims()
    renewed = await db.call("renew_leases", leases=[turn["lease"], "чужой"], lease_seconds=15)
    assert renewed["held"] == {
        turn["lease"]: {"stop": False, "newest": turn["upto"], "edited": None}
    }

    other = await someone(2)
    await other.call("stop_turns", draft_id=turn["draft_id"])
    renewed = await db.call("renew_leases", leases=[turn["lease"]], lease_seconds=15)
    assert not renewed["held"][turn["lease"]]["stop"]

    stopped = await anna.call("stop_turns", draft_id=turn["draft_id"])
    assert stopped["leases"] == [turn["lease"]]
    renewed = await db.call("renew_leases", leases=[turn["lease"]], lease_seconds=15)
    assert renewed["held"][turn["lease"]]["stop"]


async def test_renewing_tells_what_no_notification_has_told(
    db: Any, someone: Signed, worker: Any
) -> None:
    anna = await someone()
    await anna.creates()
    await anna.says("вопрос", key="q", origin={"key": "o:1"})
    [turn] = await worker.claims()
    await anna.call("edit_message", origin_key="o:1", content="вопрос!", type="text", payload={})
    later = await anna.says("и ещё")

    async def told() -> Any:
        renewed = await db.call("renew_leases", leases=[turn["lease"]], lease_seconds=15)
        return renewed["held"][turn["lease"]]

    assert await told() == {"stop": False, "newest": later["message_id"], "edited": turn["upto"]}
    await db.call(
        "reload_turn",
        vision_id=turn["vision_id"],
        lease=turn["lease"],
        history=5,
        characters=1000,
    )
    assert (await told())["edited"] is None


async def test_deleting_ends_the_running_turn(db: Any, someone: Signed, worker: Any) -> None:
    anna = await someone()
    vision = await anna.creates()
    await anna.says("вопрос")
    [turn] = await worker.claims()
    await anna.call("set_vision_status", vision_id=vision["id"], status="deleted")
    renewed = await db.call("renew_leases", leases=[turn["lease"]], lease_seconds=15)
    assert renewed["held"] == {}
    with pytest.raises(Gone):
        await worker.answers(turn, "поздно")


async def test_words_are_delivered_in_order_and_once(someone: Signed, worker: Any) -> None:
    anna = await someone()
    await anna.creates()
    for number in range(3):
        await anna.says(f"в{number}")
        [turn] = await worker.claims()
        await worker.answers(turn, f"о{number}", deliver_seconds=0)
    seen: list[str] = []
    while waiting := await worker.waiting():
        assert len(waiting) == 1
        seen.append(waiting[0]["content"])
        await worker.delivers(waiting[0], 100 + len(seen))
    assert seen == ["о0", "о1", "о2"]


async def test_what_was_sent_is_sent_whoever_holds_it_by_now(
    db: Any, someone: Signed, worker: Any
) -> None:
    anna = await someone()
    await anna.creates()
    await anna.says("вопрос")
    [turn] = await worker.claims()
    [slow] = (await worker.answers(turn, "ответ", deliver_seconds=0))["deliveries"]
    [taken] = await worker.waiting()
    assert taken["id"] == slow["id"]
    await worker.delivers(slow, 7)
    with pytest.raises(LeaseLost):
        await db.call("record_piece", id=taken["id"], lease=taken["lease"], index=0, receipt=8)
    await db.call("release_leases")
    assert await worker.waiting() == []


async def test_a_repeated_completion_hands_out_nobody_elses_lease(
    someone: Signed, worker: Any
) -> None:
    anna = await someone()
    await anna.creates()
    await anna.says("вопрос")
    [turn] = await worker.claims()
    await worker.answers(turn, "ответ", deliver_seconds=0)
    assert len(await worker.waiting()) == 1
    assert (await worker.answers(turn, "ответ"))["deliveries"] == []


async def test_a_killed_sender_goes_on_after_the_pieces_it_had_sent(
    db: Any, someone: Signed, worker: Any
) -> None:
    anna = await someone()
    await anna.creates()
    await anna.says("вопрос")
    [turn] = await worker.claims()
    [delivery] = (await worker.answers(turn, "длинный ответ"))["deliveries"]
    for index, receipt in enumerate((11, 12)):
        await db.call(
            "record_piece", id=delivery["id"], lease=delivery["lease"], index=index, receipt=receipt
        )
    assert await worker.waiting() == []
    await db.call("release_leases")
    [taken] = await worker.waiting()
    assert taken["sent"] == [11, 12]
    with pytest.raises(LeaseLost):
        await db.call(
            "record_piece", id=delivery["id"], lease=delivery["lease"], index=2, receipt=13
        )


async def test_an_answer_waits_behind_an_earlier_one_still_being_sent(
    someone: Signed, worker: Any
) -> None:
    anna = await someone()
    await anna.creates()
    await anna.says("раз")
    [turn] = await worker.claims()
    [first] = (await worker.answers(turn, "первый", "его продолжение"))["deliveries"][:1]
    await anna.says("два")
    [turn] = await worker.claims()
    assert (await worker.answers(turn, "второй"))["deliveries"] == []
    assert await worker.waiting() == []
    await worker.delivers(first, 1)
    assert await worker.waiting() == []


async def test_words_of_a_deleted_vision_stay_undelivered(
    db: Any, someone: Signed, worker: Any
) -> None:
    anna = await someone()
    vision = await anna.creates()
    await anna.says("вопрос")
    [turn] = await worker.claims()
    [delivery] = (await worker.answers(turn, "ответ"))["deliveries"]
    await anna.says("ещё вопрос")
    [turn] = await worker.claims()
    await anna.call("set_vision_status", vision_id=vision["id"], status="deleted")
    await db.call(
        "postpone_delivery", id=delivery["id"], lease=delivery["lease"], seconds=0, failure="flood"
    )
    with pytest.raises(Gone):
        await worker.fails(turn)
    assert await worker.waiting() == []
    await anna.call("set_vision_status", vision_id=vision["id"], status="restored")
    [waiting] = await worker.waiting()
    assert waiting["content"] == "ответ"


async def test_restoring_does_not_send_twice_what_is_being_sent(
    someone: Signed, worker: Any
) -> None:
    anna = await someone()
    vision = await anna.creates()
    await anna.says("вопрос")
    [turn] = await worker.claims()
    await worker.answers(turn, "ответ")
    await anna.call("set_vision_status", vision_id=vision["id"], status="deleted")
    await anna.call("set_vision_status", vision_id=vision["id"], status="restored")
    assert await worker.waiting() == []


async def test_a_delivery_at_work_is_kept_from_others(
    someone: Signed, worker: Any, db: PostgresDatabase
) -> None:
    anna = await someone()
    await anna.creates()
    await anna.says("Раз")
    [turn] = await worker.claims()
    row = await worker.answers(turn, "Ответ", deliver_seconds=1)
    [delivery] = row["deliveries"]
    leases = {str(delivery["id"]): delivery["lease"]}
    held = await db.call("renew_deliveries", leases=leases, lease_seconds=60)
    assert held["held"] == [delivery["id"]]
    await asyncio.sleep(1.1)
    assert await worker.waiting() == []
    strange = await db.call(
        "renew_deliveries", leases={str(delivery["id"]): "other"}, lease_seconds=60
    )
    assert strange["held"] == []
    await worker.delivers(delivery, 1)
    over = await db.call("renew_deliveries", leases=leases, lease_seconds=60)
    assert over["held"] == []


async def test_failing_twice_under_one_lease_tells_once(someone: Signed, worker: Any) -> None:
    anna = await someone()
    await anna.creates()
    await anna.says("вопрос")
    [turn] = await worker.claims()
    first = await worker.fails(turn)
    assert await worker.fails(turn) == first
    assert len(first["deliveries"]) == 1


async def test_the_model_sees_what_was_said_unasked(dsn: str, someone: Signed, worker: Any) -> None:
    anna = await someone()
    vision = await anna.creates()
    await anna.says("вопрос")
    [turn] = await worker.claims()
    await worker.answers(turn, "ответ")
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        await connection.execute(
            "insert into public.vision_messages (id, vision_id, anchor, sender, content)"
            " select n, %s, n, 'assistant', 'Сделал пробежку?'"
            " from nextval('public.vision_messages_id_seq') n",
            (vision["id"],),
        )
    await anna.says("да, сделал")
    [turn] = await worker.claims()
    assert [said["content"] for said in turn["history"]] == ["вопрос", "ответ", "Сделал пробежку?"]


async def test_many_held_words_are_moved_in_order(someone: Signed, worker: Any) -> None:
    anna = await someone()
    for number in range(60):
        await anna.says(str(number))
    vision = await anna.creates()
    assert (vision["sent"], vision["messages"]) == (60, 60)
    [turn] = await worker.claims()
    assert [said["content"] for said in turn["unanswered"]] == [str(n) for n in range(60)]


async def test_who_comes_back_gets_what_waited(db: Any, someone: Signed, worker: Any) -> None:
    anna = await someone(7)
    await anna.creates()
    await anna.says("вопрос")
    [turn] = await worker.claims()
    [delivery] = (await worker.answers(turn, "ответ"))["deliveries"]
    await db.call("fail_delivery", id=delivery["id"], lease=delivery["lease"], failure="blocked")
    await db.call("set_unreachable", telegram_id=7)
    assert await worker.waiting() == []
    await someone(7)
    [again] = await worker.waiting()
    assert again["content"] == "ответ"


async def test_token_rows_are_written_once_per_call(db: Any, dsn: str) -> None:
    row = {
        "clientid": "u",
        "clienttype": "user",
        "provider": "openai",
        "model": "m",
        "prompttokens": 1,
        "completiontokens": 2,
        "totaltokens": 3,
        "rawusage": {},
        "meta": {"module": "vision"},
    }
    for key in ("a", "a", "b"):
        await db.call("log_tokens", **row, call_key=key)
    async with await psycopg.AsyncConnection.connect(dsn) as connection:
        cursor = await connection.execute(
            "select count(*), sum(totaltokens) from public.tokenscount"
        )
        assert await cursor.fetchone() == (2, 6)
