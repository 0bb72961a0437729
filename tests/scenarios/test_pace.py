"""Commands and buttons without end."""

from __future__ import annotations

import pytest
from aiogram import Bot, Dispatcher
from aiogram.types import Message

from bot.pace import AT_ONCE, PER_SECOND, Pace
from bot.texts import Texts
from tests.scenarios.conftest import NewPerson, Person, Product
from tests.scenarios.test_visions import make


@pytest.mark.parametrize(
    ("who", "word"), [("anna", "Слишком много команд"), ("kate", "too many commands")]
)
async def test_a_hundred_commands_get_no_hundred_answers(
    request: pytest.FixtureRequest, person: NewPerson, who: str, word: str
) -> None:
    flooder: Person = request.getfixturevalue(who)
    for _ in range(100):
        await flooder.says("/help")
    assert word in flooder.heard()[-1]
    # On a slow machine the bucket refills a little meanwhile.
    assert sum(word in said for said in flooder.heard()) <= 2
    assert AT_ONCE < len(flooder.heard()) < 100
    other = person(name="Другая")
    await other.says("/help")
    assert "Как со мной говорить" in other.heard()[-1]


async def test_presses_beyond_it_do_nothing_and_say_so(anna: Person, product: Product) -> None:
    await make(anna, "Дом")
    for _ in range(100):
        await anna.presses_data("list:0")
    assert "Слишком быстро — подожди секунду" in anna.told()


async def test_words_to_the_companion_are_never_dropped(anna: Person, product: Product) -> None:
    await make(anna, "Дом")
    for n in range(AT_ONCE * 2):
        await anna.says(f"{n}")
    assert len(await product.said(anna)) == AT_ONCE * 2


async def test_it_refills_with_time(dispatcher: Dispatcher, bot: Bot, texts: Texts) -> None:
    now = 100.0
    pace = Pace(lambda: now)
    handled = 0

    async def handler(*_: object) -> None:
        nonlocal handled
        handled += 1

    someone = Person(dispatcher, bot)
    message = Message.model_validate(someone._message(1, text="/help")).as_(bot)
    data = {"event_from_user": message.from_user, "words": texts.words("ru")}
    for _ in range(AT_ONCE + 10):
        await pace(handler, message, dict(data))
    assert handled == AT_ONCE
    assert len(someone.heard()) == 1
    now += 5
    for _ in range(20):
        await pace(handler, message, dict(data))
    assert handled == AT_ONCE + 5 * PER_SECOND
    assert len(someone.heard()) == 1
    now += 3600
    for _ in range(AT_ONCE + 1):
        await pace(handler, message, dict(data))
    assert len(someone.heard()) == 2
