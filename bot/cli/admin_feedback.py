"""Feedback of `python -m bot admin`: the list never shows what was said, one thread does."""

from __future__ import annotations

import argparse
import secrets
from collections.abc import Mapping

from bot.cli.admin_words import talk_lines, thread_line, total_line
from bot.cli.administering import Act, Console, Refused, Said
from bot.cli.asking import text_of
from bot.delivery.pages import units
from bot.delivery.text import is_blank
from core import FEEDBACK_CHARACTERS, Thread, Word


async def feedback(console: Console, asked: argparse.Namespace) -> Said:
    if asked.thread is not None:
        talk = await console.core.feedback.talk(console.operator, asked.thread)
        return Said(talk_lines(talk), talk)
    threads = await console.core.feedback.open_threads(console.operator, asked.offset, asked.limit)
    lines = [*map(thread_line, threads.items), total_line(len(threads.items), threads.total)]
    return Said(lines, {"total": threads.total, "items": [*map(_wordless, threads.items)]})


async def answer(console: Console, asked: argparse.Namespace) -> Said:
    text = (await text_of(asked.text)).strip()
    if is_blank(text):
        raise Refused("there is nothing in the answer")
    if units(text) > FEEDBACK_CHARACTERS:
        raise Refused(f"the answer is longer than {FEEDBACK_CHARACTERS:,} characters")
    key = f"console:{asked.key or secrets.token_hex(16)}"
    await console.core.feedback.answer(console.operator, asked.thread, Word(text), key)
    said = f"{asked.thread}: on its way: the running bot sends it"
    return Said([said], {"thread": asked.thread})


def finish(done: bool) -> Act:
    async def turn(console: Console, asked: argparse.Namespace) -> Said:
        await console.core.feedback.finish(console.operator, asked.thread, done=done)
        state = "done" if done else "open"
        return Said([f"{asked.thread}: {state}"], {"thread": asked.thread, "done": done})

    return turn


FEEDBACK: Mapping[str, Act] = {
    "feedback": feedback,
    "answer": answer,
    "done": finish(True),
    "reopen": finish(False),
}


def _wordless(thread: Thread) -> dict[str, object]:
    return {
        "id": thread.id,
        "user_id": thread.user_id,
        "name": thread.name,
        "kind": thread.kind,
        "answered": thread.answered,
        "created_at": thread.created_at,
    }
