"""Every call leaves exactly one row, however it ends and whatever the database is doing."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import pytest

from core.errors import Conflict, ModelDown, Unavailable
from core.llm import (
    ChatMessage,
    Done,
    Event,
    ModelRequest,
    Picture,
    Progress,
    Started,
    TextDelta,
    Tool,
    ToolCall,
)
from core.llm.answering import Answer, Deadlines, answer
from core.llm.failures import CallFailed
from core.tokenscount import call_model_and_log_tokens, flush
from tests.unit.llm_server import (
    APIS,
    KEY,
    USAGES,
    FakeDatabase,
    Loopback,
    Prepared,
    cut,
    ending,
    hang,
    loopback,
    piece,
    refusal,
    silent,
    sse,
    whole,
)

both = pytest.mark.parametrize("api", APIS)
LAVISH = Deadlines(first_token=20, gap=20, total=60, tries=5, pause=0.001)
"""Never met by a server that works, however busy the machine is."""


@pytest.fixture
async def server() -> AsyncIterator[Loopback]:
    async with loopback() as running:
        yield running


async def ask(model: Any, db: FakeDatabase, **fields: Any) -> Done:
    arguments: dict[str, Any] = {
        "db": db,
        "client": model,
        "clientid": "u-1",
        "clienttype": "user",
        "provider": model.provider,
        "model": "m-0",
        "messages": [ChatMessage("system", "Be brief."), ChatMessage("user", "Привет, спутник")],
        "meta": {"module": "vision", "visionid": "v-1", "purpose": "dialogue"},
        "deadlines": LAVISH,
    }
    try:
        return await call_model_and_log_tokens(**{**arguments, **fields})
    finally:
        await model.close()


async def failed(model: Any, db: FakeDatabase, **fields: Any) -> CallFailed:
    with pytest.raises(CallFailed) as caught:
        await ask(model, db, **fields)
    return caught.value


@both
async def test_the_row_of_a_good_call(api: str) -> None:
    db, said = FakeDatabase(), list[str]()
    prepared = Prepared(whole(api, "При", "вет", usage=USAGES[api]))
    done = await ask(prepared.model(api), db, on_text=said.append, effort="low", attempt=3)
    assert said == ["При", "вет"]
    assert done.text == "Привет"
    (row,) = db.rows
    meta = row.pop("meta")
    assert len(row.pop("call_key")) == 32
    assert row == {
        "clientid": "u-1",
        "clienttype": "user",
        "provider": "openai",
        "model": "m-1",
        "prompttokens": 20,
        "completiontokens": 5,
        "totaltokens": 25,
        "rawusage": USAGES[api],
    }
    assert 0 <= meta.pop("ttft_ms") <= meta.pop("latency_ms")
    meta.pop("cache_write_tokens", None)
    assert meta == {
        "module": "vision",
        "visionid": "v-1",
        "purpose": "dialogue",
        "api": api,
        "attempt": 3,
        "effort": "low",
        "request_id": "req-7",
        "requested_model": "m-0",
        "outcome": "ok",
        "finish": "stop",
        "estimated": False,
        "cached_tokens": 16,
        "reasoning_tokens": 2,
    }


async def test_messages_may_be_plain_dicts() -> None:
    db = FakeDatabase()
    prepared = Prepared(whole("chat", "да"))
    messages = [{"role": "developer", "content": "A"}, {"role": "user", "content": "Б"}]
    await ask(prepared.model("chat"), db, messages=messages)
    assert [m["role"] for m in prepared.asked[0]["messages"]] == ["developer", "user"]
    for role in ("tool", "function"):
        with pytest.raises(ValueError, match=role):
            await ask(prepared.model("chat"), db, messages=[{"role": role, "content": "x"}])


SEARCH = Tool("search", "Finds.", {"type": "object", "properties": {}})


def called(api: str, name: str, usage: dict[str, Any] | None = None) -> bytes:
    """A whole answer that is one call and no words."""
    if api == "chat":
        function = {"name": name, "arguments": "{}"}
        calls = [{"index": 0, "id": "c1", "function": function}]
        return sse({"choices": [{"delta": {"tool_calls": calls}}]}) + ending(api, usage)
    item = {"type": "function_call", "call_id": "c1", "name": name, "arguments": "{}"}
    response = {"status": "completed", "model": "m-1", "output": [item], "usage": usage}
    return sse({"type": "response.completed", "response": response})


@both
async def test_a_call_of_a_tool_is_an_answer_without_words(api: str) -> None:
    db = FakeDatabase()
    prepared = Prepared(called(api, "search", USAGES[api]))
    done = await ask(prepared.model(api), db, tools=[SEARCH])
    assert (done.text, done.tool_calls) == ("", (ToolCall("c1", "search", "{}"),))
    (row,) = db.rows
    assert (row["meta"]["tools"], row["meta"]["finish"]) == (["search"], "tools")
    assert "pictures" not in row["meta"]
    assert row["totaltokens"] == 25


@both
async def test_the_row_holds_no_more_of_a_name_than_a_name(api: str) -> None:
    db = FakeDatabase()
    await ask(Prepared(called(api, "выдумка" * 500)).model(api), db, tools=[SEARCH])
    (name,) = db.rows[0]["meta"]["tools"]
    assert len(name) <= 64


async def test_results_of_tools_may_be_plain_dicts() -> None:
    prepared = Prepared(whole("chat", "да"))
    messages = [
        ChatMessage("assistant", "", tool_calls=(ToolCall("c1", "search", "{}"),)),
        {"role": "tool", "content": "нашлось", "tool_call_id": "c1"},
    ]
    await ask(prepared.model("chat"), FakeDatabase(), messages=messages)
    result = prepared.asked[0]["messages"][1]
    assert result == {"role": "tool", "content": "нашлось", "tool_call_id": "c1"}


@both
async def test_pictures_and_tools_are_estimated_too(api: str) -> None:
    plain, rich = FakeDatabase(), FakeDatabase()
    await ask(Prepared(called(api, "search")).model(api), plain)
    photo = Picture(b"\xff" * 3_000_000)
    messages = [
        ChatMessage("system", "Be brief."),
        ChatMessage("user", "Привет, спутник", pictures=(photo, photo)),
    ]
    fields: dict[str, Any] = {"messages": messages, "tools": [SEARCH]}
    await ask(Prepared(called(api, "search")).model(api), rich, **fields)
    (before,), (after,) = plain.rows, rich.rows
    # a photo costs by its pixels, never by its bytes
    assert 2000 < after["prompttokens"] - before["prompttokens"] < 4000
    assert after["completiontokens"] == before["completiontokens"] > 0
    assert after["meta"]["pictures"] == 2
    assert len(json.dumps(after)) < 2000


@both
async def test_silent_servers_are_counted_by_length(api: str) -> None:
    db = FakeDatabase()
    await ask(Prepared(whole(api, "ответ из 20 знаков!!")).model(api), db)
    (row,) = db.rows
    assert (row["prompttokens"], row["completiontokens"], row["totaltokens"]) == (8, 7, 15)
    assert row["rawusage"] == {}
    assert row["meta"]["estimated"] is True


@both
async def test_a_cut_stream_costs_what_was_heard(api: str, server: Loopback) -> None:
    db = FakeDatabase()
    server.replies = [[piece(api, "шесть6"), cut]]
    await failed(server.model(api), db)
    (row,) = db.rows
    assert row["meta"]["outcome"] == "cut"
    assert (row["prompttokens"], row["completiontokens"]) == (8, 2)
    assert row["model"] == "m-0"


class Hangs:
    """Says its events at once, and then nothing for ever."""

    provider = "openai"
    api = "chat"

    def __init__(self, *events: Event) -> None:
        self._events = events
        self.closed = False

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Event, None]:
        try:
            for event in self._events:
                yield event
            await asyncio.Event().wait()
        finally:
            self.closed = True

    async def close(self) -> None: ...


@pytest.mark.parametrize(
    ("events", "code", "tokens"),
    [
        ([], "first_token", 0),
        ([Started("r")], "first_token", 8),
        ([Started("r"), Progress()], "first_token", 8),
        ([Started("r"), TextDelta("шесть6")], "gap", 10),
        ([Started("r"), Progress(), TextDelta("шесть6")], "gap", 10),
    ],
)
async def test_the_first_token_and_every_gap_have_their_deadline(
    events: list[Event], code: str, tokens: int
) -> None:
    db, model = FakeDatabase(), Hangs(*events)
    error = await failed(model, db, deadlines=Deadlines(first_token=0.05, gap=0.05))
    assert (error.outcome, error.code) == ("timeout", code)
    (row,) = db.rows
    assert (row["meta"]["outcome"], row["meta"]["error_code"]) == ("timeout", code)
    assert row["totaltokens"] == tokens
    assert model.closed


@both
async def test_a_server_that_answers_nothing_is_hung_up_on(api: str, server: Loopback) -> None:
    server.replies = [[silent]]
    deadlines = Deadlines(first_token=0.5)
    error = await failed(server.model(api), FakeDatabase(), deadlines=deadlines)
    assert error.outcome == "timeout"
    if server.requests:
        await asyncio.wait_for(server.left.wait(), 10)


@both
async def test_words_that_keep_coming_meet_the_total_only(api: str, server: Loopback) -> None:
    async def endlessly(request: Any, response: Any) -> None:
        while True:
            await response.write(piece(api, "а"))
            await asyncio.sleep(0.01)

    server.replies = [[endlessly]]
    db = FakeDatabase()
    error = await failed(server.model(api), db, seconds=0.3)
    assert (error.outcome, error.code) == ("timeout", "total")
    assert db.rows[0]["meta"]["outcome"] == "timeout"


async def test_a_model_that_reasons_aloud_is_not_taken_for_dead() -> None:
    class Reasons(Hangs):
        async def stream(self, request: ModelRequest) -> AsyncGenerator[Event, None]:
            for _ in range(12):
                yield Progress()
                await asyncio.sleep(0.1)
            yield Done("да", (), None, "stop", "m-1", None)

    deadlines = replace(LAVISH, first_token=1)
    assert (await ask(Reasons(), FakeDatabase(), deadlines=deadlines)).text == "да"


@both
async def test_a_stopped_call_is_counted_and_hangs_up(api: str, server: Loopback) -> None:
    db = FakeDatabase()
    server.replies = [[piece(api, "шесть6"), hang]]
    heard = asyncio.Event()
    task = asyncio.create_task(ask(server.model(api), db, on_text=lambda _: heard.set()))
    await heard.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    (row,) = db.rows
    assert row["meta"]["outcome"] == "stopped"
    assert row["totaltokens"] == 10
    assert "error_code" not in row["meta"]
    await asyncio.wait_for(server.left.wait(), 10)


@both
async def test_a_refused_call_has_a_row_and_costs_nothing(api: str) -> None:
    db = FakeDatabase()
    await failed(Prepared(refusal(429, "insufficient_quota")).model(api), db)
    (row,) = db.rows
    assert row["totaltokens"] == 0
    assert row["meta"]["outcome"] == "failed"
    assert row["meta"]["error_code"] == "insufficient_quota"
    assert row["meta"]["estimated"] is False


@both
async def test_a_call_that_reached_nobody_has_a_row(api: str) -> None:
    async with loopback() as gone:
        model = gone.model(api)
    db = FakeDatabase()
    await failed(model, db)
    (row,) = db.rows
    assert (row["meta"]["error_code"], row["totaltokens"]) == ("connection", 0)


async def test_usage_of_a_failed_response_is_counted() -> None:
    response = {"status": "failed", "error": {"code": "x"}, "usage": USAGES["responses"]}
    db = FakeDatabase()
    body = sse({"type": "response.failed", "response": response})
    await failed(Prepared(body).model("responses"), db)
    assert db.rows[0]["totaltokens"] == 25


@both
async def test_an_empty_answer_is_a_failed_call_that_was_paid_for(api: str) -> None:
    db = FakeDatabase()
    error = await failed(Prepared(whole(api, "\n", usage=USAGES[api])).model(api), db)
    assert error.code == "empty_answer"
    assert db.rows[0]["totaltokens"] == 25
    assert db.rows[0]["meta"]["outcome"] == "failed"


async def test_a_bug_in_the_listener_is_counted_and_seen() -> None:
    def listener(_: str) -> None:
        raise KeyError("bug")

    db = FakeDatabase()
    with pytest.raises(KeyError):
        await ask(Prepared(whole("chat", "да")).model("chat"), db, on_text=listener)
    assert db.rows[0]["meta"]["error_code"] == "KeyError"


# The whole way: retries over real calls, one row for each.


async def answered(model: Any, db: FakeDatabase, deadlines: Deadlines = LAVISH) -> Answer:
    async def call(on_text: Callable[[str], None], attempt: int, seconds: float) -> Done:
        return await call_model_and_log_tokens(
            db=db,
            client=model,
            clientid="u-1",
            clienttype="user",
            provider=model.provider,
            model="m-0",
            messages=[{"role": "user", "content": "Привет"}],
            meta={},
            on_text=on_text,
            attempt=attempt,
            deadlines=deadlines,
            seconds=seconds,
        )

    try:
        return await answer(call, deadlines)
    finally:
        await model.close()


@both
async def test_five_bad_tries_are_five_rows_and_the_longest_text(
    api: str, server: Loopback
) -> None:
    server.replies = [
        [piece(api, "Раз"), cut],
        [piece(api, "Раз, два"), hang],
        [piece(api, "Раз, д"), cut],
        [sse({"error": {"code": "server_error", "message": "x"}})],
        [whole(api, " ", usage=USAGES[api])],
    ]
    db = FakeDatabase()
    got = await answered(server.model(api), db, replace(LAVISH, gap=0.5))
    assert (got.text, got.finished, got.tries) == ("Раз, два", False, 5)
    assert [row["meta"]["attempt"] for row in db.rows] == [1, 2, 3, 4, 5]
    assert [row["meta"]["outcome"] for row in db.rows] == [
        "cut",
        "timeout",
        "cut",
        "failed",
        "failed",
    ]
    assert len({row["call_key"] for row in db.rows}) == 5


@both
async def test_a_rate_limit_and_a_cut_are_got_over(api: str) -> None:
    db = FakeDatabase()
    prepared = Prepared(
        refusal(429, "rate_limit_exceeded", **{"retry-after-ms": "5"}),
        piece(api, "нача"),
        whole(api, "начало и конец", usage=USAGES[api]),
    )
    got = await answered(prepared.model(api), db)
    assert (got.text, got.finished, got.tries) == ("начало и конец", True, 3)
    assert [row["totaltokens"] > 0 for row in db.rows] == [False, True, True]


async def test_a_call_being_written_is_a_sign_of_life_and_then_meets_the_deadline(
    server: Loopback,
) -> None:
    kind = "response.function_call_arguments.delta"
    server.replies = [[sse({"type": kind, "delta": "{"}), hang]]
    db = FakeDatabase()
    deadlines = replace(LAVISH, first_token=0.5)
    error = await failed(server.model("responses"), db, tools=[SEARCH], deadlines=deadlines)
    assert (error.outcome, error.code) == ("timeout", "first_token")
    assert db.rows[0]["meta"]["ttft_ms"] >= 0


async def test_a_server_that_hangs_is_given_up_within_the_total(server: Loopback) -> None:
    server.replies = [[silent]]
    db = FakeDatabase()
    deadlines = Deadlines(first_token=0.1, gap=0.1, total=0.5, tries=100, pause=0.001)
    with pytest.raises(ModelDown):
        await answered(server.model("chat"), db, deadlines)
    assert 0 < len(db.rows) < 100


# The database is not well.


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses between the tries to write a row take one turn of the loop."""
    sleep = asyncio.sleep
    monkeypatch.setattr(asyncio, "sleep", lambda _seconds: sleep(0))


