"""Several people, small screens, and the ways a person and a bot lose each other."""

from __future__ import annotations

import pytest

from bot.playground import Playground
from tests.web.conftest import PageFor
from tests.web.fake_bot import FakeBot

pytestmark = pytest.mark.web

MIRA, ROBIN = "Мира", "Robin"


async def test_people_do_not_see_each_others_chats(page_for: PageFor, bot: FakeBot) -> None:
    mira, robin = await page_for(MIRA), await page_for(ROBIN)
    await mira.say("тайна Миры")
    await mira.wait_text("echo: тайна Миры")
    await robin.say("hello")
    await robin.wait_text("echo: hello")
    assert await robin.texts() == ["hello", "echo: hello"]
    assert await mira.texts() == ["тайна Миры", "echo: тайна Миры"]
    assert await robin.field.get_attribute("placeholder") == "Message"

    badge = robin.page.locator(".person", has_text=MIRA).locator(".badge")
    await badge.wait_for()
    assert await badge.inner_text() == "1"
    await robin.page.locator(".person", has_text=MIRA).click()
    await robin.wait_text("echo: тайна Миры")
    await badge.wait_for(state="detached")


async def test_a_person_is_added_and_gets_an_empty_chat(page_for: PageFor, bot: FakeBot) -> None:
    page = await page_for(MIRA)
    await page.say("привет")
    await page.wait_text("echo: привет")
    await page.page.get_by_role("button", name="Добавить человека").click()
    await page.page.get_by_label("Имя").fill("Sam")
    await page.page.get_by_text("English").click()
    await page.page.get_by_role("button", name="Добавить", exact=True).click()
    await page.page.get_by_role("button", name="Start", exact=True).wait_for()
    assert await page.texts() == []


async def test_phone_width_shows_one_pane_and_nothing_overflows(
    page_for: PageFor, bot: FakeBot
) -> None:
    page = await page_for(MIRA, phone=True, dark=True)
    await page.say("а" * 900)
    await page.wait_text("echo: ааа")
    await page.screenshot("chat")
    people, chat = page.page.locator(".people"), page.page.locator(".chat")
    assert not await people.is_visible()
    wide = "document.documentElement.scrollWidth > innerWidth"
    assert await page.page.evaluate(wide) is False
    await page.page.get_by_role("button", name="К списку людей").click()
    await people.wait_for()
    assert not await chat.is_visible()
    await page.screenshot("people")
    await people.get_by_text(ROBIN).click()
    await page.page.locator(".empty").wait_for()
    assert await page.page.evaluate(wide) is False


async def test_a_blocked_bot_and_a_lost_connection_are_said(
    page_for: PageFor, bot: FakeBot, playground: Playground
) -> None:
    page = await page_for(MIRA)
    await page.say("привет")
    await page.wait_text("echo: привет")
    await page.page.get_by_role("button", name="Ещё", exact=True).click()
    await page.page.get_by_role("menuitem", name="Заблокировать бота").click()
    await page.page.get_by_text("Бот заблокирован: он не может писать вам.").wait_for()
    assert not await page.field.is_visible()
    await page.page.get_by_role("button", name="Разблокировать бота").click()
    await page.field.wait_for()

    banner = page.page.get_by_text("Связь с сервером потеряна")
    await page.page.context.set_offline(True)
    playground.world.watchers.close_all()
    await banner.wait_for()
    person = next(one for one in playground.world.people.values() if one.first_name == MIRA)
    await bot.bot.send_message(person.id, "пока вас не было")
    await page.page.context.set_offline(False)
    await page.wait_text("пока вас не было")
    await banner.wait_for(state="hidden")
