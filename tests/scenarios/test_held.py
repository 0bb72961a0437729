"""Words without a vision wait for one; nothing is silent, nothing lost."""

from __future__ import annotations

from aiogram.methods import SetMessageReaction

from tests.scenarios.conftest import Person, Product, refused
from tests.scenarios.test_visions import current, make, screen


async def test_words_without_a_vision_become_the_beginning_of_one(
    anna: Person, product: Product
) -> None:
    await anna.says("Хочу жить у моря")
    assert "Куда это записать?" in anna.heard()[-1]
    assert "в сохранности" in anna.heard()[-1]
    await anna.presses("Создать визию")
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
    assert {"Создать визию", "→ Дом", "→ Книга"} == set(screen(anna))
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
    refusal = refused("REACTION_INVALID")
    anna.session.fail(SetMessageReaction, refusal)
    await anna.forwards("раз")
    await anna.forwards("два")
    assert "Ждут 2 сообщения" in anna.heard()[-1]


async def test_a_redelivered_message_without_a_vision_is_kept_once(
    anna: Person, product: Product
) -> None:
    for _ in range(3):
        await anna.feeds(message=anna._message(9, text="Хочу веранду"), update_id=99)
    await anna.presses("Создать визию")
    assert await product.said(anna) == ["Хочу веранду"]


async def test_an_edit_of_held_words_is_what_gets_sent(anna: Person, product: Product) -> None:
    await anna.feeds(message=anna._message(9, text="Хочу веранду"))
    await anna.edits("Хочу террасу", message_id=9)
    await anna.presses("Создать визию")
    assert await product.said(anna) == ["Хочу террасу"]