@pytest.mark.usefixtures("no_waiting")
async def test_a_database_that_is_away_delays_the_row_and_not_the_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("core.tokenscount.rows._PATIENCE_SECONDS", 0)
    db = FakeDatabase(Unavailable("away"), Unavailable("away"))
    done = await ask(Prepared(whole("chat", "да")).model("chat"), db)
    assert done.text == "да"
    await flush(10)
    assert len(db.rows) == 1
    assert len(db.keys) == 3
    assert len(set(db.keys)) == 1


async def test_a_database_that_hangs_does_not_hold_the_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("core.tokenscount.rows._PATIENCE_SECONDS", 0.05)
    gate = asyncio.Event()
    db = FakeDatabase(gate=gate)
    done = await ask(Prepared(whole("chat", "да")).model("chat"), db)
    assert done.text == "да"
    gate.set()
    await flush(10)
    assert len(db.rows) == 1


@pytest.mark.usefixtures("no_waiting")
async def test_a_row_that_never_gets_in_is_given_up_aloud(
    caplog: pytest.LogCaptureFixture,
) -> None:
    db = FakeDatabase(*[Unavailable("away")] * 50)
    done = await ask(Prepared(whole("chat", "да")).model("chat"), db)
    await flush(10)
    assert done.text == "да"
    assert 1 < len(db.keys) < 50
    assert "token row lost" in caplog.text
    assert "u-1" not in caplog.text


