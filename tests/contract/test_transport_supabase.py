"""The transport over REST, against scripted answers of the server."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from core.database.failures import CallError, RequestTooLarge
from core.database.supabase import BODY_BYTES, SupabaseDatabase
from core.errors import Conflict, CoreError, Misconfigured, Unavailable
from tests.supabase.keys import token

KEY = "sb_secret_for_a_test"
Answer = httpx.Response | Exception


class Server:
    """Gives its answers in turn, the last one for ever."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def refusal(status: int, code: str | None, message: str) -> httpx.Response:
    body = {"message": message, "details": "Key (x)=(hush)", "hint": None}
    return httpx.Response(status, json=body if code is None else {"code": code, **body})


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
async def db(server: Server) -> AsyncIterator[SupabaseDatabase]:
    transport = httpx.MockTransport(server)
    database = SupabaseDatabase("http://127.0.0.1:1", KEY, transport=transport)
    await database.connect()
    yield database
    await database.close()


async def test_arguments_go_by_name_and_the_answer_comes_back(
    server: Server, db: SupabaseDatabase
) -> None:
    server.answers = [httpx.Response(200, json={"state": "ё", "n": 2**53 + 1})]
    told = await db.call("claim_turns", worker="w", limit=3, keys=("a", "b"), meta={"k": None})
    assert told == {"state": "ё", "n": 2**53 + 1}
    (request,) = server.requests
    assert request.method == "POST"
    assert request.url.path == "/rest/v1/rpc/claim_turns"
    assert request.headers["apikey"] == KEY
    assert json.loads(request.content) == {
        "p_worker": "w",
        "p_limit": 3,
        "p_keys": ["a", "b"],
        "p_meta": {"k": None},
    }


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (refusal(409, "PT409", "vision_frozen"), Conflict),
        (refusal(404, "PGRST202", "Could not find the function"), Misconfigured),
        (refusal(401, "42501", "permission denied for function"), Misconfigured),
        (refusal(401, "PGRST301", "No suitable key"), Misconfigured),
        (refusal(401, None, "Invalid API key"), Misconfigured),
        (refusal(406, "PGRST106", "Invalid schema: public"), Misconfigured),
        (httpx.Response(401), Misconfigured),
        (httpx.Response(413, text="too much"), RequestTooLarge),
        (refusal(400, "22P02", "invalid input syntax: hush"), CallError),
    ],
)
async def test_a_final_answer_is_not_asked_for_twice(
    server: Server, db: SupabaseDatabase, answer: httpx.Response, error: type[Exception]
) -> None:
    server.answers = [answer]
    with pytest.raises(error) as told:
        await db.call("get_vision", user_id="1")
    assert "hush" not in str(told.value)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "trouble",
    [
        refusal(503, "PGRST002", "Could not query the database for the schema cache"),
        refusal(504, "PGRST003", "Timed out acquiring connection"),
        refusal(500, "40001", "could not serialize access"),
        refusal(502, None, "An invalid response was received from the upstream server"),
        httpx.Response(503, text="<html>busy</html>"),
        httpx.Response(429, text="slow down"),
        httpx.ReadTimeout("slow"),
        httpx.ConnectError("refused"),
        httpx.RemoteProtocolError("cut"),
    ],
    ids=lambda trouble: str(trouble)[:30],
)
async def test_a_passing_trouble_is_tried_again(
    server: Server, db: SupabaseDatabase, trouble: Answer
) -> None:
    server.answers = [trouble, httpx.Response(200, json={"ok": True})]
    assert await db.call("renew_leases") == {"ok": True}
    assert len(server.requests) == 2


async def test_a_lasting_trouble_is_unavailable(server: Server, db: SupabaseDatabase) -> None:
    server.answers = [httpx.ConnectTimeout("slow")]
    with pytest.raises(
        Unavailable, match=r"renew_leases: 127\.0\.0\.1 can't be reached \(ConnectTimeout\)"
    ):
        await db.call("renew_leases")
    assert len(server.requests) == 3


