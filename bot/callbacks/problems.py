"""The checkup."""

from __future__ import annotations

from aiogram.filters.callback_data import CallbackData


class RunDoctor(CallbackData, prefix="doctor"):
    """Check everything, in a message below; for admins."""
