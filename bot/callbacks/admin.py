"""Buttons of the admins' panel. Anybody may send their data: the database checks who presses.

People are named by `person_ref`: a user_id of the operator's own system may not fit.
"""

from __future__ import annotations

from typing import Annotated, Literal

from aiogram.filters.callback_data import CallbackData
from pydantic import BeforeValidator, Field

from bot.callbacks import PageNumber

Ref = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
Order = Literal["seen", "new"]
Which = Annotated[int, Field(ge=0, le=2)]
Bound = Annotated[int, Field(ge=-1, le=999_999_999_999)]
Uses = Annotated[Literal[1, 5, 20], BeforeValidator(int)]
Days = Annotated[Literal[1, 7, 30], BeforeValidator(int)]
Number = Annotated[int, Field(ge=1, lt=2**63)]


class ShowPanel(CallbackData, prefix="adm"):
    pass


class ShowPeople(CallbackData, prefix="adp"):
    order: Order
    page: PageNumber


class AskPerson(CallbackData, prefix="adq"):
    """Search: the next text is a name."""


class ShowFound(CallbackData, prefix="adf", sep="|"):
    page: PageNumber
    query: Annotated[str, Field(min_length=1, max_length=50)]


class ShowPerson(CallbackData, prefix="adu"):
    person: Ref


class SetLevel(CallbackData, prefix="adl"):
    """`mode`: back to what the access mode makes of everybody. Without `sure` some are asked."""

    person: Ref
    to: Literal["member", "mode", "blocked", "unblocked", "admin", "dismissed"]
    sure: bool


class ShowLimits(CallbackData, prefix="adi"):
    person: Ref


class ChooseLimit(CallbackData, prefix="adj"):
    """`which` counts in core's LIMITS."""

    person: Ref
    which: Which


class SetLimit(CallbackData, prefix="adk"):
    """`to` 0 is no bound, -1 what the level has."""

    person: Ref
    which: Which
    to: Bound


class AskLimit(CallbackData, prefix="ado"):
    person: Ref
    which: Which


class AskLetter(CallbackData, prefix="adw"):
    person: Ref


class SendLetter(CallbackData, prefix="ads"):
    """The letter is what the message with the button shows."""

    person: Ref


class ShowInvites(CallbackData, prefix="adv"):
    page: PageNumber


class PlanInvite(CallbackData, prefix="adn"):
    uses: Uses
    days: Days


class IssueInvite(CallbackData, prefix="ad+"):
    """`nonce` is the button's own: pressed twice, it makes one invite."""

    uses: Uses
    days: Days
    nonce: Annotated[str, Field(pattern=r"^[0-9a-f]{8}$")]


class AskNote(CallbackData, prefix="ad~"):
    uses: Uses
    days: Days


class ShowInvite(CallbackData, prefix="adx"):
    invite: Number
    page: PageNumber


class RevokeInvite(CallbackData, prefix="adr"):
    invite: Number
    page: PageNumber
    sure: bool


class ShowLog(CallbackData, prefix="adg"):
    page: PageNumber
