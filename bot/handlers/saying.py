"""How our own words get on the screen: as HTML, in the topic they belong to."""

from __future__ import annotations

from aiogram.exceptions import TelegramBadRequest
from aiogram.types import (
    CallbackQuery,
    InaccessibleMessage,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    Message,
)

NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


async def say(message: Message, html: str, keyboard: InlineKeyboardMarkup | None = None) -> Message:
    return await message.answer(
        html, parse_mode="HTML", reply_markup=keyboard, link_preview_options=NO_PREVIEW
    )


async def say_after(
    query: CallbackQuery, html: str, keyboard: InlineKeyboardMarkup | None = None
) -> None:
    """A new message below the one with the button, which may be too old to be seen."""
    if isinstance(query.message, Message):
        await say(query.message, html, keyboard)
    elif query.bot:
        await query.bot.send_message(
            query.from_user.id,
            html,
            parse_mode="HTML",
            reply_markup=keyboard,
            link_preview_options=NO_PREVIEW,
        )


async def show(
    query: CallbackQuery, html: str, keyboard: InlineKeyboardMarkup | None = None
) -> None:
    """In place of what was there; below it, where Telegram doesn't let it be changed."""
    if not isinstance(query.message, Message):
        return await say_after(query, html, keyboard)
    try:
        await query.message.edit_text(
            html, parse_mode="HTML", reply_markup=keyboard, link_preview_options=NO_PREVIEW
        )
    except TelegramBadRequest as error:
        if "not modified" not in error.message:
            await say_after(query, html, keyboard)
    return None


async def take_buttons_away(query: CallbackQuery) -> None:
    """For buttons that have done their work. A leftover is harmless, so nothing depends on it."""
    if not isinstance(query.message, Message):
        return
    try:
        await query.message.edit_reply_markup(reply_markup=None)
    except TelegramBadRequest:
        return


def thread_of(message: Message | InaccessibleMessage | None) -> int | None:
    """The topic an answer belongs to. Outside of topics Telegram's number is none of our use."""
    if isinstance(message, Message) and message.is_topic_message:
        return message.message_thread_id
    return None
