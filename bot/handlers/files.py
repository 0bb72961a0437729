"""Files of a vision: listed, and sent again when they are asked for."""

from __future__ import annotations

import logging
from contextlib import suppress
from uuid import UUID

from aiogram import Bot, Router
from aiogram.exceptions import AiogramError, TelegramNetworkError, TelegramServerError
from aiogram.filters import Command
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message
from aiogram.utils.chat_action import ChatActionSender

from bot.callbacks import SendFile, SendOriginal, ShowFiles
from bot.delivery.attachments import Unsendable, VoicesForbidden, send_attachment
from bot.delivery.letter import Letter
from bot.handlers.lifecycle import say_no_current
from bot.handlers.saying import say, say_after, show, thread_of
from bot.keyboards.files import FILES_PER_PAGE, files_keyboard
from bot.keyboards.lifecycle import card_link_keyboard
from bot.keyboards.paging import pages_of
from bot.texts import Words
from bot.texts.delivery import words_for_notice
from core import Attachment, Attachments, FilesPage, Person, Visions, local_time

log = logging.getLogger(__name__)


def router() -> Router:
    files = Router(name="files")
    files.message.register(files_by_command, Command("files"))
    files.callback_query.register(files_by_button, ShowFiles.filter())
    files.callback_query.register(send_file, SendFile.filter())
    files.callback_query.register(send_original, SendOriginal.filter())
    return files


async def files_by_command(
    message: Message, person: Person, words: Words, visions: Visions, attachments: Attachments
) -> None:
    if not person.active_vision_id:
        return await say_no_current(message, person, words, visions)
    vision = UUID(person.active_vision_id)
    await say(message, *await _the_files(vision, 0, person, words, attachments))
    return None


async def files_by_button(
    query: CallbackQuery,
    callback_data: ShowFiles,
    person: Person,
    words: Words,
    attachments: Attachments,
) -> None:
    vision, page = callback_data.vision, callback_data.page
    await show(query, *await _the_files(vision, page, person, words, attachments))


async def send_file(
    query: CallbackQuery,
    callback_data: SendFile,
    bot: Bot,
    person: Person,
    words: Words,
    attachments: Attachments,
) -> None:
    attachment = await attachments.of_file(person.user_id, str(callback_data.file))
    await _send(attachment, bot, query, person, words, attachments)


async def send_original(
    query: CallbackQuery,
    callback_data: SendOriginal,
    bot: Bot,
    person: Person,
    words: Words,
    attachments: Attachments,
) -> None:
    for index in range(callback_data.files):
        attachment = await attachments.of_message(person.user_id, callback_data.message, index)
        if not await _send(attachment, bot, query, person, words, attachments):
            break


async def _the_files(
    vision: UUID, number: int, person: Person, words: Words, attachments: Attachments
) -> tuple[str, InlineKeyboardMarkup]:
    async def page_at(number: int) -> FilesPage:
        offset = number * FILES_PER_PAGE
        return await attachments.page(person.user_id, str(vision), offset, FILES_PER_PAGE)

    page = await page_at(number)
    if page.total and not page.items:
        number = pages_of(page.total, FILES_PER_PAGE) - 1
        page = await page_at(number)
    if not page.total:
        return words("files-empty", title=page.title), card_link_keyboard(vision, words)
    said = words("files-title", title=page.title, count=page.total)
    return said, files_keyboard(vision, page, number, local_time(person.zone), words)


async def _send(
    attachment: Attachment,
    bot: Bot,
    query: CallbackQuery,
    person: Person,
    words: Words,
    attachments: Attachments,
) -> bool:
    """Whether another file has a chance after this one."""
    chat = query.message.chat.id if query.message else query.from_user.id
    thread = thread_of(query.message)
    letter = Letter("", [], attachment=attachment)
    doing = ChatActionSender.upload_document(bot=bot, chat_id=chat, message_thread_id=thread)
    try:
        async with doing:
            await send_attachment(bot, attachments, person.user_id, chat, thread, letter)
    except Unsendable as error:
        await say_after(
            query, words_for_notice({"notice": error.why, "name": attachment.name}, words)
        )
    except VoicesForbidden:
        await say_after(query, words("voices-forbidden"))
        return False
    except (TelegramNetworkError, TelegramServerError) as error:
        # Raised further it would be done again and again, perhaps with a copy each time.
        log.warning("a file asked for may not have arrived: %s", type(error).__name__)
        with suppress(AiogramError):
            await say_after(query, words("file-unclear"))
        return False
    return True
