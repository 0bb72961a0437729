"""What a person says reaches their vision whole; edits change it."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.scenarios.conftest import Person, Product
from tests.scenarios.test_visions import make

FILE = {"file_id": "f", "file_unique_id": "u"}
PICTURE = {**FILE, "width": 1, "height": 1}


async def test_a_redelivered_message_is_kept_once(anna: Person, product: Product) -> None:
    await make(anna, "Дом")
    for _ in range(3):
        await anna.feeds(message=anna._message(9, text="Хочу веранду"), update_id=99)
    assert await product.said(anna) == ["Хочу веранду"]


@pytest.mark.parametrize(
    "text",
    [
        "я" * 4096,
        "😀" * 2048,
        "אני רוצה לגור ליד הים",
        "Z̸̢̛͙͔a̷̧̛̯l̶̨͎g̵̡̛o̴̢͇",
        "<b>не разметка</b> & {0} %s $name",
        "/привет",
        "/etc/hosts",
        "/ 5",
        "нулевой \x00 знак",
        "\u2800\u3164",
    ],
)
async def test_any_text_is_kept_as_it_was_written(
    anna: Person, product: Product, text: str
) -> None:
    await make(anna, "Дом")
    heard = len(anna.heard())
    await anna.sends(text=text)
    assert await product.said(anna) == [text.replace("\x00", "")]
    assert len(anna.heard()) == heard


WALL = "х" * 4096
ALBUM: dict[str, Any] = {"photo": [PICTURE], "media_group_id": "1"}
FORWARD: dict[str, Any] = {
    "text": "слова",
    "forward_origin": {"type": "hidden_user", "date": 1, "sender_user_name": "Ян"},
}


@pytest.mark.parametrize(
    ("content", "waits"),
    [
        ({"text": "слово"}, False),
        ({"text": WALL}, True),
        ({"text": "😀" * 2000}, True),
        (ALBUM, True),
        (FORWARD, True),
    ],
)
async def test_only_a_part_of_a_bunch_waits_for_the_rest(
    anna: Person, product: Product, dsn: str, content: dict[str, Any], waits: bool
) -> None:
    await make(anna, "Дом")
    await anna.sends(**content)
    async with await psycopg.AsyncConnection.connect(dsn) as connection:
        query = "select extract(epoch from run_at - queued_at) from turn_queue"
        row = await (await connection.execute(query)).fetchone()
    assert row
    assert (float(row[0]) > 0.3) is waits


async def test_a_paste_of_a_million_characters_is_kept_whole(
    anna: Person, product: Product
) -> None:
    await make(anna, "Дом")
    parts = [f"{number:05}" + WALL[5:] for number in range(245)]
    for part in parts:
        await anna.sends(text=part)
    assert await product.said(anna) == parts


@pytest.mark.parametrize("text", ["   ", "\n\t\n", "\u200b\u200d", "\u2060\u00ad"])
async def test_a_message_with_nothing_to_see_gets_a_word(
    anna: Person, product: Product, text: str
) -> None:
    await make(anna, "Дом")
    await anna.sends(text=text)
    assert "пустое сообщение" in anna.heard()[-1]
    assert await product.said(anna) == []


async def test_an_edit_before_the_answer_is_simply_used(anna: Person, product: Product) -> None:
    await make(anna, "Дом")
    await anna.feeds(message=anna._message(9, text="Хочу веранду"))
    heard = len(anna.heard())
    await anna.edits("Хочу террасу", message_id=9)
    assert await product.said(anna) == ["Хочу террасу"]
    assert len(anna.heard()) == heard


async def test_an_edit_after_the_answer_is_kept_and_said_to_be_late(
    anna: Person, product: Product
) -> None:
    await make(anna, "Дом")
    await anna.feeds(message=anna._message(9, text="Хочу веранду"))
    await product.answer(anna, "Какую?")
    await anna.edits("Хочу веранду", message_id=9)
    assert len(anna.heard()) == 1
    await anna.edits("Хочу террасу", message_id=9)
    assert "Правку сохранил" in anna.heard()[-1]
    assert await product.said(anna) == ["Хочу террасу", "Какую?"]


async def test_an_edit_of_something_unknown_is_ignored(anna: Person, kate: Person) -> None:
    await anna.edits("что-то давнее", message_id=3)
    await anna.edits("   ", message_id=3)
    assert anna.heard() == []
    await make(anna, "Дом")
    await anna.feeds(message=anna._message(9, text="моё"))
    await kate.edits("mine now", message_id=9)
    assert kate.heard() == []


async def test_answers_stay_in_the_topic(person, product: Product) -> None:
    anna = person(thread_id=77)
    await anna.says("Хочу веранду")
    assert anna.session.answered[-1].message_thread_id == 77
    await anna.presses("Создать визию")
    row = await product.db.call(
        "claim_turns", worker="test", limit=1, lease_seconds=60, history=50, characters=16000
    )
    assert row["turns"][0]["thread_id"] == 77


async def test_unknown_commands_get_a_word_and_are_not_sent_to_the_companion(
    anna: Person, kate: Person, product: Product
) -> None:
    await make(anna, "Дом")
    await anna.says("/nonsense и слова")
    assert "/help" in anna.heard()[-1]
    assert await product.said(anna) == []
    await kate.says("/foo")
    assert "don’t know that command" in kate.heard()[-1]


async def test_help_in_both_languages(anna: Person, kate: Person) -> None:
    await anna.says("/help")
    assert "Как со мной говорить" in anna.heard()[-1]
    await kate.says("/help")
    assert "How to talk to me" in kate.heard()[-1]
