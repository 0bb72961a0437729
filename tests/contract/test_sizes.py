"""The largest arguments that callers may have fit into one request; every transport takes them."""

from __future__ import annotations

from typing import Any

import httpx
import psycopg

from core.database import Database
from core.database.failures import CallError, RequestTooLarge
from core.database.supabase import BODY_BYTES, SupabaseDatabase
from core.dialogue.senses import FILES_CHARACTERS
from core.errors import CoreError, DomainError
from core.making.maker import CAPTION_CHARACTERS
from core.settings import CoreSettings
from core.speech import SPOKEN_CHARACTERS
from tests.database import CALLS

# Telegram counts in UTF-16 units, of which none needs more than three bytes.
MESSAGE = "字" * 4096
NAME = "字" * 200
ID = "0b7e7c0e-1111-4222-8333-444455556666"
# An answer of 30,000 tokens, and an hour of speech.
ANSWER = "слово " * 15_000
SPEECH = "слово " * 10_000

ENTITY = {
    "type": "text_link",
    "offset": 1000,
    "length": 1000,
    "url": "https://x.test/" + "a" * 2000,
}
UPDATE = {
    "update_id": 2**31,
    "message": {
        "text": MESSAGE,
        "entities": [ENTITY] * 100,
        "reply_to_message": {"text": MESSAGE, "entities": [ENTITY] * 100},
    },
}
FILE = {
    "path": f"{ID}/{'f' * 64}",
    "mime": "x" * 127,
    "size": 50_000_000,
    "meta": {"kind": "document", "name": NAME, "caption": MESSAGE[:1024], "seconds": 3600},
}
# Above the words stand whose they are and what they answer; each line of a forward is marked.
SAID = MESSAGE + "\n> " * 2048 + NAME * 3
PAYLOAD = {"kind": "document", "files": [FILE], "head": NAME * 3, "forwarded_from": NAME}
MADE = {"sender": "assistant", "type": "file_result", "content": "字" * CAPTION_CHARACTERS}
LEASES = CoreSettings.model_fields["turns_in_flight"].metadata[1].le

BULKY: dict[str, dict[str, Any]] = {
    "sign_in": {"profile": dict.fromkeys(["first_name", "last_name", "username"], NAME)},
    "receive_message": {"content": SAID, "payload": PAYLOAD, "origin": {"key": NAME}},
    "edit_message": {"content": SAID, "payload": PAYLOAD},
    "keep_file": {"file": FILE},
    "save_reading": {
        "said": SPEECH,
        "why": "字" * FILES_CHARACTERS,
        "notice": {"payload": {"notice": "transcript"}, "content": SPEECH},
    },
    "keep_update": {"payload": UPDATE, "error": "at line 1 of x\n" * 10_000},
    "unknown_files": {"paths": [FILE["path"]] * 200},
    "log_tokens": {
        "rawusage": {"details": dict.fromkeys(map(str, range(1000)), 2**31)},
        "meta": {"tools": [NAME] * 16, "request_id": NAME},
    },
    "complete_turn": {
        "parts": {
            "items": [
                {"sender": "assistant", "type": "text", "content": ANSWER, "payload": {}},
                {"sender": "system", "type": "audio", "content": ANSWER, "payload": {}},
                *[MADE | {"payload": {"name": NAME}, "file": FILE}] * 5,
            ]
        }
    },
    "fail_turn": {"payload": {"notice": "down"}},
    "say_unasked": {"content": ANSWER, "payload": {}},
    "keep_voice": {"content": "字" * SPOKEN_CHARACTERS, "file": FILE},
    "mark_delivered": {"receipts": {"ids": [2**53 - 1] * 1000}},
    "renew_leases": {"leases": [ID] * LEASES},
    "renew_updates": {"updates": [str(2**53 - 1)] * 10_000},
    "renew_deliveries": {"leases": {str(number): ID for number in range(10_000)}},
    "tell_turns": {"words": [f"{number} {ID}" for number in range(1000)]},
    "stop_turns": {},
    "set_policy": {
        "policy": {
            "mode": "open",
            "guest_messages": 5,
            "admin_telegram_ids": [2**53 - 1] * 100,
            "limits": {"member": {"tokens_per_day": 2**53 - 1}},
            "budget": {"tokens_per_day": 2**53 - 1, "usd_per_day": 1e9},
        }
    },
    "set_limits": {"limits": {"tokens_per_day": 2**53 - 1}},
    "draft_broadcast": {"content": {"kind": "text", "text": MESSAGE, "entities": [ENTITY] * 100}},
    "set_broadcast_audience": {"audience": {"whom": "all"}},
    "mark_broadcast_sends": {
        "outcomes": {
            f"{ID}{number}": {"lease": ID, "state": "failed", "failure": NAME}
            for number in range(100)
        }
    },
    "raise_problem": {"details": {"figures": [2**53 - 1] * 20}},
    "give_feedback": {"content": SAID, "file": FILE},
    "answer_feedback": {"content": MESSAGE, "file": FILE},
    "volume_sent": {"place": {"table": NAME, "after": [ID, 2**53 - 1]}},
    "export_rows": {"after": [ID, 2**53 - 1]},
    "drop_files": {"paths": [FILE["path"]] * 200},
}
SMALL = {
    "integer": 2**31 - 1,
    "bigint": 2**53 - 1,
    "boolean": True,
    "double precision": 1e6,
}
SIGNATURES = """
select p.proname::text, coalesce(p.proargnames, '{}'),
  array(select t::regtype::text from unnest(p.proargtypes) t)
from pg_proc p
where p.pronamespace = 'public'::regnamespace and p.proname !~ '^_' and p.prosecdef
order by 1
"""


def largest(function: str, names: list[str], types: list[str]) -> dict[str, Any]:
    arguments: dict[str, Any] = {}
    bulky = BULKY.get(function, {})
    for name, kind in zip((name.removeprefix("p_") for name in names), types, strict=True):
        if name in bulky:
            arguments[name] = bulky[name]
        elif kind == "text":
            arguments[name] = ID if name.endswith(("_id", "lease")) else NAME
        else:
            # A list or an object may be of any size, so each has its largest above.
            assert kind in SMALL, f"{function}: how large may {name} be?"
            arguments[name] = SMALL[kind]
    assert bulky.keys() <= arguments.keys(), function
    return arguments


async def test_the_largest_arguments_fit_and_are_taken(db: Database, dsn: str) -> None:
    sizes: dict[str, int] = {}

    def measure(request: httpx.Request) -> httpx.Response:
        sizes[request.url.path.rpartition("/")[2]] = len(request.content)
        return httpx.Response(200, json={})

    rest = SupabaseDatabase(
        "https://x.test", "sb_secret_for_a_test", transport=httpx.MockTransport(measure)
    )
    await rest.connect()
    async with await psycopg.AsyncConnection.connect(dsn) as connection:
        functions = await (await connection.execute(SIGNATURES)).fetchall()
    for function, names, types in functions:
        if f"public.{function}(" in CALLS.read_text():
            continue  # a test's own
        arguments = largest(function, names, types)
        await rest.call(function, **arguments)
        try:
            await db.call(function, **arguments)
        except CoreError as refused:
            # Nobody and nothing of these names exists: a rule may say so, the size may not.
            assert isinstance(refused, DomainError | CallError), refused  # noqa: PT017
            assert not isinstance(refused, RequestTooLarge)  # noqa: PT017
    await rest.close()
    assert len(sizes) > 40
    assert set(BULKY) <= set(sizes)
    assert max(sizes.values()) <= BODY_BYTES
    assert sum(size > 100_000 for size in sizes.values()) >= 6
