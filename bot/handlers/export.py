"""The whole dialogue as a Markdown file, written as it is read: any length, little memory."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack
from datetime import datetime, tzinfo
from tempfile import SpooledTemporaryFile

from aiogram import Bot, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, InaccessibleMessage, InputFile, Message
from aiogram.utils.chat_action import ChatActionSender

from bot.callbacks import Export
from bot.handlers.lifecycle import say_no_current
from bot.handlers.saying import say, say_after, thread_of
from bot.handlers.transcript import speaker
from bot.texts import Words
from bot.texts.dates import clock, date_long
from bot.texts.delivery import ending
from bot.texts.file_names import files_of
from bot.texts.own_files import file_line, own_files
from core import Card, Dialogue, Entry, Person, Visions

FILE_BYTES = 45_000_000
"""Telegram takes files of up to 50 MB from bots; what is longer comes in parts."""

_IN_MEMORY = 1_000_000
_PORTION = 200
_NAME_CHARACTERS = 60


class Spooled(InputFile):
    """A part of the export. Read it after the whole of it has been written."""

    def __init__(self) -> None:
        super().__init__(filename=None)
        self.file = SpooledTemporaryFile[bytes](max_size=_IN_MEMORY)
        self.size = 0

    def write(self, text: str) -> None:
        self.size += self.file.write(text.encode("utf-8", "replace"))

    async def read(self, bot: Bot) -> AsyncGenerator[bytes, None]:
        self.file.seek(0)
        while chunk := self.file.read(self.chunk_size):
            yield chunk


def router() -> Router:
    export = Router(name="export")
    export.message.register(export_by_command, Command("export"))
    export.callback_query.register(export_by_button, Export.filter())
    return export


async def export_by_command(
    message: Message,
    bot: Bot,
    person: Person,
    words: Words,
    visions: Visions,
    dialogue: Dialogue,
) -> None:
    if not person.active_vision_id:
        return await say_no_current(message, person, words, visions)
    card = await visions.card(person.user_id, person.active_vision_id)
    if not card.messages:
        await say(message, words("history-empty", title=card.title))
        return None
    await _send_files(card, bot, message, person, words, dialogue)
    return None


async def export_by_button(
    query: CallbackQuery,
    callback_data: Export,
    bot: Bot,
    person: Person,
    words: Words,
    visions: Visions,
    dialogue: Dialogue,
) -> None:
    card = await visions.card(person.user_id, str(callback_data.vision))
    if not card.messages:
        await say_after(query, words("history-empty", title=card.title))
    elif query.message:
        await _send_files(card, bot, query.message, person, words, dialogue)


async def _send_files(
    card: Card,
    bot: Bot,
    after: Message | InaccessibleMessage,
    person: Person,
    words: Words,
    dialogue: Dialogue,
) -> None:
    chat, thread = after.chat.id, thread_of(after)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(
            ChatActionSender.upload_document(bot=bot, chat_id=chat, message_thread_id=thread)
        )
        parts: list[Spooled] = []
        async for text in _written(card, person, words, dialogue):
            if not parts or parts[-1].size > FILE_BYTES:
                parts.append(Spooled())
                stack.callback(parts[-1].file.close)
            parts[-1].write(text)
        for number, part in enumerate(parts, 1):
            suffix = f", {words.plain('export-part', number=number)}" if len(parts) > 1 else ""
            part.filename = file_name(card.title, words) + f"{suffix}.md"
            await bot.send_document(
                chat,
                part,
                caption=words.plain("export-caption", title=card.title) + suffix,
                message_thread_id=thread,
            )


async def _written(
    card: Card, person: Person, words: Words, dialogue: Dialogue
) -> AsyncIterator[str]:
    yield heading(card.title, card.created_at, person.zone, words)
    before: Entry | None = None
    async for entry in _entries(card.id, person, dialogue):
        yield said(entry, before, person.zone, words)
        before = entry


def heading(title: str, created_at: datetime, zone: tzinfo, words: Words) -> str:
    created = date_long(created_at.astimezone(zone), words)
    return f"# {title}\n\n{words.plain('export-created', date=created)}\n"


def said(entry: Entry, before: Entry | None, zone: tzinfo, words: Words) -> str:
    """A message as Markdown, under its date unless the one `before` it is of the same day."""
    said_at = entry.created_at.astimezone(zone)
    new_day = not before or before.created_at.astimezone(zone).date() != said_at.date()
    day = f"\n## {date_long(said_at, words)}\n" if new_day else ""
    paragraphs = "".join(f"\n{paragraph}\n" for paragraph in _paragraphs(entry, words))
    broken_off = ending(entry.payload, words)
    end = f"\n*{broken_off}*\n" if broken_off else ""
    return f"{day}\n**{speaker(entry, words)}**, {clock(said_at)}\n{paragraphs}{end}"


def _paragraphs(entry: Entry, words: Words) -> list[str]:
    files = files_of(entry)
    if files and entry.sender == "user":
        return own_files(entry, words)
    made = [file_line(files, words)] if files else []
    return [*filter(None, [entry.content.strip()]), *made]


async def _entries(vision: str, person: Person, dialogue: Dialogue) -> AsyncIterator[Entry]:
    place = (0, 0)
    while portion := await dialogue.read(person.user_id, vision, after=place, limit=_PORTION):
        for entry in portion:
            yield entry
        place = (portion[-1].anchor, portion[-1].part)


def file_name(title: str, words: Words) -> str:
    """Letters, digits, spaces and dashes of the title: safe on every disk."""
    safe = " ".join(re.sub(r"[^\w\s-]", " ", title).split())[:_NAME_CHARACTERS].strip(" -")
    return safe or words.plain("export-file")
