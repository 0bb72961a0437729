"""Bracketed words for what the companion can't see yet, so that it knows and can say so kindly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from aiogram.types import Message

from bot.texts import Words
from bot.texts.dates import duration

Type = Literal["text", "audio", "image", "file", "info"]

NAME_CHARACTERS = 200


def describe(message: Message, words: Words) -> tuple[Type, str] | None:
    """None for service messages and unknown kinds."""
    known = _KINDS.get(message.content_type)
    if known is None:
        return None
    kind, say = known
    return kind, say(getattr(message, message.content_type), words)


def _named(name: str | None, words: Words) -> str:
    return (name or "").strip()[:NAME_CHARACTERS] or words.plain("said-nameless")


def _contact(contact: Any, words: Words) -> str:
    # The name only: numbers of other people are none of the companion's business.
    name = f"{contact.first_name} {contact.last_name or ''}"
    return words.plain("said-contact", name=_named(name, words))


def _location(location: Any, words: Words) -> str:
    # To about a kilometre, enough to talk about a place.
    return words.plain(
        "said-location",
        latitude=f"{location.latitude:.2f}",
        longitude=f"{location.longitude:.2f}",
    )


_KINDS: dict[str, tuple[Type, Callable[[Any, Words], str]]] = {
    "voice": (
        "audio",
        lambda voice, words: words.plain("said-voice", duration=duration(voice.duration)),
    ),
    "audio": (
        "audio",
        lambda audio, words: words.plain(
            "said-audio", name=_named(audio.title or audio.file_name, words)
        ),
    ),
    "video_note": (
        "file",
        lambda note, words: words.plain("said-video-note", duration=duration(note.duration)),
    ),
    "video": (
        "file",
        lambda video, words: words.plain("said-video", duration=duration(video.duration)),
    ),
    "animation": ("file", lambda _, words: words.plain("said-animation")),
    "photo": ("image", lambda _, words: words.plain("said-photo")),
    "live_photo": ("image", lambda _, words: words.plain("said-photo")),
    "document": (
        "file",
        lambda document, words: words.plain(
            "said-document", name=_named(document.file_name, words)
        ),
    ),
    "sticker": (
        "info",
        lambda sticker, words: words.plain("said-sticker", emoji=sticker.emoji or ""),
    ),
    "contact": ("info", _contact),
    "location": ("info", _location),
    "venue": (
        "info",
        lambda venue, words: words.plain("said-venue", name=_named(venue.title, words)),
    ),
    "poll": (
        "info",
        lambda poll, words: words.plain("said-poll", question=_named(poll.question, words)),
    ),
    "dice": (
        "info",
        lambda dice, words: words.plain("said-dice", emoji=dice.emoji, value=dice.value),
    ),
    "game": (
        "info",
        lambda game, words: words.plain("said-game", name=_named(game.title, words)),
    ),
    "story": ("info", lambda _, words: words.plain("said-story")),
    "checklist": (
        "info",
        lambda checklist, words: words.plain("said-checklist", name=_named(checklist.title, words)),
    ),
    "paid_media": ("info", lambda _, words: words.plain("said-paid-media")),
    "rich_message": ("info", lambda _, words: words.plain("said-other")),
    "invoice": ("info", lambda _, words: words.plain("said-other")),
    "giveaway": ("info", lambda _, words: words.plain("said-other")),
}
