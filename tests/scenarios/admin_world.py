"""Admins for scenarios, and what they see."""

from __future__ import annotations

import pytest
from aiogram.methods import AnswerCallbackQuery

from tests.scenarios.conftest import NewPerson, Person, Product

CONSOLE = "console:test"

__all__ = ["CONSOLE", "admin_of", "boss", "chief", "labels", "rows_of", "screen", "toasts"]


async def admin_of(product: Product, person: Person) -> Person:
    user_id = await product.user_id(person)
    await product.administration.set_level(CONSOLE, user_id, "admin")
    return person


@pytest.fixture
async def boss(person: NewPerson, product: Product) -> Person:
    """An admin who speaks Russian."""
    return await admin_of(product, person(name="Борис", language="ru"))


@pytest.fixture
async def chief(person: NewPerson, product: Product) -> Person:
    """An admin who speaks English."""
    return await admin_of(product, person(name="Charles", language="en"))


def screen(person: Person) -> str:
    """What stands on the newest message with buttons, as it looks."""
    message, _ = person._buttons()[-1]
    return message.text or ""


def rows_of(person: Person) -> list[list[str]]:
    message, _ = person._buttons()[-1]
    assert message.reply_markup
    return [[button.text for button in row] for row in message.reply_markup.inline_keyboard]


def labels(person: Person) -> list[str]:
    return [label for row in rows_of(person) for label in row]


def toasts(person: Person) -> list[str]:
    return [call.text for call in person.session.sent(AnswerCallbackQuery) if call.text]
