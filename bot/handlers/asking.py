"""Questions whose answer is the person's next plain text."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from aiogram.types import Message

from core import Person

_COMMAND = re.compile(r"/[A-Za-z0-9_]{1,32}(?:@\w+)?(?:\s|\Z)")


def is_command(message: Message) -> bool:
    """`/привет` and `/etc/hosts` are words like any others."""
    return bool(_COMMAND.match(message.text or ""))


def answers_question(message: Message) -> bool:
    return bool(message.text) and not message.forward_origin and not is_command(message)


def asked_about(about: str) -> Callable[..., Awaitable[bool]]:
    """A filter: this text answers the question `about`."""

    async def asked(message: Message, person: Person) -> bool:
        return bool(person.asked and person.asked.about == about and answers_question(message))

    return asked
