"""👍 and 👎 under answers."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from bot.callbacks.feedback import AskWhatWasWrong, CastVote
from tests.scenarios.admin_world import boss, chief, labels, screen, toasts
from tests.scenarios.conftest import Person, Product, SendAll
from tests.scenarios.test_feedback import sender, sent
from tests.scenarios.test_visions import make

__all__ = ["boss", "chief", "sender"]


@pytest.fixture
def votes() -> bool:
    return True


async def answered(
    person: Person, product: Product, outbox: SendAll, payload: Any = None, *more: Any
) -> None:
    await make(person, "Дом")
    await person.says("Хочу веранду")
    await product.answer(person, "Какую?", payload, *more)
    await outbox()


async def stored(dsn: str) -> list[Any]:
    async with await psycopg.AsyncConnection.connect(dsn) as connection:
        cursor = await connection.execute("select message_id, vote from public.votes")
        return await cursor.fetchall()


@pytest.mark.parametrize("english", [False, True])
async def test_a_vote_is_shown_changed_and_taken_back(
    anna: Person, kate: Person, product: Product, outbox: SendAll, dsn: str, english: bool
) -> None:
    person = kate if english else anna
    await answered(person, product, outbox)
    assert labels(person) == ["👍", "👎"]
    await person.presses("👍")
    assert labels(person) == ["👍 ✓", "👎"]
    assert toasts(person)[-1] == ("Thank you!" if english else "Спасибо!")
    [(message, vote)] = await stored(dsn)
    assert vote == 1
    await person.presses("👎")
    wrong = "What was wrong?" if english else "Что было не так?"
    assert labels(person) == ["👍", "👎 ✓", wrong]
    assert await stored(dsn) == [(message, -1)]
    await person.presses("👎 ✓")
    assert labels(person) == ["👍", "👎"]
    assert toasts(person)[-1] == ("Vote taken back" if english else "Убрал оценку")
    assert await stored(dsn) == []


async def test_a_press_that_comes_twice_counts_once(
    anna: Person, product: Product, outbox: SendAll, dsn: str
) -> None:
    await answered(anna, product, outbox)
    message, button = next(pair for pair in anna._buttons() if pair[1].text == "👍")
    for _ in range(3):
        await anna.presses_data(button.callback_data or "", message.message_id)
    assert [vote for _, vote in await stored(dsn)] == [1]


@pytest.mark.parametrize("english", [False, True])
async def test_what_was_wrong_is_asked_once_and_said_without_the_dialogue(
    anna: Person,
    kate: Person,
    boss: Person,
    chief: Person,
    product: Product,
    outbox: SendAll,
    sender: Any,
    english: bool,
) -> None:
    person, admin = (kate, chief) if english else (anna, boss)
    wrong = "What was wrong?" if english else "Что было не так?"
    await answered(person, product, outbox)
    await person.presses("👎")
    await person.presses(wrong)
    assert wrong not in person.buttons()
    await person.says("Слишком коротко")
    await sent(sender)
    assert ("about an answer" if english else "об ответе спутника") in screen(admin)
    assert screen(admin).endswith("Слишком коротко")
    assert not any("Какую" in text or "веранду" in text for text in admin.heard())
    assert "Слишком коротко" not in await product.said(person)
    await person.presses("👎 ✓")
    await person.presses("👎")
    assert wrong not in person.buttons()


async def test_votes_stand_under_the_last_message_and_beside_other_buttons(
    anna: Person, product: Product, outbox: SendAll
) -> None:
    await answered(anna, product, outbox, {"unfinished": True})
    assert labels(anna) == ["Продолжить", "👍", "👎"]
    await anna.presses("👍")
    assert labels(anna) == ["Продолжить", "👍 ✓", "👎"]
    await anna.presses("Продолжить")
    await product.answer(
        anna,
        "Держи",
        {"followed": True},
        {"sender": "assistant", "type": "text", "content": "Конец", "payload": {}},
    )
    await outbox()
    [held, last] = [
        message
        for (chat, _), message in sorted(anna.session.messages.items())
        if chat == anna.chat_id and message.text in ("Держи", "Конец")
    ]
    assert held.reply_markup is None
    assert last.reply_markup


async def test_the_answer_of_care_is_not_voted_on(
    anna: Person, product: Product, outbox: SendAll
) -> None:
    await answered(anna, product, outbox, {"care": True})
    assert "👍" not in anna.buttons()


async def test_nobody_votes_on_what_was_said_to_another(
    anna: Person, kate: Person, product: Product, outbox: SendAll, dsn: str
) -> None:
    await answered(anna, product, outbox)
    user, vision = await product.user_id(anna), await product.vision_id(anna)
    message = (await product.dialogue.history(user, vision)).entries[-1].id
    for data in (CastVote(message=message, vote=1), AskWhatWasWrong(message=message)):
        await kate.presses_data(data.pack())
    await anna.presses_data(CastVote(message=message + 99, vote=1).pack())
    assert await stored(dsn) == []
    assert not any("не так" in text or "wrong" in text for text in kate.heard())