@pytest.mark.parametrize("name", ["../auth", "a/b", "Upper", "a?b"])
async def test_names_are_not_a_way_in(server: Server, db: SupabaseDatabase, name: str) -> None:
    with pytest.raises(ValueError, match="not a name"):
        await db.call(name)
    assert server.requests == []


async def test_a_key_of_the_new_kind_is_no_token_and_we_are_no_browser(
    server: Server, db: SupabaseDatabase
) -> None:
    server.answers = [httpx.Response(200, json={})]
    await db.call("renew_leases")
    (request,) = server.requests
    assert "authorization" not in request.headers
    assert "mozilla" not in request.headers["user-agent"].lower()


async def test_a_key_of_the_old_kind_goes_both_ways(server: Server) -> None:
    key = token(role="service_role")
    db = SupabaseDatabase("https://x.test", key, transport=httpx.MockTransport(server))
    await db.connect()
    server.answers = [httpx.Response(200, json={})]
    await db.call("renew_leases")
    await db.close()
    (request,) = server.requests
    assert request.headers["apikey"] == key
    assert request.headers["authorization"] == f"Bearer {key}"


async def test_more_than_a_request_may_carry_is_not_sent(
    server: Server, db: SupabaseDatabase
) -> None:
    server.answers = [httpx.Response(200, json={})]
    fits = BODY_BYTES - len(b'{"p_text":""}')
    await db.call("echo", text="a" * fits)
    assert len(server.requests[-1].content) == BODY_BYTES
    for text in ("a" * (fits + 1), "ё" * (fits // 2 + 1)):
        with pytest.raises(RequestTooLarge, match=r"echo: \d+ bytes") as told:
            await db.call("echo", text=text)
        assert len(str(told.value)) < 200
    assert len(server.requests) == 1


@pytest.mark.parametrize("text", ["\ud800", "a\udfff"])
async def test_half_a_letter_is_our_mistake_and_is_not_sent(
    server: Server, db: SupabaseDatabase, text: str
) -> None:
    with pytest.raises(CallError, match="22021"):
        await db.call("echo", text=text)
    assert server.requests == []


async def test_a_server_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.database.supabase._CALL_SECONDS", 0.05)

    async def never(request: httpx.Request) -> httpx.Response:
        return await asyncio.Event().wait() or httpx.Response(200)

    db = SupabaseDatabase("https://x.test", KEY, transport=httpx.MockTransport(never))
    await db.connect()
    with pytest.raises(Unavailable, match=r"renew_leases: no answer from x\.test"):
        await db.call("renew_leases")
    await db.close()


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(540, text="<html>Project paused</html>"),
        httpx.Response(402, json={"message": "exceed_egress_quota"}),
        httpx.Response(200, text="<html>Sign in to this network</html>"),
        httpx.Response(302, headers={"location": "https://elsewhere.test/?key=1"}),
    ],
    ids=lambda answer: str(answer.status_code),
)
async def test_what_an_operator_has_to_repair_is_waited_for_at_once(
    server: Server, db: SupabaseDatabase, answer: httpx.Response
) -> None:
    server.answers = [answer]
    with pytest.raises(Unavailable):
        await db.call("renew_leases")
    assert len(server.requests) == 1


async def test_the_key_is_in_no_error_and_no_log(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    key = f"sb_secret_{'k' * 30}"
    db = SupabaseDatabase("https://x.test", key, transport=httpx.MockTransport(server))
    await db.connect()
    for answer in (
        httpx.ConnectError(f"[{key}] refused"),
        refusal(401, None, f"Invalid API key {key}"),
        refusal(403, "42501", "permission denied"),
        httpx.Response(540, text=key),
        httpx.Response(302, headers={"location": f"https://elsewhere.test/{key}"}),
    ):
        server.answers = [answer]
        with pytest.raises(CoreError) as told:
            await db.call("renew_leases")
        assert key not in repr(told.value)
        assert told.value.__suppress_context__
    await db.close()
    assert "Invalid API key" in caplog.text
    assert key not in caplog.text


async def test_no_notifications(db: SupabaseDatabase) -> None:
    async def first(listen: Callable[[str], AsyncIterator[str]]) -> str:
        return await anext(aiter(listen("turns")))

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(first(db.notifications), 0.05)
