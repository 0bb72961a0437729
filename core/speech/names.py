"""What a sound is called towards servers: they tell the format by the extension."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

MIMES: Mapping[str, str] = {
    "flac": "audio/flac",
    "m4a": "audio/mp4",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "mpeg": "audio/mpeg",
    "mpga": "audio/mpeg",
    "ogg": "audio/ogg",
    "wav": "audio/wav",
    "webm": "audio/webm",
}
"""By extension; all that OpenAI knows."""

# The containers are the same, only the names are not known to servers.
_OTHER_EXTENSIONS = {
    "3gp": "mp4",
    "aac": "m4a",
    "m4b": "m4a",
    "m4v": "mp4",
    "mka": "webm",
    "mkv": "webm",
    "mov": "mp4",
    "oga": "ogg",
    "ogv": "ogg",
    "opus": "ogg",
    "spx": "ogg",
    "wave": "wav",
    "weba": "webm",
}
_BY_MIME = {
    "application/ogg": "ogg",
    "audio/aac": "m4a",
    "audio/flac": "flac",
    "audio/m4a": "m4a",
    "audio/mp3": "mp3",
    "audio/mp4": "m4a",
    "audio/mpeg": "mp3",
    "audio/mpeg3": "mp3",
    "audio/ogg": "ogg",
    "audio/opus": "ogg",
    "audio/vnd.wave": "wav",
    "audio/wav": "wav",
    "audio/wave": "wav",
    "audio/webm": "webm",
    "audio/x-flac": "flac",
    "audio/x-m4a": "m4a",
    "audio/x-wav": "wav",
    "video/mp4": "mp4",
    "video/mpeg": "mpeg",
    "video/ogg": "ogg",
    "video/quicktime": "mp4",
    "video/webm": "webm",
    "video/x-matroska": "webm",
}
_BY_KIND = {"video_note": "mp4", "video": "mp4", "animation": "mp4"}


def sound_name(name: str | None, mime: str | None, kind: str) -> str:
    """A name with an extension that servers know, and nothing of the person's own name for it.

    `kind` is the kind of an attachment. The name's extension outranks the MIME type, which many
    programs only guess.
    """
    suffix = PurePosixPath(name or "").suffix[1:].lower()
    known = suffix if suffix in MIMES else _OTHER_EXTENSIONS.get(suffix)
    essence = (mime or "").partition(";")[0].strip().lower()
    return f"sound.{known or _BY_MIME.get(essence) or _BY_KIND.get(kind, 'ogg')}"


def mime_of(name: str) -> str:
    return MIMES.get(name.rpartition(".")[2], "application/octet-stream")
