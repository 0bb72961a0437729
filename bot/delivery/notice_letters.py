"""Notices as the messages that carry them, by kind, in the person's language."""

from __future__ import annotations

from bot.delivery.feedback_letters import answer_letter, word_letter
from bot.delivery.letter import Letter
from bot.texts import Words
from bot.texts.broadcast import screen_words
from core import Notice, read_broadcast

_OF_LEVEL = {"let_in": "notice-let-in", "appointed": "notice-appointed"}


def letter_of(notice: Notice, words: Words) -> Letter | None:
    """None for a kind of a newer version."""
    match notice.kind:
        case "operators":
            return Letter(operators_words(str(notice.content["text"]), words), [], html=True)
        case "let_in" | "appointed":
            return Letter(words(_OF_LEVEL[notice.kind]), [], html=True)
        case "broadcast":
            html = screen_words(read_broadcast(notice.content), words)
            return Letter(html, [], html=True)
        case "feedback":
            return word_letter(notice.content, words)
        case "feedback_answer":
            return answer_letter(notice.content, words)
        case _:
            return None


def operators_words(text: str, words: Words) -> str:
    """HTML of a letter of the operators; its text is plain."""
    return words("notice-operators", text=text)
