"""The list of visions and the card of each."""

from __future__ import annotations

from html import escape

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from bot.callbacks import OpenVision, Resume, ShowList
from bot.delivery.text import render
from bot.handlers.saying import say, show
from bot.keyboards.lifecycle import card_link_keyboard, frozen_keyboard
from bot.keyboards.paging import pages_of
from bot.keyboards.visions import PAGE_SIZE, card_keyboard, list_keyboard, none_keyboard
from bot.texts import Words
from bot.texts.dates import date_long
from bot.texts.own_files import own_files
from core import Card, Person, Visions

LAST_WORDS_CHARACTERS = 200


def router() -> Router:
    visions = Router(name="visions")
    visions.message.register(list_by_command, Command("visions"))
    visions.callback_query.register(list_by_button, ShowList.filter())
    visions.callback_query.register(open_vision, OpenVision.filter())
    visions.callback_query.register(resume, Resume.filter())
    return visions


async def list_by_command(message: Message, person: Person, words: Words, visions: Visions) -> None:
    await say(message, *await the_list(0, person, words, visions))


async def list_by_button(
    query: CallbackQuery,
    callback_data: ShowList,
    person: Person,
    words: Words,
    visions: Visions,
) -> None:
    await show(query, *await the_list(callback_data.page, person, words, visions))


async def open_vision(
    query: CallbackQuery,
    callback_data: OpenVision,
    person: Person,
    words: Words,
    visions: Visions,
) -> None:
    card, held_nowhere = await visions.activate(person.user_id, str(callback_data.vision))
    await show(query, *the_card(card, callback_data.page, person, words, held_nowhere))


async def resume(
    query: CallbackQuery, callback_data: Resume, person: Person, words: Words, visions: Visions
) -> None:
    card, _ = await visions.activate(person.user_id, str(callback_data.vision))
    vision = callback_data.vision
    if card.status == "frozen":
        await show(query, words("resumed-frozen", title=card.title), frozen_keyboard(vision, words))
    else:
        await show(query, words("resumed", title=card.title), card_link_keyboard(vision, words))


async def the_list(
    number: int, person: Person, words: Words, visions: Visions
) -> tuple[str, InlineKeyboardMarkup]:
    page = await visions.page(person.user_id, number * PAGE_SIZE, PAGE_SIZE)
    if page.total and not page.items:
        number = pages_of(page.total, PAGE_SIZE) - 1
        page = await visions.page(person.user_id, number * PAGE_SIZE, PAGE_SIZE)
    if not page.total:
        return words("visions-none"), none_keyboard(words)
    said = words("visions-list", count=page.total)
    if page.held_nowhere:
        said += "\n\n" + words("visions-held", count=page.held_nowhere)
    return said, list_keyboard(page, number, words)


def the_card(
    card: Card, page: int, person: Person, words: Words, held_nowhere: int = 0
) -> tuple[str, InlineKeyboardMarkup]:
    created = date_long(card.created_at.astimezone(person.zone), words)
    lines = [
        words("card-title", title=card.title),
        words("card-active") if card.status == "active" else words("card-frozen"),
        "",
        words("card-created", date=created),
        words("card-messages", count=card.messages),
    ]
    lines += _last_words(card, person, words)
    if card.held:
        lines += ["", words("card-held", count=card.held)]
    elif held_nowhere and card.status == "active":
        lines += ["", words("card-held-nowhere", count=held_nowhere)]
    return "\n".join(lines), card_keyboard(card, page, words, held_nowhere=held_nowhere)


def _last_words(card: Card, person: Person, words: Words) -> list[str]:
    if not card.last:
        return []
    date = date_long(card.last.created_at.astimezone(person.zone), words)
    yours = card.last.sender == "user"
    said = words("card-last-yours", date=date) if yours else words("card-last-mine", date=date)
    source = card.last.content
    if yours and card.last.files:
        spoken = " ".join(own_files(card.last, words, LAST_WORDS_CHARACTERS))
    else:
        spoken = source if yours else " ".join(piece.text for piece in render(source))
    content = " ".join(spoken.split())
    if len(content) > LAST_WORDS_CHARACTERS:
        content = content[: LAST_WORDS_CHARACTERS - 1].rstrip() + "…"
    return ["", said, f"<blockquote>{escape(content, quote=False)}</blockquote>"]
