"""👍 and 👎 under an answer, beside whatever other buttons it has."""

from __future__ import annotations

from aiogram.types import InlineKeyboardMarkup

from bot.callbacks.feedback import AskWhatWasWrong, CastVote
from bot.keyboards.buttons import Row, button, keyboard
from bot.texts import Words
from core import Vote

_OURS = tuple(f"{data.__prefix__}{data.__separator__}" for data in (CastVote, AskWhatWasWrong))


def vote_row(message: int, vote: Vote, words: Words) -> Row:
    """The one that was pressed takes itself back."""
    up = CastVote(message=message, vote=0 if vote == 1 else 1)
    down = CastVote(message=message, vote=0 if vote == -1 else -1)
    return [
        button(words.plain("button-vote-up-set" if vote == 1 else "button-vote-up"), up),
        button(words.plain("button-vote-down-set" if vote == -1 else "button-vote-down"), down),
    ]


def voted_keyboard(
    shown: InlineKeyboardMarkup | None, message: int, vote: Vote, *, offer: bool, words: Words
) -> InlineKeyboardMarkup:
    """`offer`: the person may say what was wrong."""
    others = [
        row
        for row in (shown.inline_keyboard if shown else [])
        if not any((each.callback_data or "").startswith(_OURS) for each in row)
    ]
    asking: Row = []
    if offer:
        asking = [button(words.plain("button-what-was-wrong"), AskWhatWasWrong(message=message))]
    return keyboard(*others, vote_row(message, vote, words), asking)
