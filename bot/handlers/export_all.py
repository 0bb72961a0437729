"""Everything about the person as an archive: asked for here, gathered and sent by a worker."""

from __future__ import annotations

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.callbacks.own_data import ExportAll
from bot.handlers.saying import say, say_after, thread_of
from bot.texts import Words
from bot.texts.dates import clock
from core import OwnData, Person


def router() -> Router:
    export_all = Router(name="export_all")
    export_all.message.register(export_by_command, Command("export_all"))
    export_all.callback_query.register(export_by_button, ExportAll.filter())
    return export_all


async def export_by_command(
    message: Message, person: Person, words: Words, source_key: str, own_data: OwnData
) -> None:
    thread = thread_of(message)
    await say(message, await _asked(message.chat.id, thread, person, words, source_key, own_data))


async def export_by_button(
    query: CallbackQuery, person: Person, words: Words, source_key: str, own_data: OwnData
) -> None:
    chat = query.message.chat.id if query.message else query.from_user.id
    thread = thread_of(query.message)
    await say_after(query, await _asked(chat, thread, person, words, source_key, own_data))


async def _asked(
    chat: int,
    thread: int | None,
    person: Person,
    words: Words,
    source_key: str,
    own_data: OwnData,
) -> str:
    asked = await own_data.ask_export(
        person.user_id, chat_id=chat, thread_id=thread, source_key=source_key
    )
    match asked.state:
        case "queued":
            return words("own-export-queued")
        case "running":
            return words("own-export-running")
        case "too_soon":
            assert asked.until
            return words("own-export-too-soon", time=clock(asked.until.astimezone(person.zone)))
