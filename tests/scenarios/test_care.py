"""Somebody in danger where no turn will answer them: at once, before anything else is said."""

from __future__ import annotations

import pytest

from tests.access import open_to, set_person
from tests.scenarios.conftest import Person, Product
from tests.scenarios.test_visions import make

WORDS = {
    False: ("Я больше не хочу жить", "нельзя оставаться в одиночку", "8-800-2000-122"),
    True: ("I want to kill myself", "nobody should be alone", "findahelpline.com"),
}


@pytest.fixture(params=[False, True], ids=["ru", "en"])
def said(request: pytest.FixtureRequest) -> tuple[str, str, str]:
    return WORDS[request.param]


@pytest.fixture
def someone(said: tuple[str, str, str], anna: Person, kate: Person) -> Person:
    return kate if said == WORDS[True] else anna


async def test_without_a_vision(someone: Person, said: tuple[str, str, str]) -> None:
    text, kind, line = said
    await someone.says(text)
    care, offer = someone.heard()[-2:]
    assert kind in care
    assert line in care
    assert kind not in offer
    await someone.says("Сегодня пасмурно" if someone.language == "ru" else "It is cloudy")
    assert kind not in someone.heard()[-1]


async def test_in_an_archived_vision_and_below_a_photo(
    someone: Person, said: tuple[str, str, str]
) -> None:
    text, kind, _ = said
    await make(someone, "Дом")
    await someone.says("/freeze")
    photo = [{"file_id": "p", "file_unique_id": "p", "width": 9, "height": 9}]
    await someone.sends(photo=photo, caption=text)
    assert kind in someone.heard()[-2]


async def test_where_a_turn_will_answer_nothing_is_said_twice(
    someone: Person, said: tuple[str, str, str], product: Product
) -> None:
    text, kind, _ = said
    await make(someone, "Дом")
    await someone.says(text)
    assert kind not in "".join(someone.heard())
    assert await product.said(someone) == [text]


async def test_words_changed_after_they_were_answered(
    someone: Person, said: tuple[str, str, str], product: Product
) -> None:
    text, kind, _ = said
    await make(someone, "Дом")
    await someone.feeds(message=someone._message(77, text="Мне грустно"))
    await product.answer(someone, "Расскажи")
    await someone.edits("Мне очень грустно", message_id=77)
    assert kind not in someone.heard()[-1]
    await someone.edits(text, message_id=77)
    assert kind in someone.heard()[-1]


async def test_over_a_limit(someone: Person, said: tuple[str, str, str], product: Product) -> None:
    text, kind, _ = said
    await make(someone, "Дом")
    user_id = await product.user_id(someone)
    await product.db.call(
        "set_limits",
        admin_id="console:test",
        user_id=user_id,
        limits={"messages_per_day": 1},
    )
    await someone.says("Раз")
    await someone.says(text)
    assert any(kind in heard for heard in someone.heard()[-2:])


async def test_to_somebody_who_takes_leave(
    someone: Person, said: tuple[str, str, str], product: Product, dsn: str
) -> None:
    text, kind, line = said
    await make(someone, "Дом")
    await set_person(dsn, await product.user_id(someone), "erase_at = now() + interval '7 days'")
    await someone.says(text)
    care, leaving = someone.heard()[-2:]
    assert kind in care
    assert line in care
    assert kind not in leaving


async def test_at_a_closed_door_but_not_to_the_blocked(
    someone: Person, said: tuple[str, str, str], product: Product, dsn: str
) -> None:
    text, kind, _ = said
    await open_to(product.db, "list")
    await someone.says(text)
    assert kind in someone.heard()[-2]
    await someone.says(text)
    assert kind in someone.heard()[-1]
    await set_person(dsn, await product.user_id(someone), "level = 'blocked'")
    await someone.says(text)
    assert kind not in someone.heard()[-1]
