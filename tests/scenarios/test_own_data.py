"""Taking everything along, being forgotten, and what is said about both."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest
from aiogram import Bot
from aiogram.methods import EditMessageText, SendDocument, SendMessage

from bot.own_data.front import LastWord, TelegramExports
from bot.texts import Texts
from core import Background
from core.own_data.erasing import Erasing
from core.own_data.exporting import Exporting
from core.own_data.waking import Waking
from tests.scenarios.conftest import BLOCKED, STALE, Person, Product, answers, refused

Workers = Any


@pytest.fixture
async def workers(product: Product, bot: Bot, texts: Texts) -> AsyncIterator[Workers]:
    class Both:
        background = Background()
        exporting = Exporting(
            product.db,
            product.store,
            TelegramExports(bot, texts),
            background,
            Waking(product.db),
        )
        erasing = Erasing(product.db, product.store, LastWord(bot, texts), Waking(product.db))

    yield Both
    await Both.background.drain(1)


@pytest.fixture
def run(dsn: str) -> Any:
    async def execute(statement: str) -> list[Any]:
        async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
            cursor = await connection.execute(statement.encode())
            return await cursor.fetchall() if cursor.description else []

    return execute


def archive(person: Person, number: int = -1) -> tuple[str, dict[str, bytes]]:
    """The document's name and what is in it."""
    sent = person.session.sent(SendDocument)[number]
    messages = [m for m in person.session.messages.values() if m.document]
    document = messages[number].document
    assert document
    with zipfile.ZipFile(io.BytesIO(person.session.uploads[document.file_id])) as opened:
        found = {name: opened.read(name) for name in opened.namelist()}
    return sent.document.filename, found  # type: ignore[union-attr, return-value]


def last_edit(person: Person) -> str:
    return person.session.sent(EditMessageText)[-1].text or ""


def newest(person: Person) -> str:
    """What the newest button that confirms says."""
    said = [
        button.callback_data
        for _, message in sorted(person.session.messages.items())
        if message.chat.id == person.chat_id and message.reply_markup
        for row in message.reply_markup.inline_keyboard
        for button in row
        if (button.callback_data or "").startswith("forget!")
    ]
    assert said[-1]
    return said[-1]


async def has_a_past(person: Person, product: Product, title: str) -> None:
    await person.says(f"/new_vision {title}")
    await person.sends(
        document={
            "file_id": "plan",
            "file_unique_id": "plan",
            "file_name": "план.txt",
            "file_size": 5,
        },
    )
    await product.kept(person, b"by the sea")
    await product.answer(person, "**Where** is the house?")


async def test_everything_comes_as_an_archive(
    anna: Person, kate: Person, product: Product, workers: Workers
) -> None:
    await has_a_past(anna, product, "Дом / море")
    await has_a_past(kate, product, "House")
    await kate.says("/delete")
    await kate.presses("Yes, delete")

    await anna.says("/export_all")
    assert "Соберу всё" in anna.heard()[-1]
    assert await workers.exporting.once()
    name, found = archive(anna)
    assert name == "Путь по визии — всё моё.zip"
    dialogue = found["visions/01 Дом море/dialogue.md"].decode()
    assert dialogue.startswith("# Дом / море\n\nСоздана ")
    assert "**Спутник**" in dialogue
    assert "**Where** is the house?" in dialogue
    assert "план.txt" in dialogue
    [file] = [n for n in found if "/files/" in n]
    assert found[file] == b"by the sea"
    assert re.search(r"/\d{4}-\d\d-\d\d план [0-9a-f]{8}\.txt$", file)
    assert "**Дом / море** (в пути)" in found["README.md"].decode()
    assert "в архиве всё" in last_edit(anna)

    await kate.says("/export_all")
    assert await workers.exporting.once()
    name, found = archive(kate)
    assert name == "The way to your vision — all of mine.zip"
    assert "(deleted)" in found["README.md"].decode()
    assert "**Companion**" in found["visions/01 House/dialogue.md"].decode()
    assert not any("Дом".encode() in content for content in found.values())


async def test_one_archive_at_a_time_and_one_an_hour(
    anna: Person, product: Product, workers: Workers
) -> None:
    await anna.says("/export_all")
    await anna.says("/export_all")
    assert "Уже собираю" in anna.heard()[-1]
    assert await workers.exporting.once()
    assert not await workers.exporting.once()
    await anna.says("/privacy")
    await anna.presses("Скачать всё архивом")
    assert "совсем недавно" in anna.heard()[-1]
    assert len(anna.session.sent(SendDocument)) == 1


async def test_a_blocked_bot_ends_the_archive_and_trouble_only_delays_it(
    anna: Person, kate: Person, run: Any, workers: Workers
) -> None:
    await anna.says("/export_all")
    anna.session.fail(SendDocument, BLOCKED)
    await workers.exporting.once()
    await run("update exports set run_at = now()")
    assert not await workers.exporting.once()

    await kate.says("/export_all")
    kate.session.fail(SendDocument, refused("something odd"))
    await workers.exporting.once()
    await run("update exports set run_at = now()")
    await workers.exporting.once()
    assert len(kate.session.sent(SendDocument)) == 1


