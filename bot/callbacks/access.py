"""Buttons of those who are about to come in."""

from __future__ import annotations

from typing import Annotated

from aiogram.filters.callback_data import CallbackData
from pydantic import Field

Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,48}$")]


class BindAccount(CallbackData, prefix="bind"):
    """The answer to whether to move to the user that the link with this code leads to."""

    code: Code
    sure: bool
