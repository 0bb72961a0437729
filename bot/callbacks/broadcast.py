"""Buttons of broadcasts. The database checks that an admin presses them."""

from __future__ import annotations

from typing import Annotated, Literal

from aiogram.filters.callback_data import CallbackData
from pydantic import Field

Number = Annotated[int, Field(ge=1, lt=2**63)]
Whom = Literal["all", "week", "month", "ru", "en", "guest", "member", "admin"]


class ShowBroadcasts(CallbackData, prefix="casts"):
    """What is under way and what was; from here a new one begins."""


class Compose(CallbackData, prefix="cast+"):
    pass


class ChooseWhom(CallbackData, prefix="cast@"):
    broadcast: Number
    whom: Whom


class SendBroadcast(CallbackData, prefix="cast!"):
    broadcast: Number


class DropBroadcast(CallbackData, prefix="cast-"):
    broadcast: Number


class ShowBroadcast(CallbackData, prefix="cast"):
    """How it goes; of a draft, whom it is for."""

    broadcast: Number


class ChangeBroadcast(CallbackData, prefix="cast="):
    broadcast: Number
    to: Literal["paused", "sending"]


class AskStop(CallbackData, prefix="cast#"):
    broadcast: Number


class StopBroadcast(CallbackData, prefix="cast#!"):
    broadcast: Number
    sure: bool
