"""Five people with something of everything, in a closed bot: for the table of denied calls."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

ROLES = ("stranger", "guest", "blocked", "leaving")
POLICY = {"mode": "open", "guest_messages": 5, "admin_telegram_ids": [], "limits": {}, "budget": {}}
LEVELS = """
update public.users u set
  level = case t.telegram_id when 3 then null when 4 then 'blocked' else 'member' end,
  erase_at = case when t.telegram_id = 5 then now() + interval '7 days' end
from public.telegram_accounts t where t.user_id = u.id
"""


@dataclass(frozen=True, slots=True)
class Someone:
    """What a person has, by the ids that the functions take; all their words are `secret`."""

    user_id: str
    telegram_id: int
    secret: str
    vision_id: str
    frozen_id: str
    message_id: int
    answer_id: int
    file_id: str
    draft_id: int
    lease: str
    delivery_id: int
    origin_key: str


@dataclass(frozen=True, slots=True)
class World:
    victim: Someone
    people: dict[str, Someone]
    invite_id: int


def call(connection: psycopg.Connection, function: str, **arguments: Any) -> Any:
    """The value that the function returns, as it stands in the database."""
    given = [
        sql.SQL("{} => {}").format(sql.Identifier(f"p_{name}"), sql.Placeholder(name))
        for name in arguments
    ]
    query = sql.SQL("select public.{}({})").format(
        sql.Identifier(function), sql.SQL(", ").join(given)
    )
    values = {
        name: json.dumps(value) if isinstance(value, dict) else value
        for name, value in arguments.items()
    }
    row = connection.execute(query, values).fetchone()
    return row[0] if row else None


def build(connection: psycopg.Connection) -> World:
    call(connection, "set_policy", policy=POLICY)
    people = [_someone(connection, number) for number in range(1, 6)]
    made = call(connection, "make_invite", admin_id="console:x", uses=1, hours=1, note="")
    call(connection, "make_account_link", user_id="crm", minutes=10)
    # The rules of a closed bot, and the levels that make each of them meet one.
    connection.execute(LEVELS.encode())
    call(connection, "set_policy", policy={**POLICY, "mode": "list"})
    return World(people[0], dict(zip(ROLES, people[1:], strict=True)), made["invite_id"])


def _someone(connection: psycopg.Connection, number: int) -> Someone:
    secret = f"тайна-{number}"

    def act(function: str, **arguments: Any) -> Any:
        return call(connection, function, user_id=user, **arguments)

    def say(key: str, kind: str = "text", **payload: Any) -> Any:
        return act(
            "receive_message",
            source_key=f"{key}:{number}",
            type=kind,
            content=secret,
            payload=payload,
            origin={"key": f"{key}:{number}"},
            delay_ms=0,
        )

    def claim() -> Any:
        turns = call(
            connection,
            "claim_turns",
            worker="w",
            limit=1,
            lease_seconds=600,
            history=5,
            characters=100,
        )
        return turns["turns"][0]

    profile = {"first_name": secret, "username": f"u{number}"}
    signed = call(connection, "sign_in", telegram_id=number, profile=profile, source_key="s")
    user = signed["user_id"]
    frozen = act("create_vision", title=secret, source_key=f"frozen:{number}")["id"]
    act("set_vision_status", vision_id=frozen, status="frozen")
    say("held")
    vision = act("create_vision", title=secret, source_key=f"vision:{number}")["id"]
    photo = {"kind": "photo", "unique_id": "u", "telegram_id": "t", "key": "p", "message": number}
    photo["caption"] = secret
    photo_id = say("photo", "image", head="", files=[photo])["message_id"]
    turn = claim()
    answer = {"sender": "assistant", "type": "text", "content": secret}
    done = call(
        connection,
        "complete_turn",
        vision_id=vision,
        lease=turn["lease"],
        upto=turn["upto"],
        thread_id=None,
        parts={"items": [answer]},
        deliver_seconds=600,
    )
    file = {"path": f"{vision}/x", "mime": "image/png", "size": 1, "meta": {"name": secret}}
    kept = act("keep_file", message_id=photo_id, index=0, unique_id="u", file=file)
    say("again")
    running = claim()
    return Someone(
        user_id=user,
        telegram_id=number,
        secret=secret,
        vision_id=vision,
        frozen_id=frozen,
        message_id=photo_id,
        answer_id=done["deliveries"][0]["message_id"],
        file_id=kept["file_id"],
        draft_id=running["draft_id"],
        lease=running["lease"],
        delivery_id=done["deliveries"][0]["id"],
        origin_key=f"again:{number}",
    )
