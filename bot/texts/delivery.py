"""Our words around those of the companion: notices, headings, and what is said while it thinks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.texts import Words

_WAITING = (
    (10, ("waiting-1", "waiting-2", "waiting-3")),
    (25, ("waiting-later-1", "waiting-later-2")),
    (60, ("waiting-long-1", "waiting-long-2")),
)


def words_for_notice(payload: Mapping[str, Any], words: Words) -> str:
    """HTML of an `info` message; a notice of a newer version reads like the fallback."""
    match payload.get("notice"):
        case "stopped":
            return words("notice-stopped")
        case "too_long":
            return words(
                "notice-too-long", characters=payload["characters"], limit=payload["limit"]
            )
        case "burst":
            return words("notice-burst", count=payload["count"])
        case _:
            return words("notice-down")


def heading(title: str, words: Words) -> str:
    """Plain text above words of a vision that is not the current one."""
    return words.plain("answer-about", title=title)


def ending(payload: Mapping[str, Any], words: Words) -> str | None:
    """Plain text below an answer that is not whole."""
    if payload.get("unfinished"):
        return words.plain("answer-unfinished")
    return words.plain("answer-stopped") if payload.get("stopped") else None


def waiting(silent_seconds: float, seed: int, words: Words) -> str | None:
    """What a draft says while the model is silent, None for the first ten seconds.

    The same `seed` (say, the draft's id) gives the same words for one stretch of waiting.
    """
    keys = [keys for seconds, keys in _WAITING if silent_seconds >= seconds]
    return words.plain(keys[-1][seed % len(keys[-1])]) if keys else None
