"""Visions and what is said in them, as the SQL functions promise it."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from core.errors import Gone, NotFound

Signed = Any


async def test_words_without_a_vision_become_its_beginning(someone: Signed, worker: Any) -> None:
    anna = await someone()
    assert (await anna.says("Хочу"))["state"] == "no_vision"
    assert (await anna.says("дом у моря"))["state"] == "no_vision"

    vision = await anna.creates()

    assert vision["sent"] == 2
    assert vision["messages"] == 2
    assert await anna.hears(vision["id"]) == [("user", "Хочу"), ("user", "дом у моря")]
    [turn] = await worker.claims()
    assert [said["content"] for said in turn["unanswered"]] == ["Хочу", "дом у моря"]


async def test_a_repeated_update_creates_one_vision_and_stores_one_message(someone: Signed) -> None:
    anna = await someone()
    first = await anna.creates(key="tg:1:1")
    again = await anna.creates(key="tg:1:1")
    assert first["id"] == again["id"]

    assert not (await anna.says("Привет", key="tg:1:2"))["duplicate"]
    assert (await anna.says("Привет", key="tg:1:2"))["duplicate"]
    assert await anna.hears(first["id"]) == [("user", "Привет")]


async def test_a_repeat_is_recognised_after_the_vision_was_frozen_or_left(someone: Signed) -> None:
    anna = await someone()
    vision = await anna.creates()
    await anna.says("Привет", key="k")
    await anna.call("set_vision_status", vision_id=vision["id"], status="frozen")
    repeat = await anna.says("Привет", key="k")
    assert (repeat["state"], repeat["duplicate"]) == ("stored", True)
    await anna.creates("Другая")
    assert (await anna.says("Привет", key="k"))["vision_id"] == vision["id"]


async def test_a_frozen_vision_takes_nothing_until_it_is_woken(someone: Signed) -> None:
    anna = await someone()
    vision = await anna.creates()
    await anna.call("set_vision_status", vision_id=vision["id"], status="frozen")

    held = await anna.says("Я передумала")
    assert (held["state"], held["title"]) == ("frozen", "Дом у моря")
    assert await anna.hears(vision["id"]) == []

    card = await anna.call("set_vision_status", vision_id=vision["id"], status="active")
    assert card["held"] == 1
    sent = await anna.call("send_held", vision_id=vision["id"], **{"from": "vision"})
    assert sent["sent"] == 1
    assert await anna.hears(vision["id"]) == [("user", "Я передумала")]


async def test_deleting_hides_and_restoring_brings_back_what_it_was(someone: Signed) -> None:
    anna = await someone()
    vision = await anna.creates()
    await anna.call("set_vision_status", vision_id=vision["id"], status="frozen")
    await anna.call("set_vision_status", vision_id=vision["id"], status="deleted")

    assert (await anna.call("list_visions", offset=0, limit=10))["total"] == 0
    for function in ("get_vision", "activate_vision"):
        with pytest.raises((NotFound, Gone)):
            await anna.call(function, vision_id=vision["id"])
    with pytest.raises(NotFound):
        await anna.hears(vision["id"])
    assert (await anna.says("Кто здесь?"))["state"] == "no_vision"

    card = await anna.call("set_vision_status", vision_id=vision["id"], status="restored")
    assert card["status"] == "frozen"
    assert card["current"]


async def test_a_question_left_by_deleting_is_answered_after_restoring(
    someone: Signed, worker: Any
) -> None:
    anna = await someone()
    vision = await anna.creates()
    await anna.says("Что дальше?")
    await anna.call("set_vision_status", vision_id=vision["id"], status="deleted")
    assert await worker.claims() == []
    await anna.call("set_vision_status", vision_id=vision["id"], status="restored")
    [turn] = await worker.claims()
    assert turn["unanswered"][0]["content"] == "Что дальше?"


async def test_strangers_find_nothing(someone: Signed) -> None:
    anna, boris = await someone(1), await someone(2)
    vision = await anna.creates()
    await anna.says("Тайна")
    place = {"vision_id": vision["id"]}
    calls: list[tuple[str, dict[str, Any]]] = [
        ("get_vision", {}),
        ("activate_vision", {}),
        ("rename_vision", {"title": "Моё"}),
        ("set_vision_status", {"status": "deleted"}),
        ("set_vision_status", {"status": "restored"}),
        ("send_held", {"from": "vision"}),
        ("retry_turn", {}),
        ("get_history", {"before_anchor": None, "before_part": None, "limit": 5}),
        ("read_dialogue", {"after_anchor": 0, "after_part": 0, "limit": 5}),
        ("list_files", {"offset": 0, "limit": 10}),
    ]
    for function, arguments in calls:
        with pytest.raises(NotFound):
            await boris.call(function, **place, **arguments)
    changed = await boris.call(
        "edit_message", origin_key="origin:say:0", type="text", content="Моё", payload={}
    )
    assert changed["state"] == "unknown"
    assert await anna.hears(vision["id"]) == [("user", "Тайна")]


async def test_list_has_active_ones_first_and_pages(someone: Signed) -> None:
    anna = await someone()
    ids = [(await anna.creates(f"В{number}"))["id"] for number in range(5)]
    await anna.call("set_vision_status", vision_id=ids[4], status="frozen")
    await anna.call("activate_vision", vision_id=ids[0])
    await anna.says("здесь было движение")

    titles: list[str] = []
    for offset in (0, 2, 4):
        page = await anna.call("list_visions", offset=offset, limit=2)
        assert page["total"] == 5
        titles += [item["title"] for item in page["items"]]
    assert titles[0] == "В0"
    assert titles[-1] == "В4"
    assert sorted(titles) == ["В0", "В1", "В2", "В3", "В4"]


async def test_an_edit_before_the_answer_changes_the_question(
    someone: Signed, worker: Any, dsn: str
) -> None:
    anna = await someone()
    vision = await anna.creates()
    await anna.says("Хочу дом", key="k")
    edit = await anna.call(
        "edit_message", origin_key="origin:k", type="text", content="Хочу сад", payload={}
    )
    assert edit["state"] == "unanswered"
    same = await anna.call(
        "edit_message", origin_key="origin:k", type="text", content="Хочу сад", payload={}
    )
    assert same["state"] == "same"
    [turn] = await worker.claims()
    assert turn["unanswered"][0]["content"] == "Хочу сад"

    await worker.answers(turn, "Сад!")
    late = await anna.call(
        "edit_message", origin_key="origin:k", type="text", content="Хочу лес", payload={}
    )
    assert late["state"] == "answered"
    assert await anna.hears(vision["id"]) == [("user", "Хочу лес"), ("assistant", "Сад!")]
    for number in range(12):
        await anna.call(
            "edit_message", origin_key="origin:k", type="text", content=f"Хочу {number}", payload={}
        )
    async with await psycopg.AsyncConnection.connect(dsn) as connection:
        cursor = await connection.execute(
            "select payload -> 'revisions' from public.vision_messages where sender = 'user'"
        )
        [(revisions,)] = await cursor.fetchall()
    kept = [revision["content"] for revision in revisions]
    assert kept == ["Хочу сад", "Хочу лес", *(f"Хочу {number}" for number in range(11))][-10:]


async def test_a_frozen_vision_is_not_rewritten(someone: Signed) -> None:
    anna = await someone()
    vision = await anna.creates()
    await anna.says("Хочу дом", key="k")
    await anna.call("set_vision_status", vision_id=vision["id"], status="frozen")
    edit = await anna.call(
        "edit_message", origin_key="origin:k", type="text", content="Хочу сад", payload={}
    )
    assert edit["state"] == "frozen"
    assert await anna.hears(vision["id"]) == [("user", "Хочу дом")]


async def test_history_pages_without_a_gap_or_a_repeat(someone: Signed, worker: Any) -> None:
    anna = await someone()
    vision = await anna.creates()
    for number in range(7):
        await anna.says(f"в{number}")
        [turn] = await worker.claims()
        await worker.answers(turn, f"о{number}", f"ещё{number}")
    everything = await anna.hears(vision["id"])
    assert len(everything) == 21

    paged: list[tuple[str, str]] = []
    before: tuple[int | None, int | None] = (None, None)
    while True:
        row = await anna.call(
            "get_history",
            vision_id=vision["id"],
            before_anchor=before[0],
            before_part=before[1],
            limit=4,
        )
        paged = [(item["sender"], item["content"]) for item in row["items"]] + paged
        if not row["more"]:
            break
        before = row["items"][0]["anchor"], row["items"][0]["part"]
    assert paged == everything

    forward: list[tuple[str, str]] = []
    after = (0, 0)
    while items := (
        await anna.call(
            "read_dialogue",
            vision_id=vision["id"],
            after_anchor=after[0],
            after_part=after[1],
            limit=4,
        )
    )["items"]:
        forward += [(item["sender"], item["content"]) for item in items]
        after = items[-1]["anchor"], items[-1]["part"]
    assert forward == everything


async def test_a_question_is_answered_by_one_update_and_its_repeats(db: Any) -> None:
    async def seen_by(key: str) -> Any:
        row = await db.call("sign_in", telegram_id=1, profile={}, source_key=key)
        return row["asked"], row["user_id"]

    _, user_id = await seen_by("k0")
    await db.call("ask", user_id=user_id, about="timezone", subject=None, minutes=15)
    assert (await seen_by("k1"))[0] == {"about": "timezone", "subject": None}
    await db.call("answer_asked", user_id=user_id, source_key="k1")
    assert (await seen_by("k1"))[0] is not None
    assert (await seen_by("k2"))[0] is None
