"""What admins did, in words. An act of a newer version is called by its own name."""

from __future__ import annotations

from bot.texts import Words
from bot.texts.limits_of_people import changed_limits
from bot.texts.people import when
from core import Act, Person

NAME_CHARACTERS = 40

_ABOUT_PEOPLE = {
    "write_to": "admin-act-letter",
    "erase": "admin-act-erase",
    "keep": "admin-act-keep",
    "answer_feedback": "admin-act-feedback-answer",
    "finish_feedback": "admin-act-feedback-done",
    "reopen_feedback": "admin-act-feedback-reopened",
}

_OF_LEVEL_AND_LIMITS = {"set_level", "set_limits"}


def act_line(act: Act, admin: Person, words: Words) -> str:
    """HTML: when, who, what, to whom."""
    return words(
        "admin-log-line",
        when=when(act.created_at, admin, words),
        admin=_short(act.admin or act.admin_id),
        what=_what(act, words),
    )


def _what(act: Act, words: Words) -> str:
    user = _short(act.user or act.user_id or "")
    if not user and (act.act in _ABOUT_PEOPLE or act.act in _OF_LEVEL_AND_LIMITS):
        user = words.plain("admin-act-gone")
    if act.act in _ABOUT_PEOPLE:
        return words.plain(_ABOUT_PEOPLE[act.act], user=user)
    match act.act:
        case "set_level":
            return _level(act.details.get("from"), act.details.get("to"), user, words)
        case "set_limits":
            limits = changed_limits(act.details, words)
            return words.plain("admin-act-limits", user=user, limits=limits)
        case _ if user:
            return words.plain("admin-act-other-user", act=act.act, user=user)
        case _:
            return _about_nobody(act, words)


def _about_nobody(act: Act, words: Words) -> str:
    details = act.details
    match act.act:
        case "make_invite":
            number, uses = str(details.get("invite_id")), int(details.get("uses") or 0)
            return words.plain("admin-act-invite", id=number, uses=uses)
        case "revoke_invite":
            return words.plain("admin-act-revoked", id=str(details.get("invite_id")))
        case _ if act.act.startswith("broadcast_") and "broadcast" in details:
            return words.plain("admin-act-broadcast", act=act.act, id=str(details["broadcast"]))
        case _:
            return words.plain("admin-act-other", act=act.act)


def _level(old: str | None, new: str | None, user: str, words: Words) -> str:
    if old == "blocked":
        return words.plain("admin-act-unblocked", user=user)
    if old == "admin" and new != "blocked":
        return words.plain("admin-act-dismissed", user=user)
    return words.plain("admin-act-level", to=new or "mode", user=user)


def _short(name: str) -> str:
    line = " ".join(name.split())
    return line if len(line) <= NAME_CHARACTERS else line[: NAME_CHARACTERS - 1].rstrip() + "…"
