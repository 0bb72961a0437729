"""Errors as one of a few words, for figures that are counted by them."""

from __future__ import annotations

from core.errors import (
    CoreError,
    FetchFailed,
    Filtered,
    ModelError,
    ModelRejected,
    Unavailable,
)

_WORDS: tuple[tuple[type[CoreError], str], ...] = (
    (Filtered, "filtered"),
    (ModelError, "model_down"),
    (FetchFailed, "unfetched"),
    (Unavailable, "unavailable"),
    (CoreError, "refused"),
)
"""The first that fits counts."""


def reason(error: BaseException) -> str:
    """`quota`, `key`, `model` or `request` where the model's operator has to act."""
    if isinstance(error, ModelRejected):
        return error.kind
    return next((word for kind, word in _WORDS if isinstance(error, kind)), "unexpected")
