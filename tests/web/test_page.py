"""The page against the playground's real server and a bot that polls it."""

from __future__ import annotations

import asyncio

import pytest
from aiogram.types import (
    BotCommand,
    BufferedInputFile,
    CallbackQuery,
    CopyTextButton,
    DisabledButton,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    Message,
)

from tests.web.conftest import PageFor
from tests.web.fake_bot import FakeBot

pytestmark = pytest.mark.web

MIRA = "Мира"


def keys(*buttons: InlineKeyboardButton) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(inline_keyboard=[list(buttons)])


def key(text: str, data: str, style: str | None = None) -> InlineKeyboardButton:
    return InlineKeyboardButton(text=text, callback_data=data, style=style)


async def test_a_newcomer_presses_start_and_sees_hints(page_for: PageFor, bot: FakeBot) -> None:
    page = await page_for(MIRA)
    await page.page.locator(".hint").first.wait_for()
    await page.screenshot("empty")
    await page.start()
    await page.wait_text("echo: /start")
    assert await page.texts() == ["/start", "echo: /start"]
    await page.page.locator(".empty").wait_for(state="hidden")


async def test_a_press_spins_until_it_is_answered(page_for: PageFor, bot: FakeBot) -> None:
    answer_now = asyncio.Event()

    async def offer(message: Message) -> None:
        markup = InlineKeyboardMarkup(
            inline_keyboard=[
                [key("Дальше", "go", "primary")],
                [key("Вернуть", "back", "success"), key("Удалить", "del", "danger")],
                [
                    InlineKeyboardButton(text="Код", copy_text=CopyTextButton(text="слово")),
                    InlineKeyboardButton(text="Сайт", url="https://example.org/path"),
                    InlineKeyboardButton(text="Нельзя", disabled=DisabledButton()),
                ],
            ]
        )
        await message.answer("Что дальше?", reply_markup=markup)

    async def answer(press: CallbackQuery) -> None:
        if press.data == "go":
            await answer_now.wait()
            await press.answer("Идём")
        else:
            await press.answer("Удалить навсегда?", show_alert=True)

    bot.on_message, bot.on_press = offer, answer
    page = await page_for(MIRA)
    await page.say("привет")
    await page.press("Дальше")
    pressed = page.page.locator(".key.pressed")
    await pressed.locator(".spinner").wait_for()
    await page.screenshot("pressed")
    answer_now.set()
    await page.wait_toast("Идём")
    await pressed.wait_for(state="detached")

    await page.press("Удалить")
    alert = page.page.get_by_role("alertdialog", name="Удалить навсегда?")
    await alert.get_by_role("button", name="Понятно").click()
    await alert.wait_for(state="detached")

    await page.press("Код")
    await page.wait_toast("Скопировано")
    assert await page.page.evaluate("navigator.clipboard.readText()") == "слово"
    assert await page.key("Нельзя").is_disabled()
    assert await page.key("Сайт").get_attribute("rel") == "noopener noreferrer"
    for label, style in {"Дальше": "primary", "Вернуть": "success", "Удалить": "danger"}.items():
        assert style in (await page.key(label).get_attribute("class") or "")


async def test_an_unanswered_press_is_let_go_with_a_word(page_for: PageFor, bot: FakeBot) -> None:
    async def ignore(press: CallbackQuery) -> None:
        pass

    bot.on_message = lambda message: message.answer("Вот", reply_markup=keys(key("Жми", "x")))
    bot.on_press = ignore
    page = await page_for(MIRA)
    await page.say("привет")
    await page.key("Жми").wait_for()
    await page.page.clock.install()
    await page.press("Жми")
    await bot.update("callback_query")
    await page.page.clock.fast_forward(14_000)
    assert await page.page.locator(".key.pressed").count() == 1
    await page.page.clock.fast_forward(2_000)
    await page.wait_toast("Бот пока не ответил на нажатие")
    assert await page.page.locator(".key.pressed").count() == 0


