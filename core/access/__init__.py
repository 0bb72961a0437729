"""Who may come in, as whom, and how much."""

from __future__ import annotations

from dataclasses import dataclass

from core.access.account_links import AccountLinks, Opened
from core.access.invites import HeldOver, Invite, Invites, InvitesPage, Taste, Welcome
from core.access.policy import Level, policy_of
from core.access.refusing import Refusing
from core.database import Database

__all__ = [
    "Access",
    "AccountLinks",
    "HeldOver",
    "Invite",
    "Invites",
    "InvitesPage",
    "Level",
    "Opened",
    "Refusing",
    "Taste",
    "Welcome",
    "access_over",
    "policy_of",
]


@dataclass(frozen=True, slots=True)
class Access:
    """What lets people in, and what those are told who stay outside."""

    invites: Invites
    account_links: AccountLinks
    refusing: Refusing


def access_over(db: Database) -> Access:
    return Access(Invites(db), AccountLinks(db), Refusing(db))
