"""Files of people: albums, what is kept and read once, who may have it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from core.database.postgres import PostgresDatabase
from core.errors import Conflict, NotFound
from tests.contract.conftest import Someone, Worker

Signed = Callable[..., Awaitable[Someone]]


def entry(number: int = 1, kind: str = "voice", **more: Any) -> dict[str, Any]:
    return {
        "kind": kind,
        "key": f"k{number}",
        "message": number,
        "telegram_id": f"T{number}",
        "unique_id": f"U{number}",
        "name": "",
        "mime": "audio/ogg",
        "size": 100,
        "seconds": 4,
        "said": "[голосовое, 0:04]",
        "caption": "",
    } | more


async def sends(person: Someone, number: int = 1, **more: Any) -> dict[str, Any]:
    return await person.says(
        "",
        f"k{number}",
        type="audio",
        payload={"files": [entry(number, **more)]},
        origin={"key": f"origin:{number}"},
    )


async def photo(person: Someone, number: int, caption: str = "") -> dict[str, Any]:
    item = entry(number, "photo", said="[фото]", caption=caption)
    return await person.says(
        "",
        f"k{number}",
        type="image",
        payload={"files": [item], "album": "9"},
        origin={"key": "origin:album"},
        delay_ms=0,
    )


async def reads(person: Someone, message: int, *, state: str = "ok", **more: Any) -> Any:
    arguments: dict[str, Any] = {
        "message_id": message,
        "index": 0,
        "unique_id": "U1",
        "state": state,
        "said": "Хочу дом",
        "why": None,
        "notice": None,
        "lease": "lease",
        "thread_id": None,
        "deliver_seconds": 60,
    }
    return await person.call("save_reading", **(arguments | more))


def file(vision: Any, digest: str = "a", **meta: Any) -> dict[str, Any]:
    return {
        "path": f"{vision['id']}/{digest * 64}",
        "mime": "audio/ogg",
        "size": 100,
        "meta": {"kind": "voice", "name": "v.ogg"} | meta,
    }


async def test_an_album_is_one_message(someone: Signed, worker: Worker) -> None:
    anna = await someone()
    vision = await anna.creates()
    first = await photo(anna, 1, "Вот он")
    rest = [await photo(anna, number) for number in (2, 3)]
    assert {row["message_id"] for row in rest} == {first["message_id"]}
    assert (await photo(anna, 2))["duplicate"]
    assert await anna.hears(vision["id"]) == [("user", "Вот он\n[фото]\n[фото]\n[фото]")]
    assert (await anna.call("get_vision", vision_id=vision["id"]))["messages"] == 1
    turn = (await worker.claims())[0]
    assert [f["message"] for f in turn["unanswered"][0]["files"]] == [1, 2, 3]


async def test_items_that_come_late_are_a_message_of_their_own(
    someone: Signed, worker: Worker
) -> None:
    anna = await someone()
    await anna.creates()
    first = await photo(anna, 1)
    turn = (await worker.claims())[0]
    second = await photo(anna, 2)
    assert second["message_id"] != first["message_id"]
    assert (await photo(anna, 1))["duplicate"]
    await worker.answers(turn, "Вижу")
    third = await photo(anna, 3)
    assert third["message_id"] == second["message_id"]


async def test_an_album_held_for_later_is_one_message_too(someone: Signed) -> None:
    anna = await someone()
    for number in (1, 2, 2, 3):
        assert (await photo(anna, number))["state"] == "no_vision"
    vision = await anna.creates()
    assert vision["sent"] == 1
    assert await anna.hears(vision["id"]) == [("user", "[фото]\n[фото]\n[фото]")]


async def test_a_reading_is_saved_once_and_told_at_once(someone: Signed, worker: Worker) -> None:
    anna = await someone()
    vision = await anna.creates()
    message = (await sends(anna))["message_id"]
    kept = await anna.call(
        "keep_file", message_id=message, index=0, unique_id="U1", file=file(vision)
    )
    notice = {"payload": {"notice": "transcript", "reply_to": 1}, "content": "Хочу дом"}
    saved = await reads(anna, message, notice=notice)
    assert [d["content"] for d in saved["deliveries"]] == ["Хочу дом"]
    # The same worker, which did not hear that it was saved; and another one that was late.
    again = await reads(anna, message, notice=notice, said="Хочу сад")
    assert again["deliveries"] == saved["deliveries"]
    late = await reads(anna, message, notice=notice, said="Хочу сад", lease="other")
    assert late["deliveries"] == []
    assert await anna.hears(vision["id"]) == [("user", "Хочу дом")]
    turn = (await worker.claims())[0]
    item = turn["unanswered"][0]["files"][0]
    assert (item["state"], item["file_id"]) == ("ok", kept["file_id"])
    # The transcript is still on its way: the answer waits behind it.
    answered = await worker.answers(turn, "Расскажи")
    assert answered["deliveries"] == []
    await worker.delivers(saved["deliveries"][0], 7)
    assert [d["content"] for d in await worker.waiting()] == ["Расскажи"]


async def test_a_failed_reading_keeps_what_is_known_and_says_why(someone: Signed) -> None:
    anna = await someone()
    vision = await anna.creates()
    message = (await sends(anna, caption="Послушай"))["message_id"]
    await reads(anna, message, state="unclear", said=None, why="(слов не слышно)")
    said = await anna.hears(vision["id"])
    assert said == [("user", "Послушай\n[голосовое, 0:04] (слов не слышно)")]


async def test_failing_a_turn_still_works_after_something_was_heard(
    someone: Signed, worker: Worker
) -> None:
    anna = await someone()
    await anna.creates()
    message = (await sends(anna))["message_id"]
    turn = (await worker.claims())[0]
    notice = {"payload": {"notice": "transcript"}, "content": "Хочу дом"}
    saved = await reads(anna, message, notice=notice)
    await worker.delivers(saved["deliveries"][0], 7)
    failed = await worker.fails(turn)
    assert [d["payload"]["notice"] for d in failed["deliveries"]] == ["down"]
    assert (await worker.claims()) == []


async def test_an_edit_changes_the_caption_or_the_file(someone: Signed) -> None:
    anna = await someone()
    vision = await anna.creates()
    message = (await sends(anna, caption="До"))["message_id"]
    await reads(anna, message)
    edit = {"origin_key": "origin:1", "type": "audio", "content": ""}
    changed = await anna.call("edit_message", payload={"files": [entry(caption="После")]}, **edit)
    assert changed["state"] == "unanswered"
    assert await anna.hears(vision["id"]) == [("user", "После\nХочу дом")]
    other = entry(unique_id="U9", said="[другое]")
    await anna.call("edit_message", payload={"files": [other]}, **edit)
    assert await anna.hears(vision["id"]) == [("user", "[другое]")]
    with pytest.raises(Conflict):
        await reads(anna, message)
    await reads(anna, message, unique_id="U9")
    assert await anna.hears(vision["id"]) == [("user", "Хочу дом")]


async def test_another_file_in_the_place_of_one_that_looks_the_same(someone: Signed) -> None:
    anna = await someone()
    await anna.creates()
    await sends(anna)
    other = entry(unique_id="U9")
    edit = await anna.call(
        "edit_message", origin_key="origin:1", type="audio", content="", payload={"files": [other]}
    )
    assert edit["state"] == "unanswered"


async def test_words_that_become_a_photo(someone: Signed, worker: Worker) -> None:
    anna = await someone()
    vision = await anna.creates()
    await anna.says("Исходные слова", origin={"key": "origin:1", "thread_id": None})
    item = entry(1, "photo", said="[фото]", caption="Вот он")
    edit = await anna.call(
        "edit_message", origin_key="origin:1", type="image", content="", payload={"files": [item]}
    )
    assert edit["state"] == "unanswered"
    assert await anna.hears(vision["id"]) == [("user", "Вот он\n[фото]")]
    [turn] = await worker.claims()
    [said] = turn["unanswered"]
    assert (said["type"], len(said["files"])) == ("image", 1)


async def test_an_edit_finds_its_part_of_an_album(someone: Signed, worker: Worker) -> None:
    anna = await someone()
    vision = await anna.creates()
    await photo(anna, 1, "Первая")
    await worker.claims()
    await photo(anna, 2)
    item = entry(1, "photo", said="[фото]", caption="Иная")
    await anna.call(
        "edit_message",
        origin_key="origin:album",
        type="image",
        content="",
        payload={"files": [item], "album": "9"},
    )
    assert await anna.hears(vision["id"]) == [("user", "Иная\n[фото]"), ("user", "[фото]")]


async def test_another_file_in_the_place_of_an_answered_one_is_a_message_of_its_own(
    someone: Signed, worker: Worker
) -> None:
    anna = await someone()
    vision = await anna.creates()
    await sends(anna)
    [turn] = await worker.claims()
    await worker.answers(turn, "Слышу")
    before = await anna.hears(vision["id"])
    other = entry(unique_id="U9", said="[другое]")
    edit = await anna.call(
        "edit_message", origin_key="origin:1", type="audio", content="", payload={"files": [other]}
    )
    assert edit["state"] == "new_file"
    assert await anna.hears(vision["id"]) == before
    # From another vision it must not be carried over there.
    await anna.creates("Сад")
    edit = await anna.call(
        "edit_message", origin_key="origin:1", type="audio", content="", payload={"files": [other]}
    )
    assert edit["state"] == "answered"
    assert await anna.hears(vision["id"]) == before


async def test_the_same_bytes_have_as_many_names_as_they_were_given(
    someone: Signed, db: PostgresDatabase
) -> None:
    anna = await someone()
    vision = await anna.creates()
    ids: list[str] = []
    for number, name in enumerate(("отчёт.txt", "другое.md", "отчёт.txt"), 1):
        message = (await sends(anna, number, kind="document"))["message_id"]
        named = file(vision, kind="document", name=name)
        row = await anna.call(
            "keep_file", message_id=message, index=0, unique_id=f"U{number}", file=named
        )
        ids.append(row["file_id"])
    assert ids[0] == ids[2] != ids[1]
    listed = await anna.call("list_files", vision_id=vision["id"], offset=0, limit=9)
    assert sorted(item["name"] for item in listed["items"]) == ["другое.md", "отчёт.txt"]
    path = listed["items"][0]["path"]
    assert (await db.call("unknown_files", paths=[path]))["paths"] == []


async def test_failures_are_counted_on_the_file(someone: Signed) -> None:
    anna, boris = await someone(1), await someone(2)
    await anna.creates()
    place = {"message_id": (await sends(anna))["message_id"], "index": 0, "unique_id": "U1"}
    counted = [(await anna.call("fail_reading", **place))["failures"] for _ in range(3)]
    assert counted == [1, 2, 3]
    with pytest.raises(NotFound):
        await boris.call("fail_reading", **place)
    with pytest.raises(Conflict):
        await anna.call("fail_reading", **(place | {"unique_id": "U9"}))


async def test_a_voice_in_the_making_holds_nobody_up(
    someone: Signed, worker: Worker, db: PostgresDatabase
) -> None:
    anna = await someone()
    await anna.creates()
    await anna.says("Скажи вслух")
    [turn] = await worker.claims()
    items = [
        {"sender": "assistant", "type": "text", "content": "Раз"},
        {"sender": "system", "type": "audio", "content": "Раз", "payload": {}},
    ]
    row = await worker.completes(turn, *items)
    text, _voice = row["deliveries"]
    await worker.delivers(text, 1)
    await anna.says("А теперь?")
    [turn] = await worker.claims()
    answered = await worker.answers(turn, "Два")
    assert [delivery["content"] for delivery in answered["deliveries"]] == ["Два"]


async def test_files_belong_to_their_owner(someone: Signed) -> None:
    anna, boris = await someone(1), await someone(2)
    vision = await anna.creates()
    message = (await sends(anna))["message_id"]
    place = {"message_id": message, "index": 0}
    assert (await anna.call("get_message_file", **place))["telegram_id"] == "T1"
    kept = await anna.call("keep_file", unique_id="U1", file=file(vision), **place)
    for function, arguments in (
        ("get_file", {"file_id": kept["file_id"]}),
        ("file_uploaded", {"file_id": kept["file_id"], "telegram_id": "X"}),
        ("get_message_file", place),
        ("keep_file", place | {"unique_id": "U1", "file": file(vision, "b")}),
        ("list_files", {"vision_id": vision["id"], "offset": 0, "limit": 9}),
    ):
        with pytest.raises(NotFound):
            await boris.call(function, **arguments)
    with pytest.raises(NotFound):
        await reads(boris, message)
    await anna.call("file_uploaded", file_id=kept["file_id"], telegram_id="X")
    assert (await anna.call("get_file", file_id=kept["file_id"]))["telegram_id"] == "X"
    await anna.call("set_vision_status", vision_id=vision["id"], status="deleted")
    for function, arguments in (
        ("get_file", {"file_id": kept["file_id"]}),
        ("get_message_file", place),
    ):
        with pytest.raises(NotFound):
            await anna.call(function, **arguments)


async def test_a_made_file_comes_with_the_answer(
    someone: Signed, worker: Worker, db: PostgresDatabase
) -> None:
    anna = await someone()
    vision = await anna.creates()
    await anna.says("Сделай план файлом")
    turn = (await worker.claims())[0]
    made = {
        "sender": "assistant",
        "type": "file_result",
        "content": "Твой план",
        "payload": {"name": "план.pdf"},
        "file": file(vision, kind="document", name="план.pdf", made=True),
    }
    first = await worker.completes(turn, made)
    assert await worker.completes(turn, made) == first
    sent = first["deliveries"][0]["file"]
    assert (sent["name"], sent["kind"]) == ("план.pdf", "document")
    listed = await anna.call("list_files", vision_id=vision["id"], offset=0, limit=9)
    assert [(i["file_id"], i["made"]) for i in listed["items"]] == [(sent["file_id"], True)]
    paths = [sent["path"], "x/y"]
    assert (await db.call("unknown_files", paths=paths))["paths"] == ["x/y"]
    await anna.says("И ещё")
    history = (await worker.claims())[0]["history"]
    assert history[-1]["content"] == "план.pdf\nТвой план"


async def test_the_voice_of_an_answer_is_kept_under_its_lease(
    someone: Signed, worker: Worker, db: PostgresDatabase
) -> None:
    anna = await someone()
    vision = await anna.creates()
    await anna.says("Скажи вслух")
    turn = (await worker.claims())[0]
    parts = [{"sender": "system", "type": "audio", "content": "Привет", "payload": {}}]
    row = await worker.completes(turn, *parts)
    delivery = row["deliveries"][0]
    assert delivery["file"] is None
    voice = {"id": delivery["id"], "lease": delivery["lease"], "content": "Привет!"}
    kept = await db.call("keep_voice", file=file(vision), **voice)
    assert kept["delivery"]["content"] == "Привет!"
    assert kept["delivery"]["file"]["kind"] == "voice"
    assert await anna.hears(vision["id"]) == [("user", "Скажи вслух")]
    listed = await anna.call("list_files", vision_id=vision["id"], offset=0, limit=9)
    assert listed["total"] == 0
