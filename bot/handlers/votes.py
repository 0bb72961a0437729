"""👍 and 👎 under answers."""

from __future__ import annotations

from typing import get_args

from aiogram import Router
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from bot.callbacks.feedback import AskWhatWasWrong, CastVote
from bot.handlers.saying import say_after
from bot.keyboards.lifecycle import cancel_keyboard
from bot.keyboards.votes import voted_keyboard
from bot.texts import Words
from core import Feedback, Person, Users, Vote

_VOTES: tuple[Vote, ...] = get_args(Vote)


def router() -> Router:
    votes = Router(name="votes")
    votes.callback_query.register(cast_vote, CastVote.filter())
    votes.callback_query.register(ask_what_was_wrong, AskWhatWasWrong.filter())
    return votes


async def cast_vote(
    query: CallbackQuery,
    callback_data: CastVote,
    person: Person,
    words: Words,
    feedback: Feedback,
) -> str:
    message, vote = callback_data.message, _VOTES[callback_data.vote + 1]
    offer = await feedback.vote(person.user_id, message, vote)
    if isinstance(query.message, Message):
        shown = query.message.reply_markup
        await _redraw(query.message, voted_keyboard(shown, message, vote, offer=offer, words=words))
    return words.plain("toast-vote-taken-back" if vote == 0 else "toast-vote")


async def ask_what_was_wrong(
    query: CallbackQuery,
    callback_data: AskWhatWasWrong,
    person: Person,
    words: Words,
    users: Users,
    feedback: Feedback,
) -> None:
    message = callback_data.message
    # Refuses whoever it was not said to.
    await feedback.vote(person.user_id, message, -1)
    await users.ask(person.user_id, "feedback", str(message))
    if isinstance(query.message, Message):
        shown = query.message.reply_markup
        await _redraw(query.message, voted_keyboard(shown, message, -1, offer=False, words=words))
    await say_after(query, words("feedback-ask-answer"), cancel_keyboard(words))


async def _redraw(message: Message, keyboard: InlineKeyboardMarkup) -> None:
    """Buttons that stay as they were still do the same."""
    try:
        await message.edit_reply_markup(reply_markup=keyboard)
    except TelegramBadRequest:
        return
