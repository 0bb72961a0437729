"""When answers are spoken as well."""

from __future__ import annotations

import pytest
from aiogram import Bot, Dispatcher

from core import Profile
from tests.scenarios.conftest import STALE, Person, Product
from tests.scenarios.test_visions import screen


async def voice(person: Person, product: Product) -> str:
    return (await product.users.sign_in(person.id, Profile(person.name), "test")).voice


async def test_who_speaks_is_answered_aloud_until_they_choose_otherwise(
    anna: Person, product: Product
) -> None:
    await anna.says("/settings")
    assert "Голосом отвечаю на голосовые" in anna.heard()[-1]
    assert screen(anna) == [
        "✓ Русский",
        "English",
        "Никогда",
        "✓ На голосовые",
        "Всегда",
        "Часовой пояс",
    ]
    await anna.presses("Никогда")
    assert anna.told() == ["Запомнил"]
    assert "Голосом не отвечаю" in anna.heard()[-1]
    assert "✓ Никогда" in screen(anna)
    assert await voice(anna, product) == "off"
    await anna.presses("Всегда")
    await anna.says("/settings")
    assert "Голосом отвечаю всегда" in anna.heard()[-1]
    assert await voice(anna, product) == "always"
    await anna.presses("На голосовые")
    assert await voice(anna, product) == "when_i_speak"


async def test_the_same_in_english(kate: Person, product: Product) -> None:
    await kate.says("/settings")
    assert "I answer voice messages aloud" in kate.heard()[-1]
    await kate.presses("Never")
    assert kate.told() == ["Got it"]
    assert "I answer in text only, never aloud" in kate.heard()[-1]
    assert await voice(kate, product) == "off"


async def test_a_choice_outlives_a_change_of_language(anna: Person) -> None:
    await anna.says("/settings")
    await anna.presses("Всегда")
    await anna.presses("English")
    assert "✓ Always" in screen(anna)


@pytest.mark.parametrize(
    ("language", "said"),
    [("ru", "голос на этом сервере не подключён"), ("en", "no voice is set up on this server")],
)
async def test_a_server_without_a_voice_says_so(
    mute: Dispatcher, bot: Bot, product: Product, language: str, said: str
) -> None:
    someone = Person(mute, bot, language=language)
    await someone.says("/settings")
    assert said in someone.heard()[-1]
    assert len(screen(someone)) == 3
    await someone.presses_data("voice:always")
    assert someone.told()[-1] in (STALE, "This button is out of date")
    assert await voice(someone, product) == "when_i_speak"
