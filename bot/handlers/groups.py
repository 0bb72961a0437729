"""Groups and channels: a word about where the bot lives, and silence."""

from __future__ import annotations

import re
from contextlib import suppress

from aiogram import Bot, Router
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError
from aiogram.types import (
    CallbackQuery,
    ChatMemberUpdated,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    Message,
    User,
)

from bot.handlers.chats import in_group, outside
from bot.handlers.saying import NO_PREVIEW
from bot.texts import Texts

_COMMAND = re.compile(r"/\w+(?:@(\w+))?")
_OUTSIDE = {"left", "kicked"}
_INSIDE = {"member", "administrator", "restricted"}


def router() -> Router:
    """Takes every update that is not from a private chat, so that none gets any further."""
    groups = Router(name="groups")
    groups.message.register(hear, outside)
    groups.edited_message.register(ignore, outside)
    groups.callback_query.register(refuse, outside)
    groups.my_chat_member.register(be_added, in_group)
    groups.my_chat_member.register(ignore, outside)
    return groups


async def hear(message: Message, bot: Bot, texts: Texts) -> None:
    me = await bot.me()
    if message.from_user and not message.from_user.is_bot and _addressed(message, me):
        await _explain(message, me, message.from_user, texts)


async def be_added(change: ChatMemberUpdated, bot: Bot, texts: Texts) -> None:
    if change.old_chat_member.status in _OUTSIDE and change.new_chat_member.status in _INSIDE:
        await _explain(change, await bot.me(), change.from_user, texts)


async def refuse(query: CallbackQuery, texts: Texts) -> None:
    words = texts.for_account(query.from_user.language_code)
    with suppress(TelegramBadRequest):
        await query.answer(words.plain("stale-button"))


async def ignore(_: object) -> None:
    return


def _addressed(message: Message, me: User) -> bool:
    text = message.text or message.caption or ""
    username = (me.username or "").casefold()
    if command := _COMMAND.match(text):
        return (command[1] or username).casefold() == username
    return f"@{username}" in re.findall(r"@\w+", text.casefold())


async def _explain(
    event: Message | ChatMemberUpdated, me: User, person: User, texts: Texts
) -> None:
    words = texts.for_account(person.language_code)
    link = InlineKeyboardButton(
        text=words.plain("button-open-private"), url=f"https://t.me/{me.username}"
    )
    # Not allowed to write here, or gone already: nobody to tell.
    with suppress(TelegramForbiddenError, TelegramBadRequest):
        await event.answer(
            words("private-only"),
            parse_mode="HTML",
            reply_markup=InlineKeyboardMarkup(inline_keyboard=[[link]]),
            link_preview_options=NO_PREVIEW,
        )
