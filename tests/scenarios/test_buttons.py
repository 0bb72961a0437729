"""Old, forged and foreign buttons: a toast, and nothing else happens."""

from __future__ import annotations

import uuid

import pytest
from aiogram.methods import AnswerCallbackQuery, EditMessageText, SendMessage

from tests.scenarios.conftest import STALE, Person, Product, answers, refused
from tests.scenarios.test_lifecycle import statuses
from tests.scenarios.test_visions import make
from tests.telegram import RecordingSession

NOBODYS = "0b8f3c1e000040008000000000000001"
FULL = ["open:{}:0", "go:{}", "set:{}:frozen:0", "set:{}:active:0", "set:{}:restored:0", "del:{}:0"]
FULL += ["del!:{}:1:0", "del!:{}:0:0", "name:{}", "held:{}:vision:1", "held:{}:nowhere:0"]
FULL += ["hist:{}:0:0", "exp:{}", "retry:{}", "more:{}"]


@pytest.mark.parametrize(
    "data",
    [
        "",
        "x",
        "open",
        "open:1:0",
        "open:not-a-uuid:0",
        f"open:{NOBODYS}:-1",
        f"open:{NOBODYS}:99999999999999999999",
        f"open:{NOBODYS}:0:0",
        f"set:{NOBODYS}:deleted:0",
        f"set:{NOBODYS}:'; drop table users:0",
        f"hist:{NOBODYS}:99999999999999999999:0",
        f"hist:{NOBODYS}:1:99999",
        "list:-1",
        "list:🦄",
        "new:zzzzzzzz:1",
        "lang:de",
        "admin:1",
        "☃" * 20,
    ],
)
async def test_data_nobody_can_read(
    anna: Person, product: Product, session: RecordingSession, data: str
) -> None:
    await make(anna, "Дом")
    calls = len(session.calls)
    await anna.presses_data(data)
    assert answers(session) == [STALE]
    assert len(session.calls) == calls + 1
    assert await statuses(anna, product) == {"Дом": "active"}


@pytest.mark.parametrize("data", FULL)
async def test_another_persons_vision_looks_like_no_vision(
    anna: Person, kate: Person, product: Product, session: RecordingSession, data: str
) -> None:
    await make(anna, "Тайна")
    await anna.says("моё")
    [item] = (await product.visions.page(await product.user_id(anna), 0, 1)).items
    calls = len(session.calls)
    await kate.presses_data(data.format(uuid.UUID(item.id).hex))
    await kate.presses_data(data.format(NOBODYS))
    assert answers(session) == ["This button is out of date"] * 2
    assert len(session.calls) == calls + 2
    assert await statuses(anna, product) == {"Тайна": "active"}
    assert await product.said(anna) == ["моё"]


@pytest.mark.parametrize(
    "data", [each for each in FULL if "restored" not in each and "1:0" not in each]
)
async def test_buttons_of_a_deleted_vision(
    anna: Person, product: Product, session: RecordingSession, data: str
) -> None:
    await make(anna, "Дом")
    [item] = (await product.visions.page(await product.user_id(anna), 0, 1)).items
    await product.visions.change(await product.user_id(anna), item.id, "deleted")
    heard = len(anna.heard())
    await anna.presses_data(data.format(uuid.UUID(item.id).hex))
    [said] = answers(session)
    assert said in (STALE, "Эта визия удалена")
    assert len(anna.heard()) == heard
    assert await statuses(anna, product) == {}


async def test_somebody_elses_new_vision_button(
    anna: Person, kate: Person, product: Product
) -> None:
    await anna.says("/start")
    [(_, button)] = anna._buttons()
    await anna.presses("Создать визию")
    await kate.presses_data(button.callback_data or "")
    assert len(await statuses(kate, product)) == 1
    assert len(await statuses(anna, product)) == 1


async def test_a_press_is_answered_exactly_once(anna: Person, session: RecordingSession) -> None:
    await make(anna, "Дом")
    await anna.says("/visions")
    labels = ["✓ Дом", "В архив", "Разморозить", "История", "Удалить", "Оставить", "Продолжить"]
    for label in labels:
        await anna.presses(label)
    assert len(session.sent(AnswerCallbackQuery)) == len(labels)


async def test_an_expired_press_still_has_its_effect(
    anna: Person, product: Product, session: RecordingSession
) -> None:
    await make(anna, "Дом")
    await anna.says("/freeze")
    refusal = refused("query is too old")
    session.fail(AnswerCallbackQuery, refusal)
    await anna.presses("Разморозить")
    assert await statuses(anna, product) == {"Дом": "active"}


async def test_a_message_too_old_to_be_changed_is_followed_by_a_new_one(
    anna: Person, product: Product, session: RecordingSession
) -> None:
    await make(anna, "Дом")
    await anna.presses_data("list:0", message_id=1)
    assert "1 визия" in anna.heard()[-1]
    refusal = refused("message can't be edited")
    session.fail(EditMessageText, refusal)
    await anna.presses("✓ Дом")
    assert "в пути" in anna.heard()[-1]
    assert isinstance(session.calls[-2], SendMessage)


async def test_a_press_without_a_message_is_answered(anna: Person) -> None:
    query = {"id": "1", "from": anna.me, "chat_instance": "1", "data": "list:0"}
    await anna.feeds(callback_query=query)
    assert anna.told() == [STALE]
