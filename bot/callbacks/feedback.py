"""Buttons of votes and of words to the operators. The database checks who presses."""

from __future__ import annotations

from typing import Annotated

from aiogram.filters.callback_data import CallbackData
from pydantic import Field

from bot.callbacks import PageNumber

Number = Annotated[int, Field(ge=1, lt=2**63)]


class CastVote(CallbackData, prefix="vote"):
    """What the vote is to be; 0 takes it back. Pressed twice, it is the same."""

    message: Number
    vote: Annotated[int, Field(ge=-1, le=1)]


class AskWhatWasWrong(CallbackData, prefix="wrong"):
    message: Number


class ShowFeedback(CallbackData, prefix="fbs"):
    page: PageNumber


class OpenFeedback(CallbackData, prefix="fb"):
    thread: Number


class AnswerFeedback(CallbackData, prefix="fba"):
    thread: Number


class FinishFeedback(CallbackData, prefix="fbx"):
    thread: Number
    done: bool
