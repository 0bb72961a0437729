"""Freeze and wake, delete and bring back, rename."""

from __future__ import annotations

from aiogram.methods import EditMessageText

from tests.scenarios.conftest import Person, Product
from tests.scenarios.test_visions import current, make, screen


async def statuses(person: Person, product: Product) -> dict[str, str]:
    page = await product.visions.page(await product.user_id(person), 0, 100)
    return {item.title: item.status for item in page.items}


async def test_freeze_puts_the_current_vision_into_the_archive(
    anna: Person, product: Product
) -> None:
    await make(anna, "Дом")
    await anna.says("/freeze")
    assert "в архиве" in anna.heard()[-1]
    assert await statuses(anna, product) == {"Дом": "frozen"}
    await anna.presses("Разморозить")
    assert await statuses(anna, product) == {"Дом": "active"}
    assert anna.told() == ["Снова в пути"]


async def test_freezing_twice_says_so(kate: Person) -> None:
    await make(kate, "Home")
    await kate.says("/freeze")
    await kate.says("/freeze")
    assert "already" in kate.heard()[-1]


async def test_what_is_said_to_a_frozen_vision_waits_for_it(anna: Person, product: Product) -> None:
    await make(anna, "Дом")
    await anna.says("/freeze")
    await anna.says("Хочу веранду")
    assert "в архиве" in anna.heard()[-1]
    assert "Слова сохранил" in anna.heard()[-1]
    await anna.says("и сад")
    assert "2 сообщения" in anna.heard()[-1]
    assert await product.said(anna) == []
    await anna.presses("Разморозить и отправить")
    assert await product.said(anna) == ["Хочу веранду", "и сад"]
    assert await statuses(anna, product) == {"Дом": "active"}
    assert "Дом" in anna.heard()[-1]


async def test_sending_twice_sends_once(anna: Person, product: Product) -> None:
    await make(anna, "Дом")
    await anna.says("/freeze")
    await anna.says("Хочу веранду")
    button = next(b for b in anna._buttons() if b[1].text == "Разморозить и отправить")
    for _ in range(2):
        await anna._callback(button[1].callback_data, button[0])
    assert await product.said(anna) == ["Хочу веранду"]
    assert anna.told() == ["Отправил, отвечаю", "Всё уже отправлено"]


async def test_a_plain_wake_offers_what_was_held(anna: Person, product: Product) -> None:
    await make(anna, "Дом")
    await anna.says("/freeze")
    await anna.says("Хочу веранду")
    await anna.says("/visions")
    await anna.presses("❄ ✓ Дом")
    assert "ждёт одно неотправленное" in anna.heard()[-1]
    await anna.presses("Разморозить")
    assert await product.said(anna) == []
    await anna.presses("Отправить написанное (1)")
    assert await product.said(anna) == ["Хочу веранду"]


async def test_a_late_repeat_of_freeze_means_the_vision_that_was_current_then(
    anna: Person, product: Product
) -> None:
    await make(anna, "Дом")
    command = anna._message(9, text="/freeze")
    await anna.feeds(message=command, update_id=99)
    await make(anna, "Море")
    await anna.feeds(message=command, update_id=99)
    assert "Дом" in anna.heard()[-1]
    assert await statuses(anna, product) == {"Дом": "frozen", "Море": "active"}


async def test_the_card_freezes_and_wakes_any_vision(anna: Person, product: Product) -> None:
    await make(anna, "Дом", "Книга")
    await anna.says("/visions")
    await anna.presses("Дом")
    await anna.presses("В архив")
    assert "в архиве" in anna.heard()[-1]
    assert "Продолжить" not in screen(anna)
    await anna.presses("Разморозить")
    assert "в пути" in anna.heard()[-1]
    assert await statuses(anna, product) == {"Дом": "active", "Книга": "active"}


async def test_delete_asks_once_and_can_be_undone(anna: Person, product: Product) -> None:
    await make(anna, "Дом")
    await anna.says("Хочу веранду")
    await anna.says("/delete")
    assert "Удалить Дом?" in anna.heard()[-1]
    [(_, yes)] = [item for item in anna._buttons() if item[1].text == "Да, удалить"]
    assert yes.style == "danger"
    assert await statuses(anna, product) == {"Дом": "active"}
    await anna.presses("Да, удалить")
    assert await statuses(anna, product) == {}
    assert "Удалил: Дом" in anna.heard()[-1]
    await anna.presses("Вернуть")
    assert anna.told() == ["Вернул на место"]
    assert await product.said(anna) == ["Хочу веранду"]
    assert await current(anna, product) == "Дом"


async def test_the_question_names_all_that_goes(
    anna: Person, kate: Person, product: Product
) -> None:
    for person, title, files, waiting in (
        (anna, "Дом", "вместе с разговором и файлами", "и 2 сообщения, которые в ней ждут"),
        (kate, "Home", "its conversation and files", "the 2 messages that are waiting in it"),
    ):
        await make(person, title)
        await person.says("/delete")
        assert files in person.heard()[-1]
        assert waiting not in person.heard()[-1]
        await person.says("/freeze")
        for words in ("1", "2"):
            await person.says(words)
        await person.says("/delete")
        assert files in person.heard()[-1]
        assert waiting in person.heard()[-1]


async def test_delete_can_be_declined(anna: Person, product: Product) -> None:
    await make(anna, "Дом")
    await anna.says("/delete")
    await anna.presses("Оставить")
    assert await statuses(anna, product) == {"Дом": "active"}
    assert "в пути" in anna.heard()[-1]


