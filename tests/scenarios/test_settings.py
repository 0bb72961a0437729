"""Language and time zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from aiogram.methods import SetMyCommands, SetMyDescription, SetMyShortDescription

from bot import commands
from bot.commands import set_commands
from bot.texts import Texts
from core import Profile, zone_of
from tests.scenarios.conftest import Person, Product, refused
from tests.scenarios.test_visions import make, screen


async def timezone(person: Person, product: Product) -> str | None:
    signed_in = await product.users.sign_in(person.id, profile(person), "test")
    return signed_in.timezone


def profile(person: Person) -> Profile:
    return Profile(person.name, language_code=person.language or "")


def clock_of(said: str) -> str:
    return re.findall(r"\d\d:\d\d", said)[-1]


def clocks(name: str) -> set[str]:
    now = datetime.now(UTC)
    zone = zone_of(name, "ru")
    moments = (now - timedelta(minutes=1), now, now + timedelta(minutes=1))
    return {f"{moment.astimezone(zone):%H:%M}" for moment in moments}


async def test_settings_show_language_zone_and_the_persons_own_time(
    anna: Person, kate: Person
) -> None:
    await anna.says("/settings")
    assert "русский" in anna.heard()[-1]
    assert clock_of(anna.heard()[-1]) in clocks("Europe/Moscow")
    assert screen(anna)[:2] == ["✓ Русский", "English"]
    assert screen(anna)[-1] == "Часовой пояс"
    await kate.says("/settings")
    assert clock_of(kate.heard()[-1]) in clocks("UTC")
    assert screen(kate)[:2] == ["Русский", "✓ English"]
    assert screen(kate)[-1] == "Time zone"


async def test_language_changes_everything_at_once(anna: Person) -> None:
    await anna.says("/settings")
    await anna.presses("English")
    assert anna.told() == ["We’re speaking English"]
    assert "Language: English" in anna.heard()[-1]
    await anna.says("/help")
    assert "How to talk to me" in anna.heard()[-1]
    [menu] = anna.session.sent(SetMyCommands)
    assert menu.scope
    assert menu.scope.model_dump()["chat_id"] == anna.id
    assert menu.commands[0].description == "New vision"


async def test_a_menu_that_can_not_be_changed_is_no_trouble(anna: Person) -> None:
    refusal = refused("no")
    anna.session.fail(SetMyCommands, refusal)
    await anna.says("/settings")
    await anna.presses("English")
    assert "Language: English" in anna.heard()[-1]


async def test_a_zone_is_picked_by_button(anna: Person, product: Product) -> None:
    await anna.says("/settings")
    await anna.presses("Часовой пояс")
    assert "Другой город или сдвиг" in screen(anna)
    await anna.presses("Новосибирск")
    assert "Запомнил: Новосибирск" in anna.heard()[-1]
    assert clock_of(anna.heard()[-1]) in clocks("Asia/Novosibirsk")
    assert await timezone(anna, product) == "Asia/Novosibirsk"
    await anna.says("/settings")
    assert "Новосибирск" in anna.heard()[-1]


@pytest.mark.parametrize(
    ("words", "zone", "title"),
    [
        ("Тюмень", "Asia/Yekaterinburg", "Тюмень"),
        ("  ОМСК ", "Asia/Omsk", "Омск"),
        ("+5", "+05:00", "UTC+05:00"),
        ("UTC-3:30", "-03:30", "UTC-03:30"),
        ("мск+4", "+07:00", "UTC+07:00"),
        ("Europe/Belgrade", "Europe/Belgrade", "Белград"),
    ],
)
async def test_a_zone_is_found_by_words(
    anna: Person, product: Product, words: str, zone: str, title: str
) -> None:
    await anna.says("/settings")
    await anna.presses("Часовой пояс")
    await anna.presses("Другой город или сдвиг")
    await anna.says(words)
    assert f"Запомнил: {title}" in anna.heard()[-1]
    assert await timezone(anna, product) == zone


async def test_several_cities_are_offered_and_none_is_asked_for_again(
    kate: Person, product: Product
) -> None:
    await make(kate, "Home")
    await kate.says("/settings")
    await kate.presses("Time zone")
    await kate.presses("Another city or offset")
    await kate.says("Atlantis of the deep")
    assert "couldn’t find" in kate.heard()[-1]
    await kate.says("San")
    assert "several" in kate.heard()[-1]
    offered = screen(kate)
    assert len(offered) > 2
    assert offered[-1] == "Cancel"
    await kate.presses(offered[0])
    assert "Got it" in kate.heard()[-1]
    assert await timezone(kate, product)
    await kate.says("A porch")
    assert await product.said(kate) == ["A porch"]


async def test_words_after_the_zone_go_to_the_vision(anna: Person, product: Product) -> None:
    await make(anna, "Дом")
    await anna.says("/settings")
    await anna.presses("Часовой пояс")
    await anna.presses("Другой город или сдвиг")
    await anna.says("Омск")
    await anna.says("Хочу веранду")
    assert await product.said(anna) == ["Хочу веранду"]


async def test_words_too_long_for_a_city_are_for_the_companion(
    anna: Person, product: Product
) -> None:
    await make(anna, "Дом")
    await anna.says("/settings")
    await anna.presses("Часовой пояс")
    await anna.presses("Другой город или сдвиг")
    await anna.says("Хочу веранду. " * 10)
    await anna.says("Омск")
    assert await product.said(anna) == ["Хочу веранду. " * 10, "Омск"]


@pytest.mark.parametrize(
    "data",
    ["zone|../../etc/passwd", "zone|+99:99", "zone|+1", "zone|Mars/Base", "zone|", "zone|Europe"],
)
async def test_forged_zones_are_refused(anna: Person, product: Product, data: str) -> None:
    await anna.presses_data(data)
    assert anna.told() == ["Кнопка устарела"]
    assert await timezone(anna, product) is None


async def test_back_to_settings(anna: Person) -> None:
    await anna.says("/settings")
    await anna.presses("Часовой пояс")
    await anna.presses("‹ К настройкам")
    assert "Настройки" in anna.heard()[-1]


async def test_the_menu_is_set_for_both_languages(bot, session, texts: Texts) -> None:
    await set_commands(bot, texts)
    russian, english = session.sent(SetMyCommands)
    assert (russian.language_code, english.language_code) == (None, "en")
    assert [command.command for command in russian.commands] == [
        command.command for command in english.commands
    ]
    assert len(session.sent(SetMyDescription)) == len(session.sent(SetMyShortDescription)) == 2


async def test_a_menu_that_fails_is_set_again_later(
    bot, session, texts: Texts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "FIRST_PAUSE_SECONDS", 0.01)
    session.fail(SetMyCommands, refused("no"))
    await set_commands(bot, texts)
    assert [each.language_code for each in session.sent(SetMyCommands)] == [None, "en"]
