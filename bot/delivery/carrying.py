"""One letter of a delivery, whatever it carries, with a plain word where its file can't come."""

from __future__ import annotations

import logging

from aiogram import Bot

from bot.delivery.attachments import Unsendable, VoicesForbidden, send_attachment
from bot.delivery.letter import Letter, send_letter
from bot.delivery.letters import WordsFor, instead_of_file
from core import Attachments, Delivery

log = logging.getLogger(__name__)


async def carry(
    bot: Bot, attachments: Attachments, words_for: WordsFor, delivery: Delivery, letter: Letter
) -> int | None:
    """Telegram's id of the message; None for a voice that can't come: its words are there already.

    Raises `Unavailable` where the store can't be reached, and what Telegram answers.
    """
    chat, thread = delivery.chat_id, delivery.thread_id
    if letter.attachment is None:
        return await send_letter(bot, chat, thread, letter)
    try:
        return await send_attachment(bot, attachments, delivery.user_id, chat, thread, letter)
    except VoicesForbidden:
        log.info("the person of delivery %d takes no voice messages", delivery.id)
        return None
    except Unsendable as error:
        log.warning("delivery %d comes without its file: %s", delivery.id, error.why)
        instead = instead_of_file(letter, delivery, error.why, words_for)
        return await send_letter(bot, chat, thread, instead) if instead else None
