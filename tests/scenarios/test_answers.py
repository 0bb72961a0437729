"""Buttons under the companion's words, and Stop."""

from __future__ import annotations

from typing import Any

import pytest
from aiogram.methods import EditMessageReplyMarkup
from aiogram.types import InlineKeyboardMarkup

from bot.keyboards.delivery import keyboard_for
from bot.texts import Texts, Words
from core import Delivery
from tests.scenarios.conftest import Person, Product
from tests.scenarios.test_visions import current, make


def delivery(vision_id: str, payload: dict[str, Any]) -> Delivery:
    return Delivery(
        id=1,
        message_id=1,
        lease="l",
        attempt=1,
        user_id="u",
        vision_id=vision_id,
        vision_title="Дом",
        current=True,
        chat_id=1,
        thread_id=None,
        language="ru",
        sender="assistant",
        type="text",
        content="Начало",
        payload=payload,
        attachment=None,
        reply_to=None,
        sent=(),
    )


async def the_vision(person: Person, product: Product) -> str:
    page = await product.visions.page(await product.user_id(person), 0, 1)
    return page.items[0].id


async def shown(
    person: Person, product: Product, texts: Texts, payload: dict[str, Any], text: str = "Начало"
) -> None:
    """What the outbox would have sent."""
    buttons = keyboard_for(delivery(await the_vision(person, product), payload), texts.words("ru"))
    assert isinstance(buttons, InlineKeyboardMarkup)
    await person.bot.send_message(person.id, text, reply_markup=buttons)


async def fail_turn(product: Product) -> None:
    row = await product.db.call(
        "claim_turns", worker="test", limit=1, lease_seconds=60, history=50, characters=16000
    )
    [turn] = row["turns"]
    await product.db.call(
        "fail_turn",
        vision_id=turn["vision_id"],
        lease=turn["lease"],
        thread_id=None,
        payload={"notice": "down"},
        deliver_seconds=60,
    )


async def claimed(product: Product) -> list[Any]:
    row = await product.db.call(
        "claim_turns", worker="test", limit=9, lease_seconds=60, history=50, characters=16000
    )
    return row["turns"]


async def test_retry_queues_the_turn_again(anna: Person, product: Product, texts: Texts) -> None:
    await make(anna, "Дом")
    await anna.says("Хочу веранду")
    await fail_turn(product)
    await shown(anna, product, texts, {"notice": "down"})
    assert await claimed(product) == []
    await anna.presses("Повторить")
    assert anna.told() == ["Пробую ещё раз"]
    assert "Повторить" not in anna.buttons()
    [turn] = await claimed(product)
    assert [said["content"] for said in turn["unanswered"]] == ["Хочу веранду"]


async def test_retry_while_it_is_being_answered(
    anna: Person, product: Product, texts: Texts
) -> None:
    await make(anna, "Дом")
    await anna.says("Хочу веранду")
    assert await claimed(product)
    await shown(anna, product, texts, {"notice": "down"})
    await anna.presses("Повторить")
    assert anna.told() == ["Уже отвечаю"]
    assert "Повторить" in anna.buttons()


async def test_retry_after_it_was_answered(anna: Person, product: Product, texts: Texts) -> None:
    await make(anna, "Дом")
    await anna.says("Хочу веранду")
    await product.answer(anna, "Какую?")
    await shown(anna, product, texts, {"notice": "down"})
    await anna.presses("Повторить")
    assert anna.told() == ["На это уже есть ответ"]
    assert "Повторить" not in anna.buttons()


@pytest.mark.parametrize("payload", [{"unfinished": True}, {"stopped": True}])
async def test_continue_asks_to_go_on_once_however_often_it_is_pressed(
    anna: Person, product: Product, texts: Texts, payload: dict[str, Any]
) -> None:
    await make(anna, "Дом")
    await anna.says("Хочу веранду")
    await product.answer(anna, "Начало", payload)
    await shown(anna, product, texts, payload)
    message, button = next(item for item in anna._buttons() if item[1].text == "Продолжить")
    for _ in range(2):
        await anna._callback(button.callback_data, message)
    said = await product.said(anna)
    assert said == ["Хочу веранду", "Начало", "Продолжай с того места, где остановился."]
    assert anna.session.sent(EditMessageReplyMarkup)
    assert len(await claimed(product)) == 1


