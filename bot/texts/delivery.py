"""Our words around those of the companion: notices, and the end of an answer that is not whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.texts import Words


def words_for_notice(payload: Mapping[str, Any], words: Words) -> str:
    """HTML of an `info` message; a notice of a newer version reads like the fallback."""
    match payload.get("notice"):
        case "stopped":
            return words("notice-stopped")
        case "too_long":
            return words(
                "notice-too-long", characters=payload["characters"], limit=payload["limit"]
            )
        case "filtered":
            return words("notice-filtered")
        case "edited_late":
            return words("notice-edited-late")
        case "burst":
            return words("notice-burst", count=payload["count"])
        case _:
            return words("notice-down")


def ending(payload: Mapping[str, Any], words: Words) -> str | None:
    """Plain text below an answer that is not whole."""
    if payload.get("unfinished"):
        return words.plain("answer-unfinished")
    return words.plain("answer-stopped") if payload.get("stopped") else None
