"""The list of visions and their cards."""

from __future__ import annotations

import pytest
from aiogram.methods import EditMessageText

from tests.scenarios.conftest import Person, Product


async def make(person: Person, *titles: str) -> None:
    for title in titles:
        await person.says(f"/new_vision {title}")


async def current(person: Person, product: Product) -> str | None:
    page = await product.visions.page(await product.user_id(person), 0, 100)
    return next((item.title for item in page.items if item.current), None)


def screen(person: Person) -> list[str]:
    """Labels of the newest message that has buttons."""
    message, _ = person._buttons()[-1]
    assert message.reply_markup
    return [button.text for row in message.reply_markup.inline_keyboard for button in row]


async def test_without_visions_one_is_offered(anna: Person, kate: Person) -> None:
    await anna.says("/visions")
    assert "Визий пока нет" in anna.heard()[0]
    assert screen(anna) == ["Создать визию"]
    await kate.says("/visions")
    assert "No visions yet" in kate.heard()[0]


async def test_the_list_marks_the_current_one_and_keeps_the_archive_apart(anna: Person) -> None:
    await make(anna, "Старая", "Дом", "Книга")
    await anna.says("/visions")
    await anna.presses("Старая")
    await anna.presses("В архив")
    await anna.says("/visions")
    await anna.presses("Дом")
    await anna.says("/visions")
    assert "3 визии" in anna.heard()[-1]
    labels = screen(anna)
    assert labels[0] in ("✓ Дом", "Книга")
    assert set(labels[:2]) == {"✓ Дом", "Книга"}
    assert labels[2:] == ["— Архив —", "❄ Старая", "＋ Новая"]


async def test_picking_one_makes_it_current_and_shows_its_card_in_place(
    anna: Person, product: Product
) -> None:
    await make(anna, "Дом", "Книга")
    await anna.says("/visions")
    sent = len(anna.session.messages)
    await anna.presses("Дом")
    assert len(anna.session.messages) == sent
    assert anna.session.sent(EditMessageText)
    assert await current(anna, product) == "Дом"
    card = anna.heard()[-1]
    assert "Дом" in card
    assert "в пути" in card
    assert "Создана" in card
    assert "Пока ни слова" in card
    assert screen(anna) == [
        "Продолжить",
        "История",
        "Файлы",
        "Переименовать",
        "В архив",
        "Удалить",
        "‹ К списку",
    ]


async def test_the_card_shows_the_number_of_messages_and_the_last_words(
    anna: Person, product: Product
) -> None:
    await make(anna, "Дом")
    await anna.says("Хочу <b>веранду</b> & сад")
    await anna.says("/visions")
    await anna.presses("✓ Дом")
    assert "1 сообщение" in anna.heard()[-1]
    assert "от тебя" in anna.heard()[-1]
    assert "Хочу <b>веранду</b> & сад" in anna.heard()[-1]
    await product.answer(anna, "Расскажи о ней. " * 40)
    await anna.presses("‹ К списку")
    await anna.presses("✓ Дом")
    assert "2 сообщения" in anna.heard()[-1]
    assert "от меня" in anna.heard()[-1]
    assert anna.heard()[-1].count("Расскажи") < 20


async def test_the_card_in_english(kate: Person) -> None:
    await make(kate, "Home")
    await kate.says("A porch")
    await kate.says("/visions")
    await kate.presses("✓ Home")
    assert "on the way" in kate.heard()[-1]
    assert "1 message" in kate.heard()[-1]


async def test_many_visions_come_in_pages(anna: Person) -> None:
    await make(anna, *(f"Визия {number}" for number in range(1, 20)))
    await anna.says("/visions")
    first = screen(anna)
    assert len([label for label in first if "Визия" in label]) == 8
    assert first[-4:] == ["‹", "1 / 3", "›", "＋ Новая"]
    await anna.presses("›")
    second = screen(anna)
    assert "2 / 3" in second
    await anna.presses("2 / 3")
    assert "2 / 3" in screen(anna)
    await anna.presses("›")
    third = screen(anna)
    assert len([label for label in third if "Визия" in label]) == 3
    shown = {label for label in (*first, *second, *third) if "Визия" in label}
    assert len(shown) == 19
    await anna.presses(third[0])
    await anna.presses("‹ К списку")
    assert "3 / 3" in screen(anna)


async def test_a_page_that_is_gone_gives_the_last_one(anna: Person) -> None:
    await make(anna, *(f"Визия {number}" for number in range(9)))
    await anna.says("/visions")
    await anna.presses("›")
    message, _ = anna._buttons()[-1]
    data = next(button.callback_data for _, button in anna._buttons() if button.text == "2 / 2")
    await anna.presses("Визия 0")
    await anna.presses("Удалить")
    await anna.presses("Да, удалить")
    await anna.presses_data(data or "", message.message_id)
    assert len([label for label in screen(anna) if "Визия" in label]) == 8


async def test_a_new_one_from_the_list(anna: Person, product: Product) -> None:
    await make(anna, "Дом")
    await anna.says("/visions")
    await anna.presses("＋ Новая")
    assert "Готово" in anna.heard()[-1]
    title = await current(anna, product)
    assert title
    assert title.startswith("Визия от")


async def test_long_titles_fit_their_buttons(anna: Person) -> None:
    await make(anna, "Дом у моря с верандой и садом, где поспевают персики, " * 2)
    await anna.says("/visions")
    assert all(len(label) <= 44 for label in screen(anna))


async def test_continuing_says_where_we_are(anna: Person, product: Product) -> None:
    await make(anna, "Дом", "Книга")
    await anna.says("/visions")
    await anna.presses("Дом")
    await make(anna, "Третья")
    await anna.presses("Продолжить")
    assert "Мы здесь: Дом" in anna.heard()[-1]
    assert await current(anna, product) == "Дом"
    await anna.presses("Открыть визию")
    assert "в пути" in anna.heard()[-1]


@pytest.mark.parametrize("status", ["deleted", "frozen"])
async def test_continuing_from_an_old_card(anna: Person, product: Product, status) -> None:
    await make(anna, "Дом")
    await anna.says("/visions")
    await anna.presses("✓ Дом")
    user = await product.user_id(anna)
    [item] = (await product.visions.page(user, 0, 10)).items
    await product.visions.change(user, item.id, status)
    await anna.presses("Продолжить")
    if status == "deleted":
        assert anna.told() == ["Эта визия удалена"]
    else:
        assert "в архиве" in anna.heard()[-1]
        assert "Разморозить" in screen(anna)


async def test_one_person_never_sees_anothers_visions(anna: Person, kate: Person) -> None:
    await make(anna, "Тайна")
    await kate.says("/visions")
    assert "Тайна" not in "".join(kate.heard() + kate.buttons())
