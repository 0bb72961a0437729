"""A newcomer's first command, and the whole way through the chat in a real browser."""

from __future__ import annotations

import pytest

from tests.web.conftest import PageFor
from tests.web.whole_bot import folder, page_url

__all__ = ["folder", "page_url"]

pytestmark = [pytest.mark.web, pytest.mark.timeout(240)]


async def test_create_talk_freeze_wake_delete_restore(page_for: PageFor) -> None:
    chat = await page_for("Мира")
    await chat.start()
    await chat.wait_text("Мира")
    await chat.screenshot("1-start")
    await chat.press("Создать визию")
    await chat.wait_text("Визия от")

    await chat.say("Хочу открыть маленькую пекарню у моря")
    await chat.wait_draft("пекарню у моря")
    await chat.screenshot("2-draft")
    await chat.wait_text("«Хочу открыть маленькую пекарню")
    await chat.screenshot("3-answer")

    await chat.say("/rename Пекарня у моря")
    await chat.wait_text("Пекарня у моря")
    await chat.say("/visions")
    await chat.press("✓ Пекарня у моря")
    await chat.wait_text("В архив")
    await chat.screenshot("4-card")
    await chat.press("В архив")
    await chat.wait_toast("Убрал в архив")

    await chat.say("Я снова думаю о пекарне")
    await chat.press("Разморозить и отправить")
    await chat.wait_text("снова в пути")
    await chat.wait_draft("снова думаю о пекарне")
    await chat.stop()
    await chat.wait_text("Ответ остановлен")

    await chat.say("/history")
    await chat.wait_text("маленькую пекарню")
    await chat.screenshot("5-history")
    await chat.say("/export")
    await chat.page.locator(".document").wait_for()

    await chat.say("/delete")
    await chat.press("Да, удалить")
    await chat.press("Вернуть")
    await chat.wait_text("Пекарня у моря")
    await chat.screenshot("6-restored")

    seen = await chat.texts()
    await chat.reload()
    assert await chat.texts() == seen


async def test_the_same_bot_speaks_english_on_a_phone(page_for: PageFor) -> None:
    chat = await page_for("Robin", phone=True)
    await chat.start()
    await chat.press("Create a vision")
    await chat.say("I want to sail around the world")
    await chat.wait_text("“I want to sail around the world")
    await chat.screenshot("answer")
