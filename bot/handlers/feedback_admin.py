"""The talk with people as admins see it: open words, pages of them, answers."""

from __future__ import annotations

from aiogram import Bot, Router
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from bot.callbacks.feedback import AnswerFeedback, FinishFeedback, OpenFeedback, ShowFeedback
from bot.delivery.attachments import Unsendable, VoicesForbidden, send_attachment
from bot.delivery.letter import Letter
from bot.handlers.asking import asked_about
from bot.handlers.feedback_words import is_too_long, word_of
from bot.handlers.saying import say, say_after, show
from bot.keyboards.feedback import PER_PAGE, finish_keyboard, talk_keyboard, threads_keyboard
from bot.keyboards.lifecycle import cancel_keyboard
from bot.keyboards.paging import pages_of
from bot.texts import Words
from bot.texts.feedback import talk_words
from core import FEEDBACK_CHARACTERS, Attachments, Feedback, Person, Talk, Users, local_time


def router() -> Router:
    feedback = Router(name="feedback of admins")
    feedback.callback_query.register(show_threads, ShowFeedback.filter())
    feedback.callback_query.register(open_thread, OpenFeedback.filter())
    feedback.callback_query.register(ask_answer, AnswerFeedback.filter())
    feedback.callback_query.register(finish, FinishFeedback.filter())
    feedback.message.register(answer, asked_about("feedback_answer"))
    return feedback


async def show_threads(
    query: CallbackQuery,
    callback_data: ShowFeedback,
    person: Person,
    words: Words,
    feedback: Feedback,
) -> None:
    await show(query, *await _threads(callback_data.page, person, words, feedback))


async def open_thread(
    query: CallbackQuery,
    callback_data: OpenFeedback,
    bot: Bot,
    person: Person,
    words: Words,
    feedback: Feedback,
    attachments: Attachments,
) -> None:
    talk = await feedback.talk(person.user_id, callback_data.thread)
    await show(query, talk_words(talk, person, words), talk_keyboard(talk, words))
    await _send_files(query, talk, bot, person, attachments)


async def ask_answer(
    query: CallbackQuery,
    callback_data: AnswerFeedback,
    person: Person,
    words: Words,
    users: Users,
    feedback: Feedback,
) -> None:
    talk = await feedback.talk(person.user_id, callback_data.thread)
    await users.ask(person.user_id, "feedback_answer", str(talk.id))
    name = talk.name or words.plain("feedback-nameless")
    await say_after(query, words("feedback-ask-reply", name=name), cancel_keyboard(words))


async def answer(
    message: Message,
    person: Person,
    words: Words,
    users: Users,
    feedback: Feedback,
    source_key: str,
) -> None:
    """What can't be sent leaves the question open."""
    assert person.asked
    word = word_of(message, words, source_key)
    if word is None:
        await say(message, words("feedback-kind"), cancel_keyboard(words))
        return
    if is_too_long(word):
        said = words("feedback-long", limit=FEEDBACK_CHARACTERS)
        await say(message, said, cancel_keyboard(words))
        return
    thread = int(person.asked.subject or 0)
    try:
        await feedback.answer(person.user_id, thread, word, source_key)
    finally:
        await users.answered(person.user_id, source_key)
    await say(message, words("feedback-answered"), finish_keyboard(thread, words))


async def finish(
    query: CallbackQuery,
    callback_data: FinishFeedback,
    person: Person,
    words: Words,
    feedback: Feedback,
) -> str:
    await feedback.finish(person.user_id, callback_data.thread, done=callback_data.done)
    talk = await feedback.talk(person.user_id, callback_data.thread)
    if isinstance(query.message, Message) and query.message.text:
        await show(query, talk_words(talk, person, words), talk_keyboard(talk, words))
    return words.plain("toast-feedback-done" if talk.done else "toast-feedback-reopened")


async def _threads(
    number: int, person: Person, words: Words, feedback: Feedback
) -> tuple[str, InlineKeyboardMarkup]:
    threads = await feedback.open_threads(person.user_id, number * PER_PAGE, PER_PAGE)
    pages = pages_of(threads.total, PER_PAGE)
    if threads.total and not threads.items:
        number = pages - 1
        threads = await feedback.open_threads(person.user_id, number * PER_PAGE, PER_PAGE)
    now = local_time(person.zone)
    said = words("feedback-list", count=threads.total)
    return said, threads_keyboard(threads, number, pages, now, words)


async def _send_files(
    query: CallbackQuery, talk: Talk, bot: Bot, person: Person, attachments: Attachments
) -> None:
    chat = query.message.chat.id if query.message else query.from_user.id
    for said in talk.words:
        if said.word.file is None or said.by_team:
            continue
        letter = Letter("", [], attachment=said.word.file)
        try:
            await send_attachment(bot, attachments, person.user_id, chat, None, letter)
        except (Unsendable, VoicesForbidden):
            continue