async def test_an_archive_that_never_works_out_is_given_up_and_said_so(
    kate: Person, run: Any, workers: Workers
) -> None:
    await kate.says("/export_all")
    for _ in range(8):
        kate.session.fail(SendDocument, refused("something odd"))
        await run("update exports set run_at = now()")
        assert await workers.exporting.once()
    assert not await workers.exporting.once()
    assert "did not work out" in last_edit(kate)
    await kate.says("/export_all")
    assert "I’ll gather" in kate.heard()[-1]


@pytest.mark.parametrize(
    ("language", "ask", "forget", "stay", "when", "stayed"),
    [
        ("ru", "Забыть всё?", "Да, забыть всё", "Передумать", "Сотру всё", "как было"),
        (
            "en",
            "Forget everything?",
            "Yes, forget everything",
            "Changed my mind",
            "erase everything on",
            "as it was",
        ),
    ],
)
async def test_a_week_to_change_ones_mind(
    person: Any,
    product: Product,
    language: str,
    ask: str,
    forget: str,
    stay: str,
    when: str,
    stayed: str,
) -> None:
    anna = person(name="Аня", language=language)
    await anna.says("/new_vision Дом")
    await anna.says("Хочу дом")
    await anna.says("/forget_me")
    assert ask in anna.heard()[-1]
    labels = anna.buttons()
    await anna.presses(forget)
    assert when in last_edit(anna)

    said = len(anna.heard())
    await anna.says("Ты ещё здесь?")
    await anna.says("/visions")
    assert len(anna.heard()) == said + 2
    await anna.edits("Хочу замок")
    assert len(anna.heard()) == said + 2
    await anna.presses_data("list:0")
    assert answers(anna.session)[-1] not in (None, STALE)

    await anna.says("/privacy")
    await anna.says("/export_all")
    assert len(anna.heard()) == said + 4

    await anna.presses(stay)
    assert stayed in last_edit(anna)
    assert await product.said(anna) == ["Хочу дом"]
    await anna.says("И сад")
    assert await product.said(anna) == ["Хочу дом", "И сад"]
    assert forget in labels


async def test_old_buttons_are_harmless(anna: Person, product: Product) -> None:
    await anna.says("/forget_me")
    pressed = newest(anna)
    await anna.says("/forget_me")
    await anna.presses_data(pressed)
    assert answers(anna.session)[-1] == STALE
    await anna.presses("Оставить как есть")
    assert "ничего не трогаю" in last_edit(anna)
    await anna.says("/forget_me")
    pressed = newest(anna)
    await anna.presses_data(pressed)
    await anna.presses("Передумать")
    await anna.presses_data(pressed)
    assert answers(anna.session)[-1] == STALE
    await anna.says("/visions")
    assert "Визий пока нет" in anna.heard()[-1]


async def test_a_repeated_confirmation_is_one(anna: Person, run: Any) -> None:
    await anna.says("/forget_me")
    pressed = newest(anna)
    await anna.presses("Да, забыть всё")
    asked = await run("select erase_at, asked_at from users join erasures on user_id = id")
    await anna.presses_data(pressed)
    assert (answers(anna.session)[-1] or "").startswith("Забуду всё ")
    assert await run("select erase_at, asked_at from users join erasures on user_id = id") == asked


async def test_after_the_week_nothing_is_left_but_a_last_word(
    anna: Person, kate: Person, product: Product, run: Any, workers: Workers
) -> None:
    for someone in (anna, kate):
        await has_a_past(someone, product, "Дом")
        await someone.says("/forget_me")
    await anna.presses("Да, забыть всё")
    await kate.presses("Yes, forget everything")
    assert not await workers.erasing.once()
    await run("update erasures set run_at = now()")
    await run("update users set erase_at = now()")
    await anna.says("Постой!")
    assert anna.heard()[-1].startswith("Уже стираю")

    assert await workers.erasing.once()
    assert await workers.erasing.once()
    assert "Всё забыто" in anna.heard()[-1]
    assert "Everything is forgotten" in kate.heard()[-1]
    assert await run("select count(*) from users") == [(0,)]
    assert [path async for path, _ in product.store.kept()] == []

    await anna.says("/start")
    assert "Начнём с первой?" in anna.heard()[-1]


async def test_privacy_fits_a_message_and_leads_to_both(anna: Person, kate: Person) -> None:
    for someone, words in ((anna, "Что я храню"), (kate, "What I keep")):
        await someone.says("/privacy")
        sent = someone.session.sent(SendMessage)[-1]
        assert words in sent.text
        for command in ("/export_all", "/forget_me"):
            assert command in sent.text
    await anna.presses("Забыть меня…")
    assert "Забыть всё?" in anna.heard()[-1]
