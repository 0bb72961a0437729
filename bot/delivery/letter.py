"""One Telegram message on its way: words or a file, and how words are sent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import unescape

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import InlineKeyboardMarkup, MessageEntity, ReplyParameters

from bot.telegram import DoneUnreadably
from core import Attachment

UNKNOWN_ID = 0
"""For a message that was sent, but whose id could not be read."""


@dataclass(frozen=True, slots=True)
class Letter:
    """With an `attachment` the text is its caption. `reply_to` is Telegram's id of a message."""

    text: str
    entities: list[MessageEntity]
    html: bool = False
    keyboard: InlineKeyboardMarkup | None = None
    attachment: Attachment | None = None
    reply_to: int | None = None
    silent: bool = False

    @property
    def bare_text(self) -> str:
        return unescape(re.sub(r"<[^>]*>", "", self.text)) if self.html else self.text

    @property
    def reply_parameters(self) -> ReplyParameters | None:
        if self.reply_to is None:
            return None
        return ReplyParameters(message_id=self.reply_to, allow_sending_without_reply=True)

    def dresses(self) -> Iterator[Letter]:
        """The letter itself, then with less and less of what Telegram may have refused."""
        plain = replace(self, text=self.bare_text, entities=[], html=False)
        yield self
        yield plain
        if plain.keyboard:
            yield replace(plain, keyboard=None)


async def send_letter(bot: Bot, chat_id: int, thread_id: int | None, letter: Letter) -> int:
    """Telegram's id of the message. What Telegram refuses is sent again with less dress.

    Raises the last refusal when even bare words are refused, and all other errors at once. Files
    have a way of their own, `send_attachment`.
    """
    refusal: TelegramBadRequest | None = None
    for dress in letter.dresses():
        try:
            message = await bot.send_message(
                chat_id,
                dress.text,
                message_thread_id=thread_id,
                entities=dress.entities or None,
                parse_mode="HTML" if dress.html else None,
                disable_notification=dress.silent or None,
                reply_parameters=dress.reply_parameters,
                reply_markup=dress.keyboard,
            )
        except DoneUnreadably:
            return UNKNOWN_ID
        except TelegramBadRequest as error:
            refusal = error
            if "thread not found" in error.message:
                thread_id = None
        else:
            return message.message_id
    assert refusal
    raise refusal