async def test_continue_goes_to_its_own_vision_and_says_so(
    anna: Person, product: Product, texts: Texts
) -> None:
    await make(anna, "Дом")
    await anna.says("Хочу веранду")
    await product.answer(anna, "Начало", {"stopped": True})
    await shown(anna, product, texts, {"stopped": True})
    await make(anna, "Книга")
    await anna.presses("Продолжить")
    assert await current(anna, product) == "Дом"
    assert "Мы здесь: Дом" in anna.heard()[-1]
    assert len(await product.said(anna)) == 3


async def test_continue_in_an_archived_vision_says_so(
    anna: Person, product: Product, texts: Texts
) -> None:
    await make(anna, "Дом")
    await anna.says("Хочу веранду")
    await product.answer(anna, "Начало", {"stopped": True})
    await shown(anna, product, texts, {"stopped": True})
    await anna.says("/freeze")
    await anna.presses("Продолжить")
    assert "архиве" in anna.told()[-1]
    assert len(await product.said(anna)) == 2


def test_only_answers_that_need_it_have_buttons(texts: Texts) -> None:
    words: Words = texts.words("en")
    vision = "0b8f3c1e-0000-4000-8000-000000000001"

    def labels(payload: dict[str, Any]) -> list[str]:
        buttons = keyboard_for(delivery(vision, payload), words)
        return [b.text for row in buttons.inline_keyboard for b in row] if buttons else []

    assert labels({"notice": "down"}) == ["Try again"]
    assert labels({"unfinished": True}) == labels({"stopped": True}) == ["Continue"]
    assert labels({}) == labels({"notice": "burst"}) == labels({"notice": "stopped"}) == []


async def test_stop_with_nothing_to_stop(anna: Person, kate: Person) -> None:
    await anna.says("/stop")
    assert "молчу" in anna.heard()[-1]
    await kate.says("/stop")
    assert "nothing to stop" in kate.heard()[-1]


async def test_stop_by_command_and_by_the_button_of_the_draft(
    anna: Person, product: Product
) -> None:
    await make(anna, "Дом")
    await anna.says("Хочу веранду")
    heard = len(anna.heard())
    [turn] = await claimed(product)
    await anna.says("/stop")
    row = await product.db.call("renew_leases", leases=[turn["lease"]], lease_seconds=60)
    assert row["held"][turn["lease"]]["stop"]
    assert len(anna.heard()) == heard


@pytest.mark.parametrize(("shift", "stopped"), [(0, True), (1, False)])
async def test_the_button_of_a_draft_stops_that_draft_only(
    anna: Person, product: Product, shift: int, stopped: bool
) -> None:
    await make(anna, "Дом")
    await anna.says("Хочу веранду")
    [turn] = await claimed(product)
    await anna.stops(turn["draft_id"] + shift)
    row = await product.db.call("renew_leases", leases=[turn["lease"]], lease_seconds=60)
    assert row["held"][turn["lease"]]["stop"] is stopped


async def test_somebody_elses_draft_can_not_be_stopped(
    anna: Person, kate: Person, product: Product
) -> None:
    await make(anna, "Дом")
    await anna.says("Хочу веранду")
    [turn] = await claimed(product)
    await kate.stops(turn["draft_id"])
    row = await product.db.call("renew_leases", leases=[turn["lease"]], lease_seconds=60)
    assert not row["held"][turn["lease"]]["stop"]


async def test_stop_leaves_the_language_alone(kate: Person, product: Product) -> None:
    await make(kate, "Home")
    await kate.says("A porch")
    [turn] = await claimed(product)
    await kate.stops(turn["draft_id"])
    row = await product.db.call(
        "reload_turn",
        vision_id=turn["vision_id"],
        lease=turn["lease"],
        history=50,
        characters=16000,
    )
    assert row["user"]["language"] == "en"
