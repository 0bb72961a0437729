"""Words to the operators on their way to the admins, and the team's answers on theirs to people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiogram.utils.text_decorations import html_decoration

from bot.delivery.letter import Letter
from bot.keyboards.feedback import word_keyboard
from bot.texts import Words
from core import read_word


def word_letter(content: Mapping[str, Any], words: Words) -> Letter:
    """To an admin: whose word it is, and the word itself."""
    name = " ".join(str(content.get("name") or "").split()) or words.plain("feedback-nameless")
    if content.get("about_answer"):
        head = words("feedback-word-about-answer", name=name)
    elif content.get("again"):
        head = words("feedback-word-again", name=name)
    else:
        head = words("feedback-word", name=name)
    keyboard = word_keyboard(int(content["thread"]), str(content["user_id"]), words)
    return _letter(head, content, keyboard=keyboard)


def answer_letter(content: Mapping[str, Any], words: Words) -> Letter:
    """To the person: the team has answered."""
    return _letter(words("feedback-from-team"), content)


def _letter(head: str, content: Mapping[str, Any], **dress: Any) -> Letter:
    word = read_word(content)
    text = f"{head}\n\n{html_decoration.quote(word.text)}" if word.text else head
    return Letter(text, [], html=True, attachment=word.file, **dress)
