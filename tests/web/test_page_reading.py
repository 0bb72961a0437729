"""Reading and losing nothing: long histories, the reader's place, words that could not be sent."""

from __future__ import annotations

import pytest

from bot.playground import Playground
from tests.web.conftest import PageFor
from tests.web.fake_bot import FakeBot

pytestmark = pytest.mark.web

MIRA, ROBIN = "Мира", "Robin"


def fill(playground: Playground, bot: FakeBot, count: int) -> int:
    """Give Мира a past of `count` messages; returns her chat's id."""
    world = playground.world
    person = next(one for one in world.people.values() if one.first_name == MIRA)
    page_bot = world.page_bot()
    assert page_bot is not None
    chat = world.chat(page_bot, person)
    chat.started = True
    for number in range(count):
        author = page_bot.user() if number % 2 else person.user()
        world.new_message(chat, author, text=f"№{number} " + "слово " * (number % 40))
    return person.id


async def test_a_long_history_opens_at_its_end_and_is_read_to_its_start(
    page_for: PageFor, bot: FakeBot, playground: Playground
) -> None:
    fill(playground, bot, 700)
    page = await page_for(MIRA)
    await page.wait_text("№699")
    pane = page.page.locator(".pane")
    first = page.page.locator(".row[data-id]").first
    assert await page.bubble("№699").is_visible()
    while "№0" not in (await first.inner_text()).split():
        before = await first.get_attribute("data-id")
        await pane.evaluate("(pane) => pane.scrollTo(0, 0)")
        await page.page.wait_for_function(
            "(id) => document.querySelector('.row[data-id]').dataset.id !== id", arg=before
        )
    assert [text.split()[0] for text in await page.texts()] == [f"№{n}" for n in range(700)]
    await page.page.get_by_role("button", name="К последним сообщениям").click()
    await page.bubble("№699").wait_for()


async def test_a_reader_of_the_past_is_not_moved_by_what_arrives(
    page_for: PageFor, bot: FakeBot, playground: Playground
) -> None:
    chat = fill(playground, bot, 60)
    page = await page_for(MIRA)
    await page.wait_text("№59")
    pane = page.page.locator(".pane")
    gap = "(pane) => pane.scrollHeight - pane.scrollTop - pane.clientHeight"
    assert await pane.evaluate(gap) < 2
    await bot.bot.send_message(chat, "видно сразу\n" * 30)
    await page.wait_text("видно сразу")
    assert await pane.evaluate(gap) < 2

    await pane.hover()
    await page.page.mouse.wheel(0, -400)
    down = page.page.get_by_role("button", name="К последним сообщениям")
    await down.wait_for()
    place = await pane.evaluate("(pane) => pane.scrollTop")
    for length in (10, 400, 3000):
        await bot.bot.send_message_draft(chat, 3, text="п" * length, can_stop=True)
    await page.wait_draft("п" * 3000)
    await bot.bot.send_message(chat, "п" * 3000)
    await page.wait_text("п" * 3000)
    assert await pane.evaluate("(pane) => pane.scrollTop") == place
    assert await down.locator(".count").inner_text() == "1"


async def test_words_that_could_not_be_sent_are_kept_and_sent_once(
    page_for: PageFor, bot: FakeBot
) -> None:
    page = await page_for(MIRA)
    await page.say("раз")
    await page.wait_text("echo: раз")
    await page.page.context.set_offline(True)
    await page.say("два")
    again = page.page.get_by_role("button", name="Не отправлено. Нажмите, чтобы повторить.")
    await again.wait_for()
    await page.page.context.set_offline(False)
    await again.click()
    await page.wait_text("echo: два")
    assert await page.texts() == ["раз", "echo: раз", "два", "echo: два"]

    await page.page.context.set_offline(True)
    await page.say("три")
    await again.wait_for()
    await page.page.locator(".person", has_text=ROBIN).click()
    await page.page.context.set_offline(False)
    await page.page.locator(".empty").wait_for()
    await page.page.locator(".person", has_text=MIRA).click()
    await page.wait_text("echo: два")
    assert await page.field.input_value() == "три"


async def test_a_deleted_message_goes_from_an_open_page(page_for: PageFor, bot: FakeBot) -> None:
    page = await page_for(MIRA)
    await page.say("раз")
    await page.wait_text("echo: раз")
    await page.say("два")
    await page.wait_text("echo: два")
    message = (await bot.update("message")).message
    assert message is not None
    await bot.bot.delete_message(message.chat.id, message.message_id + 1)
    await page.bubble("echo: раз").wait_for(state="detached")
    assert await page.texts() == ["раз", "два", "echo: два"]