async def test_a_deleted_frozen_vision_comes_back_frozen(anna: Person, product: Product) -> None:
    await make(anna, "Дом")
    await anna.says("/freeze")
    await anna.says("/delete")
    await anna.presses("Да, удалить")
    await anna.presses("Вернуть")
    assert await statuses(anna, product) == {"Дом": "frozen"}


async def test_the_card_deletes_any_vision(anna: Person, product: Product) -> None:
    await make(anna, "Дом", "Книга")
    await anna.says("/visions")
    await anna.presses("Дом")
    await anna.presses("Удалить")
    await anna.presses("Да, удалить")
    assert await statuses(anna, product) == {"Книга": "active"}
    await anna.presses("Мои визии")
    assert "Дом" not in "".join(screen(anna))


async def test_commands_without_a_current_vision_show_where_to_go(
    anna: Person, kate: Person
) -> None:
    for command in ("/freeze", "/delete", "/rename", "/rename Дом", "/history", "/export"):
        await kate.says(command)
        assert "No visions yet" in kate.heard()[-1]
    await make(anna, "Дом", "Книга")
    await anna.says("/delete")
    await anna.presses("Да, удалить")
    await anna.says("/freeze")
    assert "ни одна визия не открыта" in anna.heard()[-1]
    assert "Дом" in screen(anna)


async def test_rename_by_command(anna: Person, product: Product) -> None:
    await make(anna, "Дом")
    await anna.says("/rename  Дом  <у моря>")
    assert "Теперь она называется Дом <у моря>." in anna.heard()[-1]
    assert await current(anna, product) == "Дом <у моря>"


async def test_rename_asks_and_the_next_text_is_the_title(anna: Person, product: Product) -> None:
    await make(anna, "Дом")
    await anna.presses("Переименовать")
    assert "Как назовём Дом?" in anna.heard()[-1]
    await anna.says("Дом у моря")
    assert await current(anna, product) == "Дом у моря"
    assert await product.said(anna) == []
    await anna.says("А это уже мечта")
    assert await product.said(anna) == ["А это уже мечта"]


async def test_a_redelivered_title_stays_a_title(anna: Person, product: Product) -> None:
    await make(anna, "Дом")
    await anna.says("/rename")
    for _ in range(2):
        await anna.feeds(message=anna._message(50, text="Дом у моря"), update_id=777)
    assert await current(anna, product) == "Дом у моря"
    assert await product.said(anna) == []


async def test_a_question_is_taken_back_by_its_button(anna: Person, product: Product) -> None:
    await make(anna, "Дом")
    await anna.says("/rename")
    await anna.presses("Отмена")
    assert "оставил как было" in anna.heard()[-1]
    await anna.says("Это для спутника")
    assert await current(anna, product) == "Дом"
    assert await product.said(anna) == ["Это для спутника"]


async def test_a_question_is_taken_back_by_anything_else(anna: Person, product: Product) -> None:
    await make(anna, "Дом")
    elsewhere = (
        lambda: anna.says("/help"),
        lambda: anna.says("/no_such_command"),
        lambda: anna.forwards("чужое"),
        lambda: anna.sends(sticker=sticker()),
        lambda: anna.presses_data("list:0"),
    )
    for number, does in enumerate(elsewhere):
        await anna.says("/rename")
        await does()
        await anna.says(f"мечта {number}")
    assert await current(anna, product) == "Дом"
    said = await product.said(anna)
    assert [words for words in said if words.startswith("мечта")] == [
        f"мечта {number}" for number in range(5)
    ]


async def test_a_title_that_is_too_long_or_invisible_is_asked_for_again(
    anna: Person, product: Product
) -> None:
    await make(anna, "Дом")
    await anna.says("/rename")
    await anna.says("слово " * 30)
    assert "помещается 120 знаков" in anna.heard()[-1]
    await anna.says("\u200b\u200b")
    assert "не разглядеть" in anna.heard()[-1]
    await anna.says("Дом у моря")
    assert await current(anna, product) == "Дом у моря"
    assert await product.said(anna) == []


async def test_a_vision_deleted_while_its_title_was_asked_for(
    anna: Person, product: Product
) -> None:
    await make(anna, "Дом")
    await anna.says("/rename")
    user = await product.user_id(anna)
    [item] = (await product.visions.page(user, 0, 1)).items
    await product.visions.change(user, item.id, "deleted")
    await anna.says("Дом у моря")
    assert "удалена" in anna.heard()[-1]
    await anna.says("Мечта")
    assert "Твои слова в сохранности" in anna.heard()[-1]


async def test_pressing_the_same_button_again_is_harmless(anna: Person, product: Product) -> None:
    await make(anna, "Дом")
    await anna.says("/visions")
    await anna.presses("✓ Дом")
    freeze = next(item for item in anna._buttons() if item[1].text == "В архив")
    screens = len(anna.session.messages)
    for _ in range(3):
        await anna._callback(freeze[1].callback_data, freeze[0])
    assert len(anna.session.messages) == screens
    assert await statuses(anna, product) == {"Дом": "frozen"}
    assert len(anna.session.sent(EditMessageText)) == 2


def sticker() -> dict[str, object]:
    return {
        "file_id": "s",
        "file_unique_id": "s",
        "type": "regular",
        "width": 1,
        "height": 1,
        "is_animated": False,
        "is_video": False,
        "emoji": "🔥",
    }
