"""Buttons of the talk between people and operators."""

from __future__ import annotations

from datetime import datetime

from aiogram.types import InlineKeyboardMarkup

from bot.callbacks.admin import ShowPerson
from bot.callbacks.feedback import AnswerFeedback, FinishFeedback, OpenFeedback, ShowFeedback
from bot.keyboards.admin import panel_button
from bot.keyboards.buttons import button, keyboard, short
from bot.keyboards.paging import pages_row
from bot.texts import Words
from bot.texts.dates import clock, date_day
from core import Talk, Threads, person_ref

PER_PAGE = 8


def word_keyboard(thread: int, user_id: str, words: Words) -> InlineKeyboardMarkup:
    """Under a word as it comes to an admin."""
    return keyboard(
        [
            button(words.plain("button-feedback-answer"), AnswerFeedback(thread=thread)),
            button(words.plain("button-feedback-done"), FinishFeedback(thread=thread, done=True)),
        ],
        [
            button(words.plain("button-feedback-talk"), OpenFeedback(thread=thread)),
            button(words.plain("button-feedback-person"), ShowPerson(person=person_ref(user_id))),
        ],
    )


def finish_keyboard(thread: int, words: Words) -> InlineKeyboardMarkup:
    done = FinishFeedback(thread=thread, done=True)
    return keyboard([button(words.plain("button-feedback-done"), done)])


def threads_keyboard(
    threads: Threads, number: int, pages: int, now: datetime, words: Words
) -> InlineKeyboardMarkup:
    """`now` in the admin's zone."""

    def label(answered: bool, at: datetime, name: str, text: str) -> str:
        local = at.astimezone(now.tzinfo)
        when = clock(local) if local.date() == now.date() else date_day(local, words)
        said = " ".join((f"{name}: {text}" if text.strip() else name).split())
        mark = words.plain("feedback-mark-answered" if answered else "feedback-mark-waits")
        return short(f"{mark} {when} {said}")

    rows = [
        [
            button(
                label(each.answered, each.created_at, each.name, each.text),
                OpenFeedback(thread=each.id),
            )
        ]
        for each in threads.items
    ]
    pages_buttons = pages_row(number, pages, lambda page: ShowFeedback(page=page), words)
    return keyboard(*rows, pages_buttons, [panel_button(words)])


def talk_keyboard(talk: Talk, words: Words) -> InlineKeyboardMarkup:
    finish = FinishFeedback(thread=talk.id, done=not talk.done)
    label = "button-feedback-reopen" if talk.done else "button-feedback-done"
    person = ShowPerson(person=person_ref(talk.user_id))
    return keyboard(
        [
            button(words.plain("button-feedback-answer"), AnswerFeedback(thread=talk.id)),
            button(words.plain(label), finish),
        ],
        [
            button(words.plain("button-feedback-list"), ShowFeedback(page=0)),
            button(words.plain("button-feedback-person"), person),
        ],
    )
