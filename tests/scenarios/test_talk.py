"""What a person says reaches their vision whole, or waits for one; nothing is lost."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from aiogram.exceptions import TelegramBadRequest
from aiogram.methods import SetMessageReaction

from bot.handlers.describing import _KINDS
from tests.scenarios.conftest import Person, Product
from tests.scenarios.test_lifecycle import sticker
from tests.scenarios.test_visions import current, make, screen

FILE = {"file_id": "f", "file_unique_id": "u"}
PICTURE = {**FILE, "width": 1, "height": 1}

KINDS: dict[str, tuple[Any, str]] = {
    "voice": ({**FILE, "duration": 72}, "[голосовое сообщение, 1:12"),
    "audio": ({**FILE, "duration": 1, "title": "Гимн"}, "[аудио «Гимн»"),
    "video_note": ({**FILE, "length": 1, "duration": 5}, "[видеосообщение, 0:05"),
    "video": ({**PICTURE, "duration": 5}, "[видео, 0:05"),
    "animation": ({**PICTURE, "duration": 5}, "[гифка"),
    "photo": ([PICTURE], "[фото"),
    "document": ({**FILE, "file_name": "план.pdf"}, "[файл «план.pdf»"),
    "sticker": (sticker(), "[стикер 🔥]"),
    "contact": ({"phone_number": "+7999", "first_name": "Иван"}, "[контакт: Иван]"),
    "location": ({"latitude": 59.93863, "longitude": 30.31413}, "[геопозиция: 59.94, 30.31]"),
    "poll": (
        {
            "id": "1",
            "question": "Море или горы?",
            "options": [],
            "total_voter_count": 0,
            "is_closed": False,
            "is_anonymous": True,
            "type": "regular",
            "allows_multiple_answers": False,
            "allows_revoting": False,
            "members_only": False,
        },
        "[опрос: Море или горы?]",
    ),
    "dice": ({"emoji": "🎲", "value": 6}, "[🎲 выпало 6]"),
    "game": ({"title": "Змейка", "description": "", "photo": []}, "[игра: Змейка]"),
    "story": ({"chat": {"id": 5, "type": "private"}, "id": 1}, "[история"),
}


async def kept(person: Person, product: Product):
    return await product.entries(await product.user_id(person))


async def test_words_without_a_vision_become_the_beginning_of_one(
    anna: Person, product: Product
) -> None:
    await anna.says("Хочу жить у моря")
    assert "Куда это записать?" in anna.heard()[-1]
    assert "в сохранности" in anna.heard()[-1]
    await anna.presses("✨ Создать визию")
    assert "стали её началом" in anna.heard()[-1]
    assert await product.said(anna) == ["Хочу жить у моря"]


async def test_several_words_without_a_vision_are_all_its_beginning(
    kate: Person, product: Product
) -> None:
    await kate.says("I want to live by the sea")
    await kate.says("with a porch")
    assert "2 messages are waiting" in kate.heard()[-1]
    await kate.says("/new_vision Home")
    assert "2 messages are its beginning" in kate.heard()[-1]
    assert await product.said(kate) == ["I want to live by the sea", "with a porch"]


async def test_words_without_a_current_vision_can_go_to_any_active_one(
    anna: Person, product: Product
) -> None:
    await make(anna, "Дом", "Книга", "Лишняя")
    await anna.says("/delete")
    await anna.presses("Да, удалить")
    await anna.says("Хочу веранду")
    assert {"✨ Создать визию", "→ Дом", "→ Книга"} == set(screen(anna))
    await anna.presses("→ Дом")
    assert await current(anna, product) == "Дом"
    assert await product.said(anna) == ["Хочу веранду"]


async def test_held_words_are_offered_on_a_card_too(anna: Person, product: Product) -> None:
    await make(anna, "Дом", "Лишняя")
    await anna.says("/delete")
    await anna.presses("Да, удалить")
    await anna.says("Хочу веранду")
    await anna.says("/visions")
    assert "Одно твоё сообщение ждёт" in anna.heard()[-1]
    await anna.presses("Дом")
    await anna.presses("Отправить написанное (1)")
    assert await product.said(anna) == ["Хочу веранду"]


async def test_a_bunch_that_waits_is_noted_by_a_sign(anna: Person) -> None:
    for number in range(4):
        await anna.forwards(f"строка {number}")
    assert len(anna.heard()) == 1
    assert len(anna.session.sent(SetMessageReaction)) == 3


async def test_where_reactions_are_refused_words_are_said(anna: Person) -> None:
    refused = TelegramBadRequest(method=None, message="Bad Request: REACTION_INVALID")  # type: ignore[arg-type]
    anna.session.fail(SetMessageReaction, refused)
    await anna.forwards("раз")
    await anna.forwards("два")
    assert "Ждут 2 сообщения" in anna.heard()[-1]


async def test_a_redelivered_message_is_kept_once(anna: Person, product: Product) -> None:
    await make(anna, "Дом")
    for _ in range(3):
        await anna.feeds(message=anna._message(9, text="Хочу веранду"), update_id=99)
    assert await product.said(anna) == ["Хочу веранду"]


async def test_a_redelivered_message_without_a_vision_is_kept_once(
    anna: Person, product: Product
) -> None:
    for _ in range(3):
        await anna.feeds(message=anna._message(9, text="Хочу веранду"), update_id=99)
    await anna.presses("✨ Создать визию")
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


@pytest.mark.parametrize("kind", sorted(KINDS))
async def test_what_can_not_be_read_yet_is_kept_and_described(
    anna: Person, product: Product, kind: str
) -> None:
    await make(anna, "Дом")
    heard = len(anna.heard())
    content, described = KINDS[kind]
    await anna.sends(**{kind: content})
    [entry] = await kept(anna, product)
    assert entry.content.startswith(described)
    assert entry.type == _KINDS[kind][0]
    assert entry.payload["kind"] == kind
    if "file_id" in str(content):
        assert entry.payload["file_id"]
    assert "+7999" not in entry.content
    assert len(anna.heard()) == heard


async def test_a_venue_is_a_place_and_not_only_a_point(anna: Person, product: Product) -> None:
    await make(anna, "Дом")
    place = {"latitude": 59.9, "longitude": 30.3}
    await anna.sends(location=place, venue={"location": place, "title": "Маяк", "address": "-"})
    assert await product.said(anna) == ["[место: Маяк]"]


async def test_a_caption_is_the_message(kate: Person, product: Product) -> None:
    await make(kate, "Home")
    await kate.sends(photo=[PICTURE], caption="My dream porch")
    assert await product.said(kate) == [
        "[photo — I can’t look at pictures yet]\nMy dream porch",
    ]


async def test_a_forward_says_who_wrote_it(anna: Person, product: Product) -> None:
    await make(anna, "Дом")
    await anna.forwards("Первая\nвторая", author="Пётр")
    [entry] = await kept(anna, product)
    assert entry.content == "[Переслано от: Пётр]\n> Первая\n> вторая"
    assert entry.payload["forwarded_from"] == "Пётр"


@pytest.mark.parametrize(
    ("origin", "author"),
    [
        (
            {"type": "user", "sender_user": {"id": 1, "is_bot": False, "first_name": "Ян"}},
            "[Переслано от: Ян]",
        ),
        (
            {
                "type": "channel",
                "chat": {"id": -1, "type": "channel", "title": "К"},
                "message_id": 1,
            },
            "[Переслано от: К]",
        ),
        ({"type": "chat", "sender_chat": {"id": -1, "type": "group"}}, "[Переслано]"),
    ],
)
async def test_forwards_of_every_origin(
    anna: Person, product: Product, origin: dict[str, Any], author: str
) -> None:
    await make(anna, "Дом")
    await anna.sends(text="слова", forward_origin={**origin, "date": 1})
    assert await product.said(anna) == [f"{author}\n> слова"]


async def test_a_quote_comes_with_the_reply(anna: Person, product: Product) -> None:
    await make(anna, "Дом")
    await anna.sends(text="Вот это", quote={"text": "веранда", "position": 0})
    assert await product.said(anna) == ["[В ответ на: «веранда»]\nВот это"]


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


async def test_an_edit_of_held_words_is_what_gets_sent(anna: Person, product: Product) -> None:
    await anna.feeds(message=anna._message(9, text="Хочу веранду"))
    await anna.edits("Хочу террасу", message_id=9)
    await anna.presses("✨ Создать визию")
    assert await product.said(anna) == ["Хочу террасу"]


async def test_an_edit_of_something_unknown_is_ignored(anna: Person, kate: Person) -> None:
    await anna.edits("что-то давнее", message_id=3)
    await anna.edits("   ", message_id=3)
    assert anna.heard() == []
    await make(anna, "Дом")
    await anna.feeds(message=anna._message(9, text="моё"))
    await kate.edits("mine now", message_id=9)
    assert kate.heard() == []


async def test_a_moving_live_location_says_nothing(anna: Person, product: Product) -> None:
    await make(anna, "Дом")
    place = {"latitude": 59.9, "longitude": 30.3, "live_period": 900}
    await anna.feeds(message=anna._message(9, location=place))
    await product.answer(anna, "Красиво там?")
    heard = len(anna.heard())
    for step in range(3):
        moved = anna._message(9, location={**place, "latitude": 60.0 + step}, edit_date=1)
        await anna.feeds(edited_message=moved)
    assert len(anna.heard()) == heard


@pytest.mark.parametrize(
    "service",
    [
        {"pinned_message": {"message_id": 1, "date": 0, "chat": {"id": 1, "type": "private"}}},
        {
            "chat_background_set": {
                "type": {
                    "type": "fill",
                    "fill": {"type": "solid", "color": 1},
                    "dark_theme_dimming": 0,
                }
            }
        },
        {"message_auto_delete_timer_changed": {"message_auto_delete_time": 60}},
        {"write_access_allowed": {}},
    ],
)
async def test_service_messages_are_ignored(
    anna: Person, product: Product, service: dict[str, Any]
) -> None:
    await make(anna, "Дом")
    heard = len(anna.heard())
    await anna.sends(**service)
    assert len(anna.heard()) == heard
    assert await product.said(anna) == []


async def test_a_kind_of_the_future_gets_a_kind_word(anna: Person, kate: Person) -> None:
    await anna.sends(hologram={"file_id": "h"})
    assert "пока не умею читать" in anna.heard()[-1]
    await kate.sends(hologram={"file_id": "h"})
    assert "can’t read messages like this yet" in kate.heard()[-1]


async def test_answers_stay_in_the_topic(person, product: Product) -> None:
    anna = person(thread_id=77)
    await anna.says("Хочу веранду")
    assert anna.session.answered[-1].message_thread_id == 77
    await anna.presses("✨ Создать визию")
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