async def test_a_row_the_database_refuses_does_not_cost_the_answer(
    caplog: pytest.LogCaptureFixture,
) -> None:
    db = FakeDatabase(Conflict("no"))
    done = await ask(Prepared(whole("chat", "да")).model("chat"), db)
    assert done.text == "да"
    assert len(db.keys) == 1
    assert "token row refused" in caplog.text


async def test_stopping_while_the_row_is_written_still_writes_it() -> None:
    gate = asyncio.Event()
    db = FakeDatabase(gate=gate)
    task = asyncio.create_task(ask(Prepared(whole("chat", "да")).model("chat"), db))
    await db.called.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    gate.set()
    await flush(10)
    assert db.rows[0]["meta"]["outcome"] == "ok"


async def test_rows_that_flush_cannot_wait_for_are_reported(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.tokenscount.rows._PATIENCE_SECONDS", 0)
    db = FakeDatabase(gate=asyncio.Event())
    await ask(Prepared(whole("chat", "да")).model("chat"), db)
    await flush(0.01)
    assert "1 token rows were not written" in caplog.text


# Logs.


async def test_the_log_tells_figures_and_no_words(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    secret = "тайна " * 50
    prepared = Prepared(whole("responses", "ответ-тайна", usage=USAGES["responses"]))
    messages = [{"role": "user", "content": secret}]
    await ask(prepared.model("responses"), FakeDatabase(), messages=messages)
    await failed(
        Prepared(refusal(401, message=f"bad {KEY}")).model("chat"),
        FakeDatabase(),
        messages=messages,
    )
    assert "purpose=dialogue model=m-1 outcome=ok" in caplog.text
    assert "tokens=20+5" in caplog.text
    assert "outcome=failed code=http_401" in caplog.text
    photo = Picture(b"\0\1\2\3\4\5" * 5000)
    await failed(
        Prepared(refusal(400, message=f"bad data:image/jpeg;base64,{'AAECAwQF' * 9}")).model(
            "chat"
        ),
        FakeDatabase(),
        messages=[ChatMessage("user", secret, pictures=(photo,))],
    )
    assert "AAECAwQF" not in caplog.text
    assert "тайна" not in caplog.text
    assert KEY not in caplog.text


@both
@pytest.mark.parametrize(
    ("called", "told"),
    [
        ("openai/gpt-5.2:free", "openai/gpt-5.2:free"),
        ("m\nINFO core.app: all is well", "m-0"),
        ("m" * 5000, "m-0"),
    ],
)
async def test_only_a_name_is_told_as_the_model(
    caplog: pytest.LogCaptureFixture, api: str, called: str, told: str
) -> None:
    caplog.set_level(logging.INFO)
    prepared = Prepared(whole(api, "да").replace(b'"m-1"', json.dumps(called).encode()))
    db = FakeDatabase()
    await ask(prepared.model(api), db)
    assert db.rows[0]["model"] == called
    [line] = [record for record in caplog.records if record.getMessage().startswith("model call")]
    assert line.__dict__["fields"]["model"] == told
    assert f" model={told} " in line.getMessage()


async def test_even_at_debug_only_the_beginning_of_the_prompt_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    words = "начало\n" + "x" * 80 + "конец"
    messages = [{"role": "user", "content": words}, {"role": "system", "content": "note-note"}]
    prepared = Prepared(whole("chat", "слово-ответ") + ending("chat"))
    await ask(prepared.model("chat"), FakeDatabase(), messages=messages)
    assert "начало\\nxxx" in caplog.text
    for hidden in ("конец", "note-note", "слово-ответ", KEY):
        assert hidden not in caplog.text
