"""A talk with the operators, as admins read it."""

from __future__ import annotations

from aiogram.utils.text_decorations import html_decoration

from bot.texts import Words
from bot.texts.people import when
from core import Person, Said, Talk

SHOWN_CHARACTERS = 400


def talk_words(talk: Talk, admin: Person, words: Words) -> str:
    """HTML: the last words of both sides."""
    name = talk.name or words.plain("feedback-nameless")
    key = words("feedback-talk-done", name=name) if talk.done else words("feedback-talk", name=name)
    return "\n\n".join([key, *(_said(said, name, admin, words) for said in talk.words)])


def _said(said: Said, name: str, admin: Person, words: Words) -> str:
    author = words.plain("feedback-team") if said.by_team else name
    head = words("feedback-said", name=author, when=when(said.created_at, admin, words))
    text = said.word.text
    if len(text) > SHOWN_CHARACTERS:
        text = text[:SHOWN_CHARACTERS].rstrip() + "…"
    lines = [head]
    if said.about_answer:
        lines.append(words("feedback-about-answer"))
    if said.word.file:
        lines.append(words("feedback-file"))
    if text:
        lines.append(html_decoration.quote(text))
    return "\n".join(lines)
