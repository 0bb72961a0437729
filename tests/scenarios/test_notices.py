"""What the bot says outside of dialogues, as it is sent."""

from __future__ import annotations

from collections.abc import AsyncIterator

import psycopg
import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramNetworkError, TelegramRetryAfter
from aiogram.methods import SendMessage

from bot.delivery.notices import NoticeSender
from bot.texts import Texts
from core import Background, Notices
from tests.access import open_to
from tests.scenarios.conftest import BLOCKED, Person, Product, refused
from tests.telegram import RecordingSession


@pytest.fixture
async def sender(product: Product, bot: Bot, texts: Texts) -> AsyncIterator[NoticeSender]:
    background = Background()
    notices = Notices(product.db, per_second=1000)
    yield NoticeSender(bot, notices, background, texts, unreachable=product.users.set_unreachable)
    await background.drain(1)


async def put(
    product: Product, dsn: str, person: Person, text: str, kind: str = "operators"
) -> None:
    user_id = await product.user_id(person)
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        await connection.execute(
            "select public._put_notice(%s, %s, jsonb_build_object('text', %s::text), %s)",
            (user_id, kind, text, text),
        )


async def state(dsn: str) -> list[tuple[str | None, int, bool]]:
    """Why it waits or failed, how often it was tried, whether it arrived; and nothing waits."""
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        cursor = await connection.execute(
            "select failure, attempts, delivered_at is not null from public.notices order by id"
        )
        rows = await cursor.fetchall()
        await connection.execute(
            "update public.notices set run_at = now() - interval '1 second';"
            "update public.send_budget set refilled_at = now() - interval '1 minute',"
            " shut_until = '-infinity'"
        )
        return rows


async def test_a_letter_of_the_operators_is_plain_text_under_a_heading(
    anna: Person, kate: Person, product: Product, sender: NoticeSender, dsn: str
) -> None:
    await put(product, dsn, anna, "Скидка <b>&")
    await put(product, dsn, kate, "Hello *there*")
    await state(dsn)
    await sender.look()
    await sender.look()
    assert anna.heard() == ["Сообщение от команды\n\nСкидка <b>&"]
    assert kate.heard() == ["A message from the team\n\nHello *there*"]
    assert await state(dsn) == [(None, 1, True)] * 2


@pytest.mark.parametrize(
    ("error", "why", "again"),
    [
        (TelegramRetryAfter(method=None, message="Flood", retry_after=30), "flood", True),  # type: ignore[arg-type]
        (TelegramNetworkError(method=None, message="reset by peer"), "unclear", True),  # type: ignore[arg-type]
        (
            TelegramNetworkError(method=None, message="ClientConnectorError"),
            "TelegramNetworkError",
            True,
        ),  # type: ignore[arg-type]
        (RuntimeError("ours"), "error", True),
        (BLOCKED, "blocked", False),
    ],
)
async def test_what_telegram_does_not_take_now_waits(
    anna: Person,
    product: Product,
    sender: NoticeSender,
    session: RecordingSession,
    dsn: str,
    error: Exception,
    why: str,
    again: bool,
) -> None:
    await put(product, dsn, anna, "Привет")
    session.fail(SendMessage, error)
    await state(dsn)
    await sender.look()
    assert await state(dsn) == [(why, 1, False)]
    await sender.look()
    assert len(anna.heard()) == again
    await product.user_id(anna)
    await state(dsn)
    await sender.look()
    assert len(anna.heard()) == 1


async def test_what_telegram_refuses_for_good_is_let_go(
    anna: Person, product: Product, sender: NoticeSender, session: RecordingSession, dsn: str
) -> None:
    await put(product, dsn, anna, "Привет")
    session.fail(SendMessage, *[refused("can't parse entities")] * 2)
    await state(dsn)
    await sender.look()
    assert await state(dsn) == [("rejected", 1, False)]


async def test_a_kind_of_a_newer_version_waits_for_it(
    anna: Person, product: Product, sender: NoticeSender, dsn: str
) -> None:
    await put(product, dsn, anna, "Привет", kind="of the future")
    await state(dsn)
    await sender.look()
    assert await state(dsn) == [("unsupported", 1, False)]
    assert anna.heard() == []


async def test_whoever_is_let_in_or_made_an_admin_is_told(
    anna: Person, kate: Person, product: Product, sender: NoticeSender, dsn: str
) -> None:
    await open_to(product.db, "list")
    administration = product.administration
    for person in (anna, kate):
        user_id = await product.user_id(person)
        for level in ("guest", "member", "guest", "blocked", "member", "admin", "member"):
            await administration.set_level("console:test", user_id, level)
    for _ in range(5):
        await state(dsn)
        await sender.look()
    heard = [person.heard() for person in (anna, kate)]
    assert [len(texts) for texts in heard] == [3, 3]
    assert ["Тебе открыли доступ" in text for text in heard[0]] == [True, True, False]
    assert "админ этого бота" in heard[0][-1]
    assert "The door is open to you" in heard[1][0]
    assert "an admin of this bot" in heard[1][-1]
