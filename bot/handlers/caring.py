"""The answer of care where no turn will be made: at once, and kept nowhere."""

from __future__ import annotations

from collections.abc import Sequence

from aiogram.types import LinkPreviewOptions, Message

from bot.delivery.text import MESSAGE_UNITS, render
from core import Care, Person


async def care_at_once(message: Message, texts: Sequence[str], person: Person, care: Care) -> bool:
    """Whether somebody in danger was answered."""
    said = [text for text in texts if text]
    if not said or not care.spoken_of(said):
        return False
    for piece in render(care.answer(said, person.language, person.timezone), MESSAGE_UNITS):
        await message.answer(
            piece.text,
            entities=piece.entities,
            parse_mode=None,
            link_preview_options=LinkPreviewOptions(is_disabled=True),
        )
    return True
