"""Buttons of what a person does with all that is theirs."""

from __future__ import annotations

from aiogram.filters.callback_data import CallbackData

from bot.callbacks import Nonce


class ExportAll(CallbackData, prefix="all"):
    pass


class AskForget(CallbackData, prefix="forget?"):
    pass


class Forget(CallbackData, prefix="forget!"):
    """`nonce` is that of the offer: the database knows the newest one alone."""

    nonce: Nonce


class KeepEverything(CallbackData, prefix="keep"):
    pass
