"""Invites in the admins' panel: made, shown once, looked through, revoked."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from aiogram import Bot, Router
from aiogram.types import CallbackQuery, Message
from pydantic import TypeAdapter

from bot.callbacks.admin import (
    AskNote,
    Days,
    IssueInvite,
    PlanInvite,
    RevokeInvite,
    ShowInvite,
    ShowInvites,
    Uses,
)
from bot.handlers.asking import asked_about
from bot.handlers.saying import say, show
from bot.keyboards.admin_invites import (
    PAGE_SIZE,
    invite_keyboard,
    invites_keyboard,
    plan_keyboard,
    revoke_keyboard,
    to_invites_keyboard,
)
from bot.keyboards.paging import pages_of
from bot.start_links import invite_link
from bot.texts import Words
from bot.texts.people import day, when
from core import Access, Administration, Invite, NotFound, Person, Users

NOTE_CHARACTERS = 60

_PLAN: TypeAdapter[tuple[Uses, Days]] = TypeAdapter(tuple[Uses, Days])


def router() -> Router:
    invites = Router(name="admin: invites")
    invites.callback_query.register(show_invites, ShowInvites.filter())
    invites.callback_query.register(plan, PlanInvite.filter())
    invites.callback_query.register(issue, IssueInvite.filter())
    invites.callback_query.register(ask_note, AskNote.filter())
    invites.callback_query.register(show_invite, ShowInvite.filter())
    invites.callback_query.register(revoke, RevokeInvite.filter())
    invites.message.register(issue_by_answer, asked_about("admin_note"))
    return invites


async def show_invites(
    query: CallbackQuery, callback_data: ShowInvites, person: Person, words: Words, access: Access
) -> None:
    await _show_page(query, callback_data.page, person, words, access)


async def plan(query: CallbackQuery, callback_data: PlanInvite, words: Words) -> None:
    keyboard = plan_keyboard(callback_data.uses, callback_data.days, words)
    await show(query, words("admin-invite-plan"), keyboard)


async def issue(
    query: CallbackQuery,
    callback_data: IssueInvite,
    bot: Bot,
    person: Person,
    words: Words,
    access: Access,
    administration: Administration,
    source_key: str,
) -> str | None:
    if not await administration.first(f"invite:{callback_data.nonce}", source_key):
        return words.plain("admin-invite-toast-made")
    said = await _made(callback_data.uses, callback_data.days, "", bot, person, words, access)
    await show(query, said, to_invites_keyboard(words))
    return None


async def ask_note(
    query: CallbackQuery, callback_data: AskNote, person: Person, words: Words, users: Users
) -> None:
    await users.ask(person.user_id, "admin_note", f"{callback_data.uses}:{callback_data.days}")
    await show(query, words("admin-invite-note"), to_invites_keyboard(words))


async def issue_by_answer(
    message: Message,
    bot: Bot,
    person: Person,
    words: Words,
    users: Users,
    access: Access,
    source_key: str,
) -> Any:
    assert person.asked
    uses, days = _PLAN.validate_python((person.asked.subject or "").split(":"))
    note = " ".join((message.text or "").split())[:NOTE_CHARACTERS]
    await users.answered(person.user_id, source_key)
    said = await _made(uses, days, note, bot, person, words, access)
    return await say(message, said, to_invites_keyboard(words))


async def show_invite(
    query: CallbackQuery, callback_data: ShowInvite, person: Person, words: Words, access: Access
) -> None:
    invite = await _invite(callback_data.invite, callback_data.page, person, access)
    said = _about(invite, person, words)
    await show(query, said, invite_keyboard(invite, callback_data.page, words))


async def revoke(
    query: CallbackQuery, callback_data: RevokeInvite, person: Person, words: Words, access: Access
) -> str | None:
    number, page = callback_data.invite, callback_data.page
    if not callback_data.sure:
        said = words("admin-invite-sure", id=str(number))
        await show(query, said, revoke_keyboard(number, page, words))
        return None
    invite = await access.invites.revoke(person.user_id, number)
    await show(query, _about(invite, person, words), invite_keyboard(invite, page, words))
    return words.plain("admin-toast-done")


async def _show_page(
    query: CallbackQuery, number: int, person: Person, words: Words, access: Access
) -> None:
    page = await access.invites.page(person.user_id, number * PAGE_SIZE, PAGE_SIZE)
    if page.total and not page.items:
        number = pages_of(page.total, PAGE_SIZE) - 1
        page = await access.invites.page(person.user_id, number * PAGE_SIZE, PAGE_SIZE)
    said = words("admin-invites", count=page.total)
    await show(query, said, invites_keyboard(page, number, person, words))


async def _made(
    uses: Uses,
    days: Days,
    note: str,
    bot: Bot,
    person: Person,
    words: Words,
    access: Access,
) -> str:
    me = await bot.me()
    invite, code = await access.invites.make(person.user_id, uses=uses, hours=days * 24, note=note)
    return words(
        "admin-invite-link",
        link=invite_link(me.username or "", code),
        uses=invite.uses,
        when=when(invite.expires_at, person, words),
    )


async def _invite(number: int, page: int, person: Person, access: Access) -> Invite:
    """Others may have made some since: then it stands on a later page."""
    for offset in (page, page + 1):
        found = await access.invites.page(person.user_id, offset * PAGE_SIZE, PAGE_SIZE)
        for invite in found.items:
            if invite.id == number:
                return invite
    raise NotFound("invite_not_found")


def _about(invite: Invite, person: Person, words: Words) -> str:
    if invite.revoked:
        state = "revoked"
    elif invite.expires_at <= datetime.now(UTC):
        state = "over"
    else:
        state = "full" if invite.used >= invite.uses else "open"
    said = words(
        "admin-invite",
        id=str(invite.id),
        used=invite.used,
        uses=invite.uses,
        made=day(invite.created_at, person, words),
        state=state,
        until=when(invite.expires_at, person, words),
    )
    return said + ("\n" + words("admin-invite-noted", note=invite.note) if invite.note else "")
