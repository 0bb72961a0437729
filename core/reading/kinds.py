"""What to do with a file from Telegram before anything of it is fetched."""

from __future__ import annotations

from typing import Literal

Treatment = Literal["hear", "look", "read"]

_SOUNDS = frozenset({
    "aac", "aif", "aiff", "amr", "flac", "m4a", "m4b", "mka", "mp3", "oga", "ogg", "opus", "wav",
    "weba", "wma",
})  # fmt: skip
_PICTURES = frozenset({
    "avif", "bmp", "dib", "gif", "heic", "heif", "hif", "jfif", "jpe", "jpeg", "jpg", "png", "tif",
    "tiff", "webp",
})  # fmt: skip
_PICTURE_MIMES = frozenset(
    f"image/{name}"
    for name in (
        "avif", "bmp", "gif", "heic", "heic-sequence", "heif", "heif-sequence", "jpeg", "jpg",
        "pjpeg", "png", "tiff", "webp", "x-bmp", "x-ms-bmp",
    )
)  # fmt: skip


def treatment(kind: str, mime: str | None, name: str | None) -> Treatment:
    """`kind` is that of `core.dialogue.attachments`. Videos are read, which ends in their being
    refused as `unsupported`; so are pictures of kinds nobody decodes here."""
    if kind in {"voice", "audio", "video_note"}:
        return "hear"
    if kind == "photo":
        return "look"
    return _of_document(mime, suffix(name)) if kind == "document" else "read"


def _of_document(mime: str | None, extension: str) -> Treatment:
    plain = (mime or "").partition(";")[0].strip().lower()
    if plain.startswith("audio/"):
        return "hear"
    if plain in _PICTURE_MIMES:
        return "look"
    # Clients call rarer sounds and pictures application/octet-stream or worse, so an extension
    # counts too, unless the name of the kind says otherwise in earnest.
    if plain.startswith(("text/", "video/")):
        return "read"
    if extension in _SOUNDS:
        return "hear"
    return "look" if extension in _PICTURES else "read"


def suffix(name: str | None) -> str:
    """The extension of a name from outside: lower case, without the dot, empty if it has none
    that could be one."""
    _, dot, extension = (name or "").rpartition(".")
    known = dot and len(extension) <= 12 and extension.isascii() and extension.isalnum()
    return extension.lower() if known else ""
