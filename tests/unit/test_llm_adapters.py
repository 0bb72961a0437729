"""Both adapters over the real client library, against replies as real servers send them."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import pytest

from core.errors import Misconfigured
from core.llm import ChatMessage, Done, ModelRequest, Progress, Started, TextDelta
from core.llm.client import open_model
from core.llm.failures import CallFailed
from tests.unit.llm_server import (
    APIS,
    KEY,
    OPENAI,
    OTHER,
    USAGES,
    Prepared,
    cut,
    ending,
    hang,
    heard,
    loopback,
    piece,
    refusal,
    request,
    sse,
    whole,
)

both = pytest.mark.parametrize("api", APIS)


async def failed(model: Any, asked: ModelRequest | None = None) -> CallFailed:
    with pytest.raises(CallFailed) as caught:
        await heard(model, asked)
    return caught.value


@both
async def test_an_answer_streams_and_ends_with_its_usage(api: str) -> None:
    server = Prepared(whole(api, "При", "вет", usage=USAGES[api]))
    events = await heard(server.model(api))
    assert events[:-1] == [Started("req-7"), TextDelta("При"), TextDelta("вет")]
    done = events[-1]
    assert isinstance(done, Done)
    assert (done.text, done.finish, done.model, done.request_id) == (
        "Привет",
        "stop",
        "m-1",
        "req-7",
    )
    assert done.usage is not None
    assert (done.usage.prompt, done.usage.completion, done.usage.total) == (20, 5, 25)
    assert done.usage.raw == USAGES[api]


@both
async def test_an_answer_without_usage_is_still_an_answer(api: str) -> None:
    events = await heard(Prepared(whole(api, "да")).model(api))
    assert isinstance(events[-1], Done)
    assert events[-1].usage is None


@both
async def test_a_stream_that_merely_ends_is_cut(api: str) -> None:
    error = await failed(Prepared(piece(api, "Нача")).model(api))
    assert (error.outcome, error.code, error.rejected) == ("cut", "no_finish", None)


@both
async def test_an_empty_reply_is_cut(api: str) -> None:
    assert (await failed(Prepared(b"").model(api))).outcome == "cut"


@both
async def test_a_lost_connection_is_cut(api: str) -> None:
    async with loopback() as server:
        server.replies = [[piece(api, "Нача"), cut]]
        error = await failed(server.model(api))
    assert (error.outcome, error.code) == ("cut", "connection_lost")


@both
async def test_a_refused_connection_never_reached_the_server(api: str) -> None:
    async with loopback() as server:
        model = server.model(api)
    error = await failed(model)
    assert (error.outcome, error.code, error.spent) == ("failed", "connection", False)


@both
async def test_the_next_call_uses_the_same_connection(api: str) -> None:
    async with loopback() as server:
        server.replies = [[whole(api, "да", usage=USAGES[api])]]
        model = server.model(api)
        for _ in range(3):
            _ = [event async for event in model.stream(request())]
        await model.close()
    assert server.requests == 3
    assert len(server.connections) == 1


@both
async def test_leaving_early_closes_the_connection(api: str) -> None:
    async with loopback() as server:
        server.replies = [[piece(api, "а"), hang]]
        model = server.model(api)
        stream = model.stream(request())
        async for event in stream:
            if isinstance(event, TextDelta):
                break
        await stream.aclose()
        await server.left.wait()
        await model.close()


@both
@pytest.mark.parametrize(
    ("error", "rejected"),
    [
        ({"code": "server_error", "message": "boom"}, None),
        ({"code": "insufficient_quota", "message": "pay"}, "quota"),
        ({"code": 502, "message": "upstream"}, None),
        ({"code": 402, "message": "credits"}, "quota"),
        ("out of memory", None),
    ],
)
async def test_an_error_inside_the_stream(api: str, error: Any, rejected: str | None) -> None:
    got = await failed(Prepared(piece(api, "Нача") + sse({"error": error})).model(api))
    assert (got.outcome, got.rejected) == ("failed", rejected)
    assert got.spent


async def test_errors_of_responses_that_the_library_does_not_raise() -> None:
    flat = {"type": "error", "code": "rate_limit_exceeded", "message": "slow down", "param": None}
    assert (await failed(Prepared(sse(flat)).model("responses"))).code == "rate_limit_exceeded"
    response = {
        "status": "failed",
        "error": {"code": "invalid_prompt", "message": "no"},
        "usage": USAGES["responses"],
    }
    ended = sse({"type": "response.failed", "response": response})
    error = await failed(Prepared(ended).model("responses"))
    assert (error.code, error.rejected) == ("invalid_prompt", "request")
    assert error.usage is not None
    assert error.usage.total == 25


@pytest.mark.parametrize(
    ("reason", "finish"), [("max_output_tokens", "length"), ("content_filter", "filter")]
)
async def test_an_incomplete_response_says_why(reason: str, finish: str) -> None:
    response = {"status": "incomplete", "incomplete_details": {"reason": reason}}
    body = piece("responses", "Часть") + sse({"type": "response.incomplete", "response": response})
    done = (await heard(Prepared(body).model("responses")))[-1]
    assert isinstance(done, Done)
    assert (done.text, done.finish) == ("Часть", finish)


@pytest.mark.parametrize(
    ("reason", "finish"),
    [("length", "length"), ("content_filter", "filter"), ("tool_calls", "stop"), ("eos", "stop")],
)
async def test_reasons_to_finish_a_chat(reason: str, finish: str) -> None:
    choice = {"delta": {"content": "а"}, "finish_reason": reason}
    done = (await heard(Prepared(sse({"choices": [choice]})).model("chat")))[-1]
    assert isinstance(done, Done)
    assert done.finish == finish


async def test_a_server_that_names_no_reason_but_says_done_has_ended() -> None:
    done = (await heard(Prepared(piece("chat", "да") + sse("[DONE]")).model("chat")))[-1]
    assert isinstance(done, Done)
    assert (done.text, done.finish) == ("да", "stop")


@both
async def test_a_refusal_is_an_answer_that_a_filter_gave(api: str) -> None:
    if api == "chat":
        body = sse({"choices": [{"delta": {"refusal": "Не могу."}}]})
    else:
        body = sse({"type": "response.refusal.delta", "delta": "Не могу."})
    done = (await heard(Prepared(body + ending(api)).model(api)))[-1]
    assert isinstance(done, Done)
    assert (done.text, done.finish) == ("Не могу.", "filter")


@both
async def test_reasoning_is_heard_but_not_shown(api: str) -> None:
    if api == "chat":
        body = sse({"choices": [{"delta": {"content": "", "reasoning": "hm"}}]})
    else:
        body = sse({"type": "response.reasoning_text.delta", "delta": "hm"})
    events = await heard(Prepared(body + whole(api, "да")).model(api))
    assert events[1] == Progress()
    assert isinstance(events[-1], Done)
    assert events[-1].text == "да"


@both
@pytest.mark.parametrize(
    ("reply", "code", "rejected", "retry_after"),
    [
        (
            refusal(429, "rate_limit_exceeded", **{"retry-after": "7"}),
            "rate_limit_exceeded",
            None,
            7,
        ),
        (refusal(429, **{"retry-after-ms": "250"}), "http_429", None, 0.25),
        (refusal(429, **{"retry-after": "Sun, 06 Nov 1994 08:49:37 GMT"}), "http_429", None, 0),
        (refusal(429, **{"retry-after": "soon"}), "http_429", None, None),
        (refusal(429, "insufficient_quota"), "insufficient_quota", "quota", None),
        (refusal(402), "http_402", "quota", None),
        (refusal(400, "я хочу спать"), "http_400", "request", None),
        (refusal(400, "слова"), "http_400", "request", None),
        (refusal(401, "invalid_api_key"), "invalid_api_key", "key", None),
        (refusal(403), "http_403", "key", None),
        (refusal(404, "model_not_found"), "model_not_found", "model", None),
        (refusal(400, "context_length_exceeded"), "context_length_exceeded", "request", None),
        (refusal(413), "http_413", "request", None),
        (refusal(500), "http_500", None, None),
        (refusal(500, **{"x-should-retry": "false"}), "http_500", "request", None),
        (refusal(422, **{"x-should-retry": "true"}), "http_422", None, None),
        (httpx2.Response(503, text="<html>busy</html>"), "http_503", None, None),
    ],
)
async def test_what_a_status_means(
    api: str,
    reply: httpx2.Response,
    code: str,
    rejected: str | None,
    retry_after: float | None,
) -> None:
    server = Prepared(reply)
    error = await failed(server.model(api))
    assert (error.code, error.rejected, error.retry_after) == (code, rejected, retry_after)
    assert not error.spent
    assert len(server.asked) == 1


@both
async def test_a_key_in_a_complaint_is_masked(api: str) -> None:
    error = await failed(Prepared(refusal(401, message=f"Incorrect key {KEY}.")).model(api))
    assert KEY not in str(error)
    assert "Incorrect key" in error.detail


@both
@pytest.mark.parametrize(
    "body",
    [
        b"<html><body>Welcome</body></html>",
        b'{"error": {"message": "no such route", "code": 404}}',
        b'{"choices": null}',
        b'{"choices": [{"delta": null}]}',
        b"[]",
        b"data: <html>\n\n",
        b'data: {"choices": "?", "usage": "?", "response": []}\n\n',
    ],
)
async def test_nonsense_with_status_200_is_a_failure_like_any_other(api: str, body: bytes) -> None:
    error = await failed(Prepared(body).model(api))
    assert error.code != "protocol"  # the code for exceptions that nobody foresaw


async def test_a_server_that_does_not_stream_is_understood() -> None:
    chat = {"choices": [{"message": {"content": "Целиком"}, "finish_reason": "stop"}]}
    parts = [{"type": "output_text", "text": "Целиком"}]
    response = {
        "object": "response",
        "status": "completed",
        "output": [{"type": "reasoning"}, {"type": "message", "content": parts}],
    }
    for api, body in (("chat", chat), ("responses", response)):
        done = (await heard(Prepared(json.dumps(body).encode()).model(api)))[-1]
        assert isinstance(done, Done)
        assert done.text == "Целиком"


async def test_a_chat_server_that_never_closes_does_not_hold_the_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("core.llm.chat._TAIL_SECONDS", 0.05)
    finish = sse({"choices": [{"delta": {"content": "да"}, "finish_reason": "stop"}]})
    async with loopback() as server:
        server.replies = [[finish, hang]]
        done = (await heard(server.model("chat")))[-1]
    assert isinstance(done, Done)
    assert done.text == "да"


FULL = ModelRequest(
    "m-0",
    [
        ChatMessage("system", "persona", cache_point=True),
        ChatMessage("user", "раз"),
        ChatMessage("assistant", "два"),
        ChatMessage("system", "note"),
        ChatMessage("user", "три"),
    ],
    effort="low",
    max_output_tokens=100,
    safety_id="person",
)


async def test_what_openai_is_sent() -> None:
    server = Prepared(whole("responses", "да"))
    await heard(server.model("responses"), FULL)
    asked = server.asked[0]
    assert asked.pop("prompt_cache_key")
    cached = {
        "type": "input_text",
        "text": "persona",
        "prompt_cache_breakpoint": {"mode": "explicit"},
    }
    assert asked == {
        "model": "m-0",
        "stream": True,
        "store": False,
        "reasoning": {"effort": "low"},
        "max_output_tokens": 100,
        "safety_identifier": "person",
        "prompt_cache_options": {"mode": "explicit"},
        "stream_options": {"include_obfuscation": False},
        "input": [
            {"role": "developer", "content": [cached]},
            {"role": "user", "content": "раз"},
            {"role": "assistant", "content": "два"},
            {"role": "developer", "content": "note"},
            {"role": "user", "content": "три"},
        ],
    }

    server = Prepared(whole("chat", "да"))
    await heard(server.model("chat"), FULL)
    asked = server.asked[0]
    assert asked.pop("prompt_cache_key")
    roles = [message["role"] for message in asked.pop("messages")]
    assert roles == ["developer", "user", "assistant", "developer", "user"]
    assert asked == {
        "model": "m-0",
        "stream": True,
        "store": False,
        "reasoning_effort": "low",
        "max_completion_tokens": 100,
        "safety_identifier": "person",
        "stream_options": {"include_usage": True, "include_obfuscation": False},
    }


async def test_what_other_servers_are_sent() -> None:
    messages = [
        {"role": "system", "content": "persona"},
        {"role": "user", "content": "раз"},
        {"role": "assistant", "content": "два"},
        {"role": "user", "content": "note\n\nтри"},
    ]
    server = Prepared(whole("chat", "да"))
    await heard(server.model("chat", OTHER), FULL)
    assert server.asked[0] == {
        "model": "m-0",
        "stream": True,
        "messages": messages,
        "reasoning_effort": "low",
        "max_tokens": 100,
        "stream_options": {"include_usage": True},
    }
    server = Prepared(whole("responses", "да"))
    await heard(server.model("responses", OTHER), FULL)
    assert server.asked[0] == {
        "model": "m-0",
        "stream": True,
        "store": False,
        "input": messages,
        "reasoning": {"effort": "low"},
        "max_output_tokens": 100,
    }


async def test_effort_is_not_sent_when_nobody_chose_one() -> None:
    server = Prepared(whole("chat", "да"))
    await heard(server.model("chat", OTHER))
    assert "reasoning_effort" not in server.asked[0]


async def test_refused_parameters_are_left_out_once_and_for_all() -> None:
    server = Prepared(
        refusal(400, message="Unrecognized request argument supplied: reasoning_effort"),
        refusal(400, message="'max_tokens' is not supported, use 'max_completion_tokens'"),
        refusal(422, message="stream_options: Extra inputs are not permitted"),
        whole("chat", "да"),
    )
    model = server.model("chat", OTHER)
    for _ in range(2):
        events = [event async for event in model.stream(FULL)]
        assert isinstance(events[-1], Done)
    await model.close()
    assert len(server.asked) == 5
    for asked in server.asked[3:]:
        assert asked.keys() == {"model", "stream", "messages", "max_completion_tokens"}


async def test_what_one_model_refuses_another_may_take() -> None:
    server = Prepared(
        refusal(400, message="Unsupported parameter: 'reasoning.effort' with this model"),
        whole("responses", "да"),
    )
    model = server.model("responses")
    for name in ("m-0", "m-2"):
        _ = [e async for e in model.stream(ModelRequest(name, FULL.messages, effort="low"))]
    await model.close()
    assert ["reasoning" in asked for asked in server.asked] == [True, False, True]


@both
async def test_a_server_that_refuses_everything_is_asked_a_few_times_only(api: str) -> None:
    names = "reasoning_effort reasoning stream_options max_tokens max_completion_tokens "
    names += "max_output_tokens safety_identifier prompt_cache_key prompt_cache_options store"
    server = Prepared(refusal(400, message=f"Unknown parameters: {names}"))
    error = await failed(server.model(api), FULL)
    assert error.rejected == "request"
    assert len(server.asked) < 10
    # OpenAI may never be asked to keep a dialogue, whatever it says.
    assert all(asked["store"] is False for asked in server.asked)


def test_the_api_follows_from_the_address() -> None:
    def opened(api: Any, key: str | None, url: str | None) -> tuple[str, str]:
        model = open_model(api=api, api_key=key, base_url=url, connections=1)
        return model.api, model.provider

    assert opened("auto", KEY, None) == ("responses", "openai")
    assert opened("auto", KEY, "") == ("responses", "openai")
    assert opened("auto", KEY, OPENAI) == ("responses", "openai")
    assert opened("auto", None, OTHER) == ("chat", "models.example")
    assert opened("responses", None, OTHER) == ("responses", "models.example")
    assert opened("chat", KEY, None) == ("chat", "openai")
    # a look-alike is not OpenAI and gets no identifiers of people
    assert opened("auto", KEY, "https://api.openai.com.example/v1")[1] != "openai"


@pytest.mark.parametrize(("key", "url"), [(None, None), ("", OPENAI), (KEY, "localhost:11434")])
def test_settings_that_cannot_work_are_named(key: str | None, url: str | None) -> None:
    with pytest.raises(Misconfigured, match="OPENAI_"):
        open_model(api_key=key, base_url=url, connections=1)
