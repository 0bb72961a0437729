"""Links that open the bot: invites, and the user of the operator's own system."""

from __future__ import annotations

import logging
from typing import Any

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.callbacks.access import BindAccount
from bot.handlers.saying import say, show
from bot.keyboards.access import bind_keyboard, send_on_keyboard
from bot.keyboards.start import start_keyboard
from bot.start_links import Key, key_in
from bot.texts import Words
from core import Access, Conflict, NotFound, Person, Visions

log = logging.getLogger(__name__)


def router() -> Router:
    access = Router(name="access")
    access.message.register(use_invite, Command("start"), _with("invite"))
    access.message.register(open_account, Command("start"), _with("account"))
    access.callback_query.register(bind_account, BindAccount.filter())
    return access


def _with(kind: str) -> Any:
    async def opened_by(message: Message) -> bool | dict[str, Any]:
        key = key_in(message.text)
        return {"key": key} if key and key.kind == kind else False

    return opened_by


async def use_invite(
    message: Message,
    key: Key,
    person: Person,
    words: Words,
    source_key: str,
    access: Access,
    visions: Visions,
) -> None:
    try:
        state = await access.invites.use(person.user_id, key.code, source_key)
    except (NotFound, Conflict) as error:
        log.info("an invite was refused: %s", error.name)
        await _refuse_invite(message, _refusal(error, words), person, words, access, visions)
        return
    if state == "already_member":
        await say(message, words("access-already-member"))
        return
    taste = await access.invites.taste(person.user_id)
    if taste.held:
        said = words("access-welcome-held", count=taste.held.count)
        await say(message, said, send_on_keyboard(taste.held, words))
        return
    page = await visions.page(person.user_id, 0, 1)
    name = words("hello", name=person.name) if person.name else words("hello-nameless")
    said = "\n\n".join([name, words("access-welcome"), words("start-about")])
    await say(message, said, start_keyboard(words, has_visions=page.total > 0))


async def _refuse_invite(
    message: Message,
    refusal: str,
    person: Person,
    words: Words,
    access: Access,
    visions: Visions,
) -> None:
    """Whoever may talk without it shall not turn back at the door."""
    if not person.admitted:
        await say(message, refusal)
        return
    if person.level == "guest":
        left = (await access.invites.taste(person.user_id)).left or 0
        more = words("access-guest", left=left)
    else:
        more = words("access-open-anyway")
    page = await visions.page(person.user_id, 0, 1)
    said = f"{refusal}\n\n{more}"
    await say(message, said, start_keyboard(words, has_visions=page.total > 0))


async def open_account(
    message: Message, key: Key, person: Person, words: Words, access: Access
) -> None:
    """Asks before it moves anything; where there is nothing to move, there is nothing to ask."""
    try:
        opened = await access.account_links.open(person.user_id, key.code)
        if opened.state == "bound":
            await say(message, words("access-bound-already"))
        elif opened.visions or opened.messages:
            said = words("access-bind", visions=opened.visions, messages=opened.messages)
            await say(message, said, bind_keyboard(key.code, opened.visions, words))
        else:
            await access.account_links.accept(person.user_id, key.code)
            await say(message, words("access-bound"))
    except (NotFound, Conflict) as error:
        log.info("a link to an account was refused: %s", error.name)
        await say(message, _refusal(error, words))


async def bind_account(
    query: CallbackQuery, callback_data: BindAccount, person: Person, words: Words, access: Access
) -> None:
    if not callback_data.sure:
        return await show(query, words("access-not-bound"))
    try:
        await access.account_links.accept(person.user_id, callback_data.code)
    except (NotFound, Conflict) as error:
        log.info("a link to an account was refused: %s", error.name)
        return await show(query, _refusal(error, words))
    return await show(query, words("access-bound"))


_REFUSALS = {
    "invite_revoked": "access-invite-revoked",
    "invite_expired": "access-invite-expired",
    "invite_used_up": "access-invite-used-up",
    "invite_used_before": "access-invite-used-before",
    "invite_unknown": "access-invite-unknown",
    "link_used": "access-link-used",
    "link_expired": "access-link-expired",
    "link_closed": "access-link-closed",
    "link_unknown": "access-link-unknown",
    "bound_elsewhere": "access-bound-elsewhere",
    "link_shared": "access-link-shared",
}


def _refusal(error: NotFound | Conflict, words: Words) -> str:
    if error.name not in _REFUSALS:
        raise error
    return words(_REFUSALS[error.name])
