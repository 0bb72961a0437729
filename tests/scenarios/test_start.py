"""The first minute: a greeting, a vision, the first words."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.scenarios.conftest import Person, Product


async def test_start_greets_by_name_in_russian_and_says_it_is_an_ai(anna: Person) -> None:
    await anna.says("/start")
    [greeting] = anna.heard()
    assert "Аня" in greeting
    assert "ИИ" in greeting
    assert anna.buttons() == ["Создать визию"]


async def test_start_speaks_english_to_an_english_account(kate: Person) -> None:
    await kate.says("/start")
    [greeting] = kate.heard()
    assert "Hi, Kate!" in greeting
    assert "AI" in greeting
    assert kate.buttons() == ["Create a vision"]


async def test_an_account_of_any_other_language_is_spoken_to_in_russian(person) -> None:
    jan = person(name="Jan", language="de")
    await jan.says("/start")
    assert "Привет, Jan!" in jan.heard()[0]


@pytest.mark.parametrize("payload", ["ref_42", "%00<b>", "a" * 64, "vision:1", "💥"])
async def test_a_deep_link_payload_changes_nothing(anna: Person, payload: str) -> None:
    await anna.says(f"/start {payload}")
    assert "Привет, Аня!" in anna.heard()[0]


async def test_a_name_with_markup_is_shown_as_it_is(person) -> None:
    trickster = person(name="<b>Ян</b> & <a href='x'>")
    await trickster.says("/start")
    assert "Привет, <b>Ян</b> & <a href='x'>!" in trickster.heard()[0]


async def test_the_button_makes_the_first_vision_and_keeps_the_greeting(
    anna: Person, product: Product
) -> None:
    await anna.says("/start")
    await anna.presses("Создать визию")
    greeting, created = anna.heard()
    assert "Привет" in greeting
    assert "Визия от" in created
    assert anna.buttons() == ["Переименовать"]
    page = await product.visions.page(await product.user_id(anna), 0, 10)
    assert [item.current for item in page.items] == [True]


async def test_a_button_pressed_twice_makes_one_vision(anna: Person, product: Product) -> None:
    await anna.says("/start")
    [(message, button)] = anna._buttons()
    await anna._callback(button.callback_data, message)
    await anna._callback(button.callback_data, message)
    page = await product.visions.page(await product.user_id(anna), 0, 10)
    assert page.total == 1


async def test_new_vision_without_a_title_is_named_after_the_persons_own_day(
    anna: Person, kate: Person, product: Product
) -> None:
    today = datetime.now(ZoneInfo("Europe/Moscow"))
    await anna.says("/new_vision")
    days = {f"Визия от {day:%d.%m.%Y}" for day in (today, today + timedelta(minutes=1))}
    [item] = (await product.visions.page(await product.user_id(anna), 0, 10)).items
    assert item.title in days

    await product.users.set_timezone(await product.user_id(kate), "-11:00")
    there = datetime.now(ZoneInfo("Etc/GMT+11"))
    await kate.says("/new_vision")
    [item] = (await product.visions.page(await product.user_id(kate), 0, 10)).items
    assert item.title in {
        f"Vision of {day:%B} {day.day}, {day.year}" for day in (there, there + timedelta(minutes=1))
    }


async def test_new_vision_takes_its_title_from_the_command(anna: Person) -> None:
    await anna.says("/new_vision  Дом у   моря <3")
    assert "Дом у моря <3" in anna.heard()[0]


@pytest.mark.parametrize("title", ["\u200b\u200b", "\u2060 \u00ad"])
async def test_an_invisible_title_is_no_title(anna: Person, title: str) -> None:
    await anna.says(f"/new_vision {title}")
    assert "Визия от" in anna.heard()[0]


async def test_a_title_of_any_length_fits(anna: Person, product: Product) -> None:
    await anna.says("/new_vision " + "ж" * 4000)
    [item] = (await product.visions.page(await product.user_id(anna), 0, 10)).items
    assert len(item.title) == 120


async def test_a_redelivered_command_makes_one_vision(anna: Person, product: Product) -> None:
    for _ in range(2):
        message = anna._message(7, text="/new_vision Дом")
        await anna.feeds(message=message, update_id=77)
    assert (await product.visions.page(await product.user_id(anna), 0, 10)).total == 1


async def test_start_again_takes_up_where_the_person_was(anna: Person) -> None:
    await anna.says("/new_vision Дом у моря")
    await anna.says("/start")
    assert "Дом у моря" in anna.heard()[-1]
    assert "Мои визии" in anna.buttons()


async def test_words_go_to_the_vision_without_a_reply(anna: Person, product: Product) -> None:
    await anna.says("/new_vision Дом")
    before = len(anna.heard())
    await anna.says("Хочу жить у моря")
    assert len(anna.heard()) == before
    assert await product.said(anna) == ["Хочу жить у моря"]
