"""Buttons of the numbers. They are for admins, and the database asks who presses them."""

from __future__ import annotations

from typing import Annotated

from aiogram.filters.callback_data import CallbackData
from pydantic import Field

from bot.callbacks import PageNumber
from bot.callbacks.admin import Ref

Days = Annotated[int, Field(ge=1, le=31)]


class ShowNumbers(CallbackData, prefix="nums"):
    days: Days


class SendChart(CallbackData, prefix="nchart"):
    days: Days


class SendTables(CallbackData, prefix="ncsv"):
    days: Days


class ShowSpenders(CallbackData, prefix="spend"):
    days: Days
    page: PageNumber


class ShowVisionTokens(CallbackData, prefix="vtok"):
    person: Ref
    days: Days
