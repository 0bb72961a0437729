"""Our words around those of the companion: notices, and the end of an answer that is not whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.texts import Words
from bot.texts.limits import limit_notice
from bot.texts.unread import cut, unread
from core import Busy


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
            said = _about_files(payload, words) or limit_notice(payload, words)
            return said or words("notice-down")


def _about_files(payload: Mapping[str, Any], words: Words) -> str | None:
    match payload.get("notice"):
        case "transcript":
            return words("notice-transcript")
        case "unread":
            return unread(payload["items"], words)
        case "cut":
            return cut(payload["items"], words)
        case "unfetched":
            return words("notice-unfetched")
        case "file_lost" | "file_heavy" as why:
            name = payload["name"] or words.plain("said-nameless")
            key = "notice-file-lost" if why == "file_lost" else "notice-file-heavy"
            return words(key, name=name)
        case _:
            return None


def ending(payload: Mapping[str, Any], words: Words) -> str | None:
    """Plain text below an answer that is not whole."""
    if payload.get("unfinished"):
        return words.plain("answer-unfinished")
    return words.plain("answer-stopped") if payload.get("stopped") else None


def busy_lines(words: Words, doing: Busy, done: int, total: int) -> list[str]:
    """What a draft says while files are heard, seen, read or made, in the order of its patience."""
    match doing:
        case "hearing":
            line = words.plain("busy-hearing", done=done, total=total)
        case "looking":
            line = words.plain("busy-looking", done=done, total=total)
        case "reading":
            line = words.plain("busy-reading", done=done, total=total)
        case "making":
            line = words.plain("busy-making", done=done, total=total)
    return [line, words.plain("busy-long", line=line), words.plain("busy-longer", line=line)]
