"""The numbers in the chat: the screen, the chart, the tables, and who spends."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from aiogram.methods import EditMessageText, SendDocument, SendPhoto
from PIL import Image

from bot.callbacks.statistics import (
    SendChart,
    SendTables,
    ShowNumbers,
    ShowSpenders,
    ShowVisionTokens,
)
from core import person_ref
from tests.scenarios.admin_world import admin_of, boss, chief, labels, rows_of, screen
from tests.scenarios.conftest import STALE, NewPerson, Person, Product, answers
from tests.statistics_world import Writer

__all__ = ["boss", "chief"]

DAY = timedelta(days=1)


@pytest.fixture
async def week(product: Product, anna: Person, dsn: str) -> None:
    """Anna wrote a thousand messages yesterday and one eight days ago; her answers had their price,
    and their voice has none."""
    await anna.says("/new_vision Тайная мечта")
    user, vision = await product.user_id(anna), await product.vision_id(anna)
    now = datetime.now(UTC)
    async with await psycopg.AsyncConnection.connect(dsn) as connection:
        write = Writer(connection)
        for number in range(1000):
            at = now - DAY - timedelta(seconds=number / 10)
            asked = await write.message(vision, at)
            if number < 20:
                await write.part(vision, asked, 1, at, delivered=at + timedelta(seconds=2))
        await write.message(vision, now - 8 * DAY)
        said = {"purpose": "dialogue", "outcome": "ok", "visionid": vision}
        await write.call(user, now - DAY, "gpt-6", 1_234_567, said | {"usd": 12.5})
        await write.call(user, now - 8 * DAY, "gpt-6", 1_000_000, said | {"usd": 10})
        spoken = {"purpose": "speaking", "outcome": "ok", "characters": 5, "audio_seconds": 90}
        await write.call(user, now - DAY, "=HYPERLINK(1)", 0, spoken)
        await connection.execute(
            b"insert into usage_days (user_id, day, calls, tokens, usd) values (%s, %s, 1, %s, %s)",
            (user, (now - DAY).date(), 1_234_567, 12.5),
        )


async def test_the_screen_of_numbers_in_russian(boss: Person, week: None) -> None:
    await boss.says("/numbers")
    said = screen(boss)
    for words in (
        "Числа за 7 дней",
        "Писали: 1\n",
        "Сообщений: 1\u202f000 ▲ ×1\u202f000",
        "Ответов: 20 ▲",
        "половина за 2,0 с",
        "сказано 1,5 мин ▲",
        "Токенов: 1\u202f234\u202f567 ▲ 23\u202f%",
        "Денег: $12,50 ▲ 25\u202f%",
        "1 вызов без цены",
        "gpt-6: 1\u202f234\u202f567 · $12,50",
        "=HYPERLINK(1): 0 · нет цены",
        "разговор: 1\u202f234\u202f567 · $12,50",
        "ответы голосом: 0 · нет цены",
    ):
        assert words in said.replace("\xa0", "\u202f"), words
    assert "мечта" not in said.lower()
    assert rows_of(boss) == [
        ["День", "✓ Неделя", "Месяц"],
        ["График", "CSV"],
        ["Кто тратит"],
        ["‹ К панели"],
    ]


async def test_the_screen_of_numbers_in_english_for_every_period(chief: Person, week: None) -> None:
    await chief.says("/admin")
    await chief.presses("Numbers")
    assert "7 days in numbers" in screen(chief)
    sent = len(chief.session.messages)
    await chief.presses("Month")
    said = screen(chief)
    assert "30 days in numbers" in said
    assert "Messages: 1,001 ▲" in said
    assert "Tokens: 2,234,567 ▲" in said
    assert "Money: $22.50" in said
    await chief.presses("Day")
    assert "Today in numbers" in screen(chief)
    await chief.presses("✓ Day")
    assert len(chief.session.messages) == sent
    assert len(chief.session.sent(EditMessageText)) >= 3


@pytest.mark.parametrize("language", ["ru", "en"])
async def test_the_chart_is_a_picture_that_a_phone_shows(
    person: NewPerson, product: Product, week: None, language: str
) -> None:
    admin = await admin_of(product, person(name="B", language=language))
    await admin.says("/numbers")
    await admin.presses("График" if language == "ru" else "Chart")
    [photo] = admin.session.sent(SendPhoto)
    assert photo.caption == ("7 дней, UTC" if language == "ru" else "7 days, UTC")
    picture = Image.open(io.BytesIO(next(iter(admin.session.uploads.values()))))
    assert picture.format == "PNG"
    assert picture.width >= 1080
    assert picture.height >= picture.width
    colours = picture.convert("RGB").getcolors(1 << 24) or []
    drawn = {colour for count, colour in colours if count > 500}
    # The bars of four panels, not only paper and words.
    assert {(0, 114, 178), (230, 159, 0), (0, 158, 115), (213, 94, 0)} <= drawn


async def tables_of(admin: Person) -> tuple[list[SendDocument], list[str]]:
    await admin.says("/numbers")
    await admin.presses("CSV")
    return admin.session.sent(SendDocument), [
        file.decode("utf-8-sig") for file in admin.session.uploads.values()
    ]


async def test_tables_for_a_russian_spreadsheet(boss: Person, week: None) -> None:
    sent, (days, calls) = await tables_of(boss)
    assert [call.document.filename[:6] for call in sent] == ["числа_", "токены"]  # type: ignore[union-attr]
    assert all(file.startswith(b"\xef\xbb\xbf") for file in boss.session.uploads.values())
    by_day = list(csv.DictReader(io.StringIO(days), delimiter=";"))
    assert len(by_day) == 7
    assert sum(int(row["сообщений"]) for row in by_day) == 1000
    assert [row["USD"] for row in by_day if row["USD"]] == ["12,5"]
    by_model = list(csv.DictReader(io.StringIO(calls), delimiter=";"))
    assert [(row["модель"], row["назначение"], row["токенов"], row["USD"]) for row in by_model] == [
        ("'=HYPERLINK(1)", "speaking", "0", ""),
        ("gpt-6", "dialogue", "1234567", "12,5"),
    ]


async def test_tables_for_an_english_spreadsheet(chief: Person, week: None) -> None:
    _, (days, calls) = await tables_of(chief)
    by_day = list(csv.DictReader(io.StringIO(days)))
    assert [row["USD"] for row in by_day if row["USD"]] == ["12.5"]
    assert [float(row["delay p50, s"]) for row in by_day if row["delay p50, s"]] == [
        pytest.approx(2, rel=0.05)
    ]
    assert len(list(csv.reader(io.StringIO(calls)))) == 3


async def test_who_spends_leads_to_the_person_and_the_person_to_their_visions(
    boss: Person, chief: Person, anna: Person, week: None
) -> None:
    for admin, spends, name, visions, told in (
        (boss, "Кто тратит", "Аня · 1\u202f234\u202f567 · $12,50", "Токены по визиям",
         ["Визия № 1: 1\u202f234\u202f567 · $12,50", "Вне визий: 0 · нет цены"]),
        (chief, "Who spends", "Аня · 1,234,567 · $12.50", "Tokens by vision",
         ["Vision 1: 1,234,567 · $12.50", "Outside of visions: 0 · no price"]),
    ):  # fmt: skip
        await admin.says("/numbers")
        await admin.presses(spends)
        await admin.presses(name)
        await admin.presses(visions)
        await admin.presses("Неделя" if admin is boss else "Week")
        said = screen(admin)
        assert all(words in said for words in told), said
        assert "мечта" not in said.lower()
        await admin.presses("‹ К карточке" if admin is boss else "‹ To the card")
        assert "Аня" in screen(admin)


async def test_many_spenders_come_in_pages(boss: Person, product: Product, dsn: str) -> None:
    now = datetime.now(UTC)
    async with await psycopg.AsyncConnection.connect(dsn) as connection:
        for number in range(20):
            await Writer(connection).person(f"p{number}", now)
            await connection.execute(
                b"insert into usage_days (user_id, day, calls, tokens) values (%s, %s, 1, %s)",
                (f"p{number}", now.date(), 100 + number),
            )
    await boss.says("/numbers")
    await boss.presses("Кто тратит")
    assert labels(boss)[0] == "Без имени · 119"
    assert labels(boss)[-4:] == ["‹", "1 / 3", "›", "‹ К числам"]
    await boss.presses("‹")
    assert labels(boss)[:5] == [*(f"Без имени · {n}" for n in (103, 102, 101, 100)), "‹"]
    await boss.presses_data(ShowSpenders(days=7, page=99).pack())
    assert "3 / 3" in labels(boss)


async def test_an_empty_world_has_its_numbers_too(boss: Person, chief: Person) -> None:
    await boss.says("/numbers")
    assert "Писали: 0" in screen(boss)
    assert "ждать было нечего" in screen(boss)
    assert "Голос" not in screen(boss)
    await boss.presses("График")
    await boss.presses("CSV")
    await boss.presses("Кто тратит")
    assert "не потратил никто" in screen(boss)
    await chief.says("/numbers")
    await chief.presses("Who spends")
    assert "Nobody has spent" in screen(chief)
    assert len(boss.session.sent(SendPhoto)) == 1
    assert len(boss.session.sent(SendDocument)) == 2


async def test_for_others_there_is_nothing_of_it(
    anna: Person, product: Product, boss: Person, week: None
) -> None:
    ref = person_ref(await product.user_id(boss))
    before = len(anna.session.answered)
    await anna.says("/numbers")
    assert "Такой команды я не знаю" in anna.heard()[-1]
    forged: list[Any] = [
        ShowNumbers(days=7),
        SendChart(days=7),
        SendTables(days=7),
        ShowSpenders(days=7, page=0),
        ShowVisionTokens(person=ref, days=7),
    ]
    for data in forged:
        await anna.presses_data(data.pack())
    told = [text for text in answers(anna.session) if text]
    assert len(told) == len(forged)
    assert all(STALE in text for text in told)
    kinds = {type(call).__name__ for call in anna.session.answered[before:]}
    assert kinds == {"SendMessage", "AnswerCallbackQuery"}


@pytest.mark.parametrize(
    "data", ["nums:0", "nums:32", "nums:x", "nchart:-1", "ncsv:", "spend:7:-1", "vtok:zz:7"]
)
async def test_forged_data_of_an_admin_is_an_old_button(boss: Person, data: str) -> None:
    await boss.presses_data(data)
    assert STALE in (answers(boss.session)[-1] or "")
