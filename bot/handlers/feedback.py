"""`/feedback`: a word to the operators, and the talk that may follow."""

from __future__ import annotations

from typing import Any

from aiogram import Bot, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import Message

from bot.delivery.text import is_blank
from bot.handlers.asking import asked_about
from bot.handlers.caring import care_at_once
from bot.handlers.feedback_words import is_too_long, word_of
from bot.handlers.saying import say
from bot.keyboards.feedback import finish_keyboard
from bot.keyboards.lifecycle import cancel_keyboard
from bot.texts import Words
from core import FEEDBACK_CHARACTERS, Care, Feedback, Given, NotFound, Person, Side, Users, Word


def router() -> Router:
    feedback = Router(name="feedback")
    feedback.message.register(by_command, Command("feedback"))
    feedback.message.register(by_answer, asked_about("feedback"))
    feedback.message.register(by_reply, goes_on)
    return feedback


async def goes_on(
    message: Message, bot: Bot, person: Person, feedback: Feedback
) -> bool | dict[str, Any]:
    """A filter: a reply to a word of the team or, for the team, of a person; or the next item of an
    album whose first one was said to the team. Gives `talk`."""
    replied = message.reply_to_message
    told = replied and replied.from_user and replied.from_user.id == bot.id
    number = replied.message_id if replied and told else None
    if number is None and message.media_group_id is None:
        return False
    found = await feedback.thread_of(person.user_id, number, message.media_group_id)
    return {"talk": found} if found else False


async def by_command(
    message: Message,
    command: CommandObject,
    person: Person,
    words: Words,
    users: Users,
    feedback: Feedback,
    care: Care,
    source_key: str,
) -> None:
    text = (command.args or "").strip()
    if is_blank(text):
        await users.ask(person.user_id, "feedback")
        await say(message, words("feedback-ask"), cancel_keyboard(words))
        return
    word = Word(text)
    if is_too_long(word):
        await say(message, words("feedback-long", limit=FEEDBACK_CHARACTERS))
        return
    await _give(message, word, person, words, feedback, care, source_key)


async def by_answer(
    message: Message,
    person: Person,
    words: Words,
    users: Users,
    feedback: Feedback,
    care: Care,
    source_key: str,
) -> None:
    """What can't be taken leaves the question open."""
    word = await _word(message, words, source_key, asked=True)
    if word is None:
        return
    assert person.asked
    about = person.asked.subject
    try:
        await _give(
            message,
            word,
            person,
            words,
            feedback,
            care,
            source_key,
            message_id=int(about) if about else None,
        )
    finally:
        await users.answered(person.user_id, source_key)


async def by_reply(
    message: Message,
    talk: tuple[int, Side],
    person: Person,
    words: Words,
    feedback: Feedback,
    care: Care,
    source_key: str,
) -> None:
    word = await _word(message, words, source_key, asked=False)
    if word is None:
        return
    thread, side = talk
    if side == "team":
        await feedback.answer(person.user_id, thread, word, source_key)
        await say(message, words("feedback-answered"), finish_keyboard(thread, words))
    else:
        await _give(message, word, person, words, feedback, care, source_key, thread=thread)


async def _word(message: Message, words: Words, key: str, *, asked: bool) -> Word | None:
    """None where it won't do, which is said."""
    keyboard = cancel_keyboard(words) if asked else None
    word = word_of(message, words, key)
    if word is None:
        await say(message, words("feedback-kind"), keyboard)
        return None
    if is_too_long(word):
        await say(message, words("feedback-long", limit=FEEDBACK_CHARACTERS), keyboard)
        return None
    return word


async def _give(
    message: Message,
    word: Word,
    person: Person,
    words: Words,
    feedback: Feedback,
    care: Care,
    source_key: str,
    *,
    thread: int | None = None,
    message_id: int | None = None,
) -> None:
    async def give(message_id: int | None) -> Given:
        return await feedback.give(
            person.user_id, word, source_key, thread=thread, message_id=message_id
        )

    try:
        given = await give(message_id)
    except NotFound:
        if message_id is None:
            raise
        # The answer's vision has been deleted meanwhile; the words still count.
        given = await give(None)
    if given.first:
        await say(message, words("feedback-thanks") if given.kept else words("feedback-too-many"))
    await care_at_once(message, [word.text], person, care)
