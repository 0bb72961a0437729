"""Invites: the list, one of them, a new one."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

from aiogram.types import InlineKeyboardMarkup

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
from bot.keyboards.admin import panel_button
from bot.keyboards.buttons import button, keyboard, short
from bot.keyboards.paging import pages_of, pages_row
from bot.texts import Words
from bot.texts.people import short_day
from core import Invite, InvitesPage, Person

PAGE_SIZE = 8
USES: tuple[Uses, ...] = (1, 5, 20)
DAYS: tuple[Days, ...] = (1, 7, 30)


def invites_keyboard(
    page: InvitesPage, number: int, admin: Person, words: Words
) -> InlineKeyboardMarkup:
    rows = [
        [button(_label(invite, admin, words), ShowInvite(invite=invite.id, page=number))]
        for invite in page.items
    ]
    pages = pages_of(page.total, PAGE_SIZE)
    return keyboard(
        *rows,
        pages_row(number, pages, lambda page: ShowInvites(page=page), words),
        [button(words.plain("button-admin-invite-new"), PlanInvite(uses=1, days=7), "primary")],
        [panel_button(words)],
    )


def plan_keyboard(uses: Uses, days: Days, words: Words) -> InlineKeyboardMarkup:
    def chosen(label: str, mark: bool) -> str:
        return words.plain("button-chosen", label=label) if mark else label

    issue = IssueInvite(uses=uses, days=days, nonce=secrets.token_hex(4))
    return keyboard(
        [
            button(
                chosen(words.plain("button-admin-uses", count=each), each == uses),
                PlanInvite(uses=each, days=days),
            )
            for each in USES
        ],
        [
            button(
                chosen(words.plain("button-admin-days", count=each), each == days),
                PlanInvite(uses=uses, days=each),
            )
            for each in DAYS
        ],
        [button(words.plain("button-admin-invite-make"), issue, "primary")],
        [button(words.plain("button-admin-invite-note"), AskNote(uses=uses, days=days))],
        [button(words.plain("button-admin-to-invites"), ShowInvites(page=0))],
    )


def invite_keyboard(invite: Invite, page: int, words: Words) -> InlineKeyboardMarkup:
    revoke = RevokeInvite(invite=invite.id, page=page, sure=False)
    return keyboard(
        [button(words.plain("button-admin-invite-revoke"), revoke)] if is_open(invite) else [],
        [button(words.plain("button-admin-to-invites"), ShowInvites(page=page))],
    )


def revoke_keyboard(invite: int, page: int, words: Words) -> InlineKeyboardMarkup:
    yes = RevokeInvite(invite=invite, page=page, sure=True)
    no = ShowInvite(invite=invite, page=page)
    return keyboard(
        [
            button(words.plain("button-admin-invite-yes"), yes, "danger"),
            button(words.plain("button-admin-no"), no),
        ]
    )


def to_invites_keyboard(words: Words) -> InlineKeyboardMarkup:
    return keyboard([button(words.plain("button-admin-to-invites"), ShowInvites(page=0))])


def is_open(invite: Invite) -> bool:
    """Whether somebody may still come in by it."""
    there = invite.used < invite.uses and invite.expires_at > datetime.now(UTC)
    return there and not invite.revoked


def _label(invite: Invite, admin: Person, words: Words) -> str:
    date = short_day(invite.expires_at, admin, words)
    label = words.plain("admin-invite-label", used=invite.used, uses=invite.uses, date=date)
    if invite.note:
        label = words.plain("admin-invite-label-noted", label=label, note=invite.note)
    if not is_open(invite):
        label = words.plain("admin-invite-label-over", label=label)
    return short(label)
