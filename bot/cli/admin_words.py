"""People, invites and acts in plain lines, for a terminal. Times are UTC."""

from __future__ import annotations

from datetime import datetime

import orjson

from core import LIMITS, Act, Broadcast, Invite, PersonCard, PersonLine, Talk, Thread


def person_line(line: PersonLine) -> str:
    seen = _moment(line.seen_at) if line.seen_at else "never seen"
    username = f"@{line.username}" if line.username else "-"
    marks = "" if line.reachable or line.telegram_id is None else "  (blocked the bot)"
    return _one_line(
        f"{line.user_id}  {line.telegram_id or '-'}  {line.level}  {seen}  {username}"
        f"  {line.name}{marks}"
    )


def card_lines(card: PersonCard) -> list[str]:
    line = card.line
    level = line.level
    if line.by_settings:
        level += ", by ADMIN_IDS"
    elif line.given is None or line.given != line.level:
        level += ", by ACCESS_MODE"
    told = [
        ("name", line.name or "-"),
        ("username", f"@{line.username}" if line.username else "-"),
        ("user_id", line.user_id + (" (of the operator's system)" if card.external else "")),
        ("telegram", str(line.telegram_id or "-")),
        ("level", level),
        ("language", card.language),
        ("last seen", _moment(line.seen_at) if line.seen_at else "never"),
        ("since", _moment(line.created_at)),
        ("reachable", "yes" if line.reachable else "no"),
        ("visions", f"{card.active_visions} active, {card.frozen_visions} frozen"),
        ("messages", f"{card.messages:,}"),
        ("today", f"{card.today.tokens:,} tokens, ${card.today.usd:.4f}"),
        ("this month", f"{card.month.tokens:,} tokens, ${card.month.usd:.4f}"),
    ]
    for limit in LIMITS:
        own = limit in card.limits
        value = card.limits[limit] if own else card.level_limits.get(limit, 0)
        told.append((limit, (f"{value:,}" if value else "no limit") + (", own" if own else "")))
    if line.erase_at:
        told.append(("erased at", _moment(line.erase_at)))
    return [f"{name:20} {_one_line(value)}" for name, value in told]


def invite_line(invite: Invite) -> str:
    state = "revoked" if invite.revoked else f"until {_moment(invite.expires_at)}"
    return _one_line(f"{invite.id}  {invite.used}/{invite.uses}  {state}  {invite.note}").rstrip()


def log_line(act: Act) -> str:
    details = orjson.dumps(dict(act.details)).decode() if act.details else ""
    whom = f"{act.user_id} ({act.user or '-'})" if act.user_id else "-"
    said = f"{_moment(act.created_at)}  {act.admin_id}  {act.act}  {whom}  {details}"
    return _one_line(said).rstrip()


def broadcast_line(broadcast: Broadcast, to: str) -> str:
    state = "halted" if broadcast.halted else broadcast.status
    began = _moment(broadcast.started_at) if broadcast.started_at else "-"
    counts = ", ".join(f"{count:,} {name}" for name, count in broadcast.counts.items() if count)
    return (
        f"{broadcast.id}  {state}  {began}  {broadcast.kind}  to {to}: {broadcast.people:,}"
        f"  {counts}"
    ).rstrip()


def thread_line(thread: Thread) -> str:
    state = "answered" if thread.answered else "waits"
    return _one_line(
        f"{thread.id}  {_moment(thread.created_at)}  {thread.kind}  {state}"
        f"  {thread.user_id}  {thread.name}"
    ).rstrip()


def talk_lines(talk: Talk) -> list[str]:
    state = "done" if talk.done else "open"
    told = [_one_line(f"{talk.id}  {state}  {talk.user_id}  {talk.name}").rstrip()]
    for said in talk.words:
        who = "team" if said.by_team else "person"
        about = "  about an answer of the companion" if said.about_answer else ""
        named = f"  {said.word.file.name}" if said.word.file else ""
        heading = f"{_moment(said.created_at)}  {who}  {said.word.kind}{named}{about}"
        told += ["", _one_line(heading).rstrip()]
        told += [f"    {_one_line(line)}" for line in said.word.text.splitlines()]
    return told


def total_line(shown: int, total: int) -> str:
    return f"{shown} of {total}"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


def _one_line(text: str) -> str:
    """Names are others' words: nothing in them may move the cursor."""
    return "".join(char if char.isprintable() else " " for char in text)
