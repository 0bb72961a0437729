"""The transport over REST, against scripted answers of the server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from core.database.failures import CallError
from core.database.supabase import SupabaseDatabase
from core.errors import Conflict, Misconfigured, Unavailable

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
    body = {"message": message, "details": "Key (x)=(secret)", "hint": None}
    return httpx.Response(status, json=body if code is None else {"code": code, **body})


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
async def db(server: Server) -> AsyncIterator[SupabaseDatabase]:
    transport = httpx.MockTransport(server)
    database = SupabaseDatabase("http://127.0.0.1:1", KEY, transport=transport)
    await database.open()
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
        (refusal(400, "22P02", "invalid input syntax: secret"), CallError),
    ],
)
async def test_a_final_answer_is_not_asked_for_twice(
    server: Server, db: SupabaseDatabase, answer: httpx.Response, error: type[Exception]
) -> None:
    server.answers = [answer]
    with pytest.raises(error) as told:
        await db.call("get_vision", user_id="1")
    assert "secret" not in str(told.value).replace("SUPABASE_SECRET_KEY", "").lower()
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
    with pytest.raises(Unavailable, match="renew_leases: ConnectTimeout"):
        await db.call("renew_leases")
    assert len(server.requests) == 3


@pytest.mark.parametrize("name", ["../auth", "a/b", "Upper", "a?b"])
async def test_names_are_not_a_way_in(server: Server, db: SupabaseDatabase, name: str) -> None:
    with pytest.raises(ValueError, match="not a name"):
        await db.call(name)
    assert server.requests == []


@pytest.mark.parametrize(("url", "key"), [("supabase.test", KEY), ("https://x.test", "")])
async def test_settings_that_can_not_work(url: str, key: str) -> None:
    with pytest.raises(Misconfigured, match="SUPABASE_URL or SUPABASE_SECRET_KEY"):
        await SupabaseDatabase(url, key).open()


async def test_no_notifications_and_no_waiting_for_locks(db: SupabaseDatabase) -> None:
    async def first(listen: Callable[[str], AsyncIterator[str]]) -> str:
        return await anext(aiter(listen("turns")))

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(first(db.notifications), 0.05)
    async with db.exclusive("bot"), db.exclusive("bot"):
        pass
