"""Bracketed words for what is not text: all that is known of it until it is heard, seen or read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiogram.types import Message

from bot.texts import Words
from bot.texts.dates import duration

NAME_CHARACTERS = 200


def describe(message: Message, words: Words) -> str | None:
    """None for service messages and unknown kinds."""
    say = _KINDS.get(message.content_type)
    return say and say(getattr(message, message.content_type), words)


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


_KINDS: dict[str, Callable[[Any, Words], str]] = {
    "voice": lambda voice, words: words.plain("said-voice", duration=duration(voice.duration)),
    "audio": lambda audio, words: words.plain(
        "said-audio", name=_named(audio.title or audio.file_name, words)
    ),
    "video_note": lambda note, words: words.plain(
        "said-video-note", duration=duration(note.duration)
    ),
    "video": lambda video, words: words.plain("said-video", duration=duration(video.duration)),
    "animation": lambda _, words: words.plain("said-animation"),
    "photo": lambda _, words: words.plain("said-photo"),
    "live_photo": lambda _, words: words.plain("said-photo"),
    "document": lambda document, words: words.plain(
        "said-document", name=_named(document.file_name, words)
    ),
    "sticker": lambda sticker, words: words.plain("said-sticker", emoji=sticker.emoji or ""),
    "contact": _contact,
    "location": _location,
    "venue": lambda venue, words: words.plain("said-venue", name=_named(venue.title, words)),
    "poll": lambda poll, words: words.plain("said-poll", question=_named(poll.question, words)),
    "dice": lambda dice, words: words.plain("said-dice", emoji=dice.emoji, value=dice.value),
    "game": lambda game, words: words.plain("said-game", name=_named(game.title, words)),
    "story": lambda _, words: words.plain("said-story"),
    "checklist": lambda checklist, words: words.plain(
        "said-checklist", name=_named(checklist.title, words)
    ),
    "paid_media": lambda _, words: words.plain("said-paid-media"),
    "rich_message": lambda _, words: words.plain("said-other"),
    "invoice": lambda _, words: words.plain("said-other"),
    "giveaway": lambda _, words: words.plain("said-other"),
}
