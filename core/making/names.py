"""File names from the model's words, fit for every system that a person may keep the file on."""

from __future__ import annotations

import re
import unicodedata

LENGTH = 80
_FORBIDDEN = re.compile(r'[/\\:*?"<>|\x00-\x1f]+')
_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])", re.I)


def file_name(wanted: str, extension: str) -> str | None:
    """None where no visible character is left. An extension that `wanted` already has is not
    repeated."""
    text = unicodedata.normalize("NFC", wanted)
    text = "".join(char if unicodedata.category(char)[0] not in "CZ" else " " for char in text)
    text = _tidy(_FORBIDDEN.sub("-", text))
    if text.casefold().endswith(f".{extension}"):
        text = text[: -len(extension) - 1]
    text = _tidy(text[:LENGTH])
    if not any(unicodedata.category(char)[0] in "LNS" for char in text):
        return None
    if _RESERVED.fullmatch(text.split(".")[0].rstrip()):
        text = f"_{text}"
    return f"{text[:LENGTH]}.{extension}"


def _tidy(text: str) -> str:
    return " ".join(text.split()).strip(" .-~")
