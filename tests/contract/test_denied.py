"""Every function refuses those who may not call it, and docs/denied-calls.md says how."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import psycopg
import pytest

from tests.contract.denied import DOCUMENT, Function, document, examine
from tests.contract.denied_workers import ANYWAY, OWNERS, WORKERS
from tests.database import TestServer

# What somebody may write and forget a check in.
PLANTED = """
create function public.planted_unowned(p_user_id text, p_vision_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  perform public._admit(p_user_id);
  update public.visions set title = 'x' where id = p_vision_id::uuid;
  return '{}';
end $$;
create function public.planted_told(p_user_id text, p_message_id bigint) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  perform public._admit(p_user_id);
  return (select to_jsonb(m.content) from public.vision_messages m where m.id = p_message_id);
end $$;
create function public.planted_level(p_user_id text, p_vision_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  perform public._lock_vision(p_user_id, p_vision_id::uuid);
  return '{}';
end $$;
create function public.planted_admin(p_admin_id text, p_user_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  perform public._admit(p_admin_id);
  return '{}';
end $$;
create function public.planted_job(p_days int) returns jsonb
language sql security definer set search_path = '' as $$ select '{}'::jsonb $$;
select public._close_door('{}', array['planted_unowned', 'planted_told', 'planted_level',
                                      'planted_admin', 'planted_job']);
"""


@pytest.fixture
def empty(database_server: TestServer) -> Iterator[str]:
    dsn = asyncio.run(database_server.fresh())
    yield dsn
    asyncio.run(database_server.drop(dsn))


def test_every_call_is_denied_to_those_who_may_not(empty: str) -> None:
    examined = examine(empty)
    assert examined.faults == []
    assert len(examined.cells) > 100
    written = DOCUMENT.read_text("utf-8")
    assert written == document(examined), "run python -m tests.contract.denied"


def test_a_function_without_its_check_is_found(empty: str) -> None:
    with psycopg.connect(empty) as connection:
        connection.execute(PLANTED.encode())
    faults = [fault for fault in examine(empty).faults if fault.startswith("planted_")]
    assert faults == [
        *(
            f"planted_admin: {role}, who is no admin, got {answer}"
            for role, answer in (
                ("stranger", "own"),
                ("guest", "not_admitted"),
                ("blocked", "blocked"),
                ("leaving", "leaving"),
            )
        ),
        "planted_job: nobody says who may call it",
        *(
            f"planted_level: {role} got own in place of {name}"
            for role, name in (
                ("guest", "not_admitted"),
                ("blocked", "blocked"),
                ("leaving", "leaving"),
            )
        ),
        "planted_told: a stranger was told what is another's",
        "planted_unowned: a stranger changed what is another's",
    ]


def test_whose_a_function_is_is_read_from_its_parameters() -> None:
    assert Function("new", {"p_user_id": "text"}).whose == "a person's"
    assert Function("new", {"p_admin_id": "text", "p_user_id": "text"}).whose == "an admin's"
    assert Function("new", {"p_days": "integer", "p_user_id": "text"}).whose is None
    assert Function("new", {}).whose is None
    assert set(OWNERS) <= set(WORKERS)
    assert not set(ANYWAY) & set(WORKERS)
