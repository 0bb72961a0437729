"""Questions whose answer is the person's next plain text; some take any message."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from aiogram.types import Message

from core import Person, Question

CITY_CHARACTERS = 80

OF_ANY_KIND: frozenset[Question] = frozenset({"broadcast", "feedback", "feedback_answer"})
"""Answered by whatever the person sends or forwards; the handler says what will not do."""

_COMMAND = re.compile(r"/[A-Za-z0-9_]{1,32}(?:@\w+)?(?:\s|\Z)")


def is_command(message: Message) -> bool:
    """`/привет` and `/etc/hosts` are words like any others."""
    return bool(_COMMAND.match(message.text or ""))


def answers_question(message: Message, about: Question) -> bool:
    """What is longer than any city's name was meant for the companion."""
    if about in OF_ANY_KIND:
        return not is_command(message)
    text = message.text or ""
    if not text or message.forward_origin or is_command(message):
        return False
    return about != "timezone" or len(text) <= CITY_CHARACTERS


def asked_about(about: Question) -> Callable[..., Awaitable[bool]]:
    """A filter: this message answers the question `about`."""

    async def asked(_: Message, person: Person) -> bool:
        return bool(person.asked and person.asked.about == about)

    return asked