async def test_a_draft_grows_stops_and_gives_way_without_a_gap(
    page_for: PageFor, bot: FakeBot
) -> None:
    go_on = asyncio.Event()

    async def write(message: Message) -> None:
        chat = message.chat.id
        await bot.bot.send_message_draft(chat, 7, text="", can_stop=True)
        await go_on.wait()
        await bot.bot.send_message_draft(chat, 7, text="Первый шаг", can_stop=True)
        await bot.bot.send_message_draft(chat, 7, text="Первый шаг уже рядом", can_stop=True)

    bot.on_message = write
    page = await page_for(MIRA)
    await page.say("с чего начать?")
    await page.wait_draft("Думает…")
    go_on.set()
    await page.wait_draft("Первый шаг уже рядом")
    await page.screenshot("draft")
    # Every frame, what stands at the end: the preview, the final message, or neither.
    await page.page.evaluate(
        """() => {
          window.frames_seen = [];
          const look = () => {
            const final = [...document.querySelectorAll('.row.in[data-id]')].length;
            const live = document.querySelectorAll('.live').length;
            window.frames_seen.push(`${live}${final}`);
            if (!final) requestAnimationFrame(look);
          };
          look();
        }"""
    )
    await page.stop()
    stopped = (await bot.update("stopped_message_generation")).stopped_message_generation
    assert stopped is not None
    assert stopped.draft_id == 7
    await bot.bot.send_message(stopped.chat.id, "Первый шаг уже рядом.")
    await page.wait_text("Первый шаг уже рядом.")
    await page.page.wait_for_function("window.frames_seen.at(-1).endsWith('1')")
    seen = await page.page.evaluate("[...new Set(window.frames_seen)]")
    assert seen == ["10", "01"]


async def test_history_edits_and_unsent_words_outlive_a_reload(
    page_for: PageFor, bot: FakeBot
) -> None:
    page = await page_for(MIRA)
    await page.say("первое")
    await page.wait_text("echo: первое")
    await page.field.press("ArrowUp")
    assert await page.field.input_value() == "первое"
    await page.say("первое, исправленное")
    await page.page.locator(".row.out .edited").wait_for()
    edited = (await bot.update("edited_message")).edited_message
    assert edited is not None
    assert edited.text == "первое, исправленное"
    await page.field.fill("недописанное")
    before = await page.texts()
    await page.reload()
    assert await page.texts() == before == ["первое, исправленное", "echo: первое"]
    assert await page.field.input_value() == "недописанное"


async def test_reply_forward_and_the_command_menu(page_for: PageFor, bot: FakeBot) -> None:
    await bot.bot.set_my_commands(
        [
            BotCommand(command="visions", description="Мои визии"),
            BotCommand(command="help", description="Что я умею"),
        ]
    )
    page = await page_for(MIRA)
    await page.field.press_sequentially("/vi")
    option = page.page.get_by_role("option")
    await option.filter(has_text="/visions").wait_for()
    assert await option.count() == 1
    await page.field.press("Enter")
    await page.wait_text("echo: /visions")

    async def choose(action: str) -> None:
        await page.bubble("echo: /visions").first.click(button="right", position={"x": 40, "y": 20})
        await page.page.get_by_role("menuitem", name=action).click()

    await choose("Ответить")
    await page.say("отвечаю")
    await page.wait_text("echo: отвечаю")
    await choose("Переслать боту")
    await page.wait_text("echo: echo: /visions")
    _, replied, forwarded = [(await bot.update("message")).message for _ in range(3)]
    assert replied is not None
    assert forwarded is not None
    assert replied.reply_to_message is not None
    assert replied.reply_to_message.text == "echo: /visions"
    assert forwarded.forward_origin is not None


async def test_a_document_is_downloaded_under_its_name(page_for: PageFor, bot: FakeBot) -> None:
    content = "# Диалог\n".encode()
    name = 'Визия <b>"от" 20.11.md'
    bot.on_message = lambda message: message.answer_document(
        BufferedInputFile(content, name), caption="Весь диалог"
    )
    page = await page_for(MIRA)
    await page.say("/export")
    document = page.page.locator(".document")
    await document.wait_for()
    assert await document.locator(".document-name").inner_text() == name
    async with page.page.expect_download() as download:
        await document.click()
    assert (await (await download.value).path()).read_bytes() == content
