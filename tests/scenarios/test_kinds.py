"""What is not text: kept, described, answered in the flow of the talk."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scenarios.conftest import Person, Product
from tests.scenarios.test_lifecycle import sticker
from tests.scenarios.test_visions import make

FILE = {"file_id": "f", "file_unique_id": "u"}
PICTURE = {**FILE, "width": 1, "height": 1}

TYPES = {
    "voice": "audio",
    "audio": "audio",
    "video_note": "audio",
    "video": "file",
    "animation": "file",
    "photo": "image",
    "document": "file",
}
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


@pytest.mark.parametrize("kind", sorted(KINDS))
async def test_what_is_not_text_is_kept_and_described(
    anna: Person, product: Product, kind: str
) -> None:
    await make(anna, "Дом")
    heard = len(anna.heard())
    content, described = KINDS[kind]
    await anna.sends(**{kind: content})
    [entry] = await kept(anna, product)
    assert entry.content.startswith(described)
    assert entry.type == TYPES.get(kind, "info")
    assert entry.payload["kind"] == kind
    assert entry.files == (kind in TYPES)
    for file in entry.payload.get("files", ()):
        assert (file["kind"], file["telegram_id"], file["unique_id"]) == (kind, "f", "u")
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
        "My dream porch\n[photo]",
    ]


async def test_an_album_is_one_message(anna: Person, product: Product) -> None:
    await make(anna, "Дом")
    for number in range(3):
        picture = {**PICTURE, "file_unique_id": f"u{number}"}
        more = {"caption": "Три вида"} if number == 0 else {}
        await anna.sends(photo=[picture], media_group_id="7", **more)
    [entry] = await kept(anna, product)
    assert entry.content == "Три вида\n[фото]\n[фото]\n[фото]"
    assert entry.files == 3


async def test_the_card_tells_files_as_the_person_knows_them(anna: Person) -> None:
    await make(anna, "Дом")
    await anna.sends(document={**FILE, "file_name": "план.pdf"}, caption="Вот план")
    await anna.says("/visions")
    await anna.presses("✓ Дом")
    assert "план.pdf Вот план" in anna.heard()[-1]


async def test_a_forwarded_voice_says_whose_it_is(anna: Person, product: Product) -> None:
    await make(anna, "Дом")
    origin = {"type": "hidden_user", "sender_user_name": "Пётр", "date": 1}
    await anna.sends(voice={**FILE, "duration": 5}, forward_origin=origin)
    assert await product.said(anna) == ["[Переслано от: Пётр]\n[голосовое сообщение, 0:05]"]


async def test_the_largest_photo_that_is_not_too_large(anna: Person, product: Product) -> None:
    await make(anna, "Дом")
    sizes = [
        {"file_id": str(side), "file_unique_id": str(side), "width": side, "height": side}
        for side in (90, 1280, 2560)
    ]
    await anna.sends(photo=sizes)
    [entry] = await kept(anna, product)
    assert entry.payload["files"][0]["telegram_id"] == "1280"


async def test_a_changed_caption_is_the_new_one(anna: Person, product: Product) -> None:
    await make(anna, "Дом")
    await anna.feeds(message=anna._message(9, photo=[PICTURE], caption="До"))
    changed = anna._message(9, photo=[PICTURE], caption="После", edit_date=1)
    await anna.feeds(edited_message=changed)
    assert await product.said(anna) == ["После\n[фото]"]


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
