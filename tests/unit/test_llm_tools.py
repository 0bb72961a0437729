"""The tool loop over both APIs: what servers are sent, and what is made of what they say."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.llm import ChatMessage, Done, ModelRequest, Progress, TextDelta, Tool, ToolCall
from core.llm.failures import CallFailed
from core.llm.toolcalls import FragmentedCalls, calls_of_items
from tests.unit.llm_server import (
    APIS,
    OTHER,
    USAGES,
    Prepared,
    ending,
    heard,
    loopback,
    piece,
    refusal,
    sse,
    whole,
)

both = pytest.mark.parametrize("api", APIS)
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
WEATHER = Tool("weather", "What it is like outside.", SCHEMA)
TIME = Tool("time", "What the clock says.", SCHEMA)
QUESTION = [ChatMessage("system", "Be brief."), ChatMessage("user", "Как там?")]
ASKED = ModelRequest("m-0", QUESTION, tools=(WEATHER, TIME))
OMSK, TOMSK = '{"city": "Омск"}', '{"city": "Томск"}'
CALLS = (ToolCall("call_1", "weather", OMSK), ToolCall("call_2", "time", TOMSK))
THOUGHT = {"id": "rs_1", "type": "reasoning", "summary": [], "encrypted_content": "gAAA"}


def fragment(index: int, arguments: str, **fields: Any) -> dict[str, Any]:
    function = {k: v for k, v in fields.items() if k == "name"} | {"arguments": arguments}
    rest = {k: v for k, v in fields.items() if k != "name"}
    return {"index": index, **rest, "function": function}


def delta(*fragments: dict[str, Any], **fields: Any) -> bytes:
    return sse({"choices": [{"index": 0, "delta": {"tool_calls": list(fragments), **fields}}]})


def item(call: ToolCall, number: int) -> dict[str, Any]:
    named = {"call_id": call.id, "name": call.name, "arguments": call.arguments}
    return {"type": "function_call", "id": f"fc_{number}", "status": "completed", **named}


ITEMS = [THOUGHT, item(CALLS[0], 1), item(CALLS[1], 2)]


def calling(api: str, *, repeated: bool = True) -> bytes:
    """Two parallel calls in pieces, as OpenAI streams them."""
    if api == "chat":
        return (
            delta(fragment(0, "", id="call_1", type="function", name="weather"))
            + delta(fragment(0, OMSK[:5]))
            + delta(fragment(1, TOMSK[:7], id="call_2", type="function", name="time"))
            + delta(fragment(0, OMSK[5:]), fragment(1, TOMSK[7:]))
            + ending(api, USAGES[api])
        )
    stream = b""
    for number, told in enumerate(ITEMS):
        if told["type"] == "function_call":
            for said in (told["arguments"][:5], told["arguments"][5:]):
                kind = "response.function_call_arguments.delta"
                stream += sse({"type": kind, "output_index": number, "delta": said})
        stream += sse({"type": "response.output_item.done", "output_index": number, "item": told})
    response = {"status": "completed", "model": "m-1", "usage": USAGES[api]}
    output = {"output": ITEMS} if repeated else {}
    return stream + sse({"type": "response.completed", "response": {**response, **output}})


def loop(done: Done) -> ModelRequest:
    """The next round, as whoever runs the tools asks for it."""
    results = [ChatMessage("tool", f"{c.name} ok", tool_call_id=c.id) for c in done.tool_calls]
    said = ChatMessage("assistant", done.text, tool_calls=done.tool_calls, items=done.items)
    return ModelRequest("m-0", [*QUESTION, said, *results], tools=ASKED.tools)


async def done_of(server: Prepared, api: str, url: str | None, asked: ModelRequest) -> Done:
    done = (await heard(server.model(api, url), asked))[-1]
    assert isinstance(done, Done)
    return done


@both
@pytest.mark.parametrize("url", [None, OTHER])
async def test_two_calls_in_pieces_go_out_and_their_results_come_back(
    api: str, url: str | None
) -> None:
    events = await heard(Prepared(calling(api)).model(api, url), ASKED)
    assert Progress() in events[1:-1]
    assert not any(isinstance(event, TextDelta) for event in events)
    done = events[-1]
    assert isinstance(done, Done)
    assert (done.text, done.finish, done.tool_calls) == ("", "tools", CALLS)
    assert done.usage is not None

    server = Prepared(whole(api, "Дождь."))
    assert (await done_of(server, api, url, loop(done))).text == "Дождь."
    if api == "chat":
        calls = [
            {"id": c.id, "type": "function", "function": {"name": c.name, "arguments": c.arguments}}
            for c in CALLS
        ]
        assert server.asked[0]["messages"][2:] == [
            {"role": "assistant", "content": "", "tool_calls": calls},
            {"role": "tool", "tool_call_id": "call_1", "content": "weather ok"},
            {"role": "tool", "tool_call_id": "call_2", "content": "time ok"},
        ]
    else:
        assert server.asked[0]["input"][2:] == [
            *ITEMS,
            {"type": "function_call_output", "call_id": "call_1", "output": "weather ok"},
            {"type": "function_call_output", "call_id": "call_2", "output": "time ok"},
        ]


async def test_how_tools_are_told_of() -> None:
    function = {"name": "weather", "description": "What it is like outside.", "parameters": SCHEMA}
    for url in (None, OTHER):
        server = Prepared(whole("chat", "да"))
        await done_of(server, "chat", url, ASKED)
        told = server.asked[0]
        assert told["tools"][0] == {"type": "function", "function": {**function, "strict": True}}
        assert told["parallel_tool_calls"] is False
        # its newer models refuse tools in this API while they reason
        assert told.get("reasoning_effort") == ("none" if url is None else None)
        server = Prepared(whole("responses", "да"))
        await done_of(server, "responses", url, ASKED)
        told = server.asked[0]
        assert told["tools"][0] == {"type": "function", **function, "strict": True}
        assert told["parallel_tool_calls"] is False
        assert told.get("include") == (["reasoning.encrypted_content"] if url is None else None)


@both
async def test_without_tools_nothing_of_them_is_sent(api: str) -> None:
    server = Prepared(whole(api, "да"))
    await done_of(server, api, None, ModelRequest("m-0", QUESTION))
    unwanted = {"tools", "parallel_tool_calls", "include", "reasoning_effort"}
    assert not unwanted & server.asked[0].keys()


async def test_a_terminal_event_need_not_repeat_the_calls() -> None:
    done = await done_of(Prepared(calling("responses", repeated=False)), "responses", None, ASKED)
    assert done.tool_calls == CALLS
    assert list(done.items) == ITEMS


async def test_a_terminal_event_may_be_all_there_is() -> None:
    response = {"object": "response", "status": "completed", "output": ITEMS}
    done = await done_of(Prepared(json.dumps(response).encode()), "responses", OTHER, ASKED)
    assert (done.tool_calls, done.finish) == (CALLS, "tools")


async def test_thoughts_that_the_server_kept_are_not_handed_back() -> None:
    output = [{**THOUGHT, "encrypted_content": None}, item(CALLS[0], 1)]
    done = Done("", CALLS[:1], None, "tools", "m-1", None, tuple(output))
    server = Prepared(whole("responses", "да"))
    await done_of(server, "responses", None, loop(done))
    untied = {name: value for name, value in item(CALLS[0], 1).items() if name != "id"}
    assert server.asked[0]["input"][2] == untied


async def test_a_call_without_items_is_put_into_the_words_of_the_api() -> None:
    said = ChatMessage("assistant", "Смотрю.", tool_calls=CALLS[:1])
    asked = ModelRequest("m-0", [*QUESTION, said], tools=ASKED.tools)
    server = Prepared(whole("responses", "да"))
    await done_of(server, "responses", None, asked)
    assert server.asked[0]["input"][2:] == [
        {"role": "assistant", "content": "Смотрю."},
        {"type": "function_call", "call_id": "call_1", "name": "weather", "arguments": OMSK},
    ]


@both
async def test_words_before_a_call_are_kept(api: str) -> None:
    done = await done_of(Prepared(piece(api, "Смотрю.") + calling(api)), api, None, ASKED)
    assert (done.text, done.finish, len(done.tool_calls)) == ("Смотрю.", "tools", 2)


@both
async def test_a_call_cut_by_the_length_limit_says_so(api: str) -> None:
    if api == "chat":
        cut = {"choices": [{"delta": {}, "finish_reason": "length"}]}
        body = delta(fragment(0, '{"ci', id="a", name="weather")) + sse(cut)
    else:
        told = {**item(CALLS[0], 1), "arguments": '{"ci', "status": "incomplete"}
        response = {"status": "incomplete", "output": [told]}
        body = sse({"type": "response.incomplete", "response": response})
    done = await done_of(Prepared(body), api, None, ASKED)
    assert (done.finish, done.tool_calls[0].arguments) == ("length", '{"ci')


@both
async def test_a_stream_cut_within_a_call_is_cut(api: str) -> None:
    if api == "chat":
        body = delta(fragment(0, '{"ci', id="a", name="weather"))
    else:
        body = sse({"type": "response.function_call_arguments.delta", "delta": '{"ci'})
    with pytest.raises(CallFailed) as caught:
        await heard(Prepared(body).model(api), ASKED)
    assert caught.value.outcome == "cut"


# Accents of servers.


async def chat_calls(*stream: bytes) -> Done:
    return await done_of(Prepared(b"".join(stream) + ending("chat")), "chat", OTHER, ASKED)


async def test_a_call_without_an_id_gets_one_for_the_whole_loop() -> None:
    done = await chat_calls(delta(fragment(0, OMSK, name="weather")))
    (call,) = done.tool_calls
    assert len(call.id) == 9  # what the templates of Mistral insist on
    assert call.id.isalnum()
    server = Prepared(whole("chat", "да"))
    await done_of(server, "chat", OTHER, loop(done))
    said, result = server.asked[0]["messages"][-2:]
    assert said["tool_calls"][0]["id"] == result["tool_call_id"] == call.id

    nameless = {k: v for k, v in item(CALLS[0], 1).items() if k not in {"id", "call_id"}}
    calls, kept = calls_of_items([nameless])
    assert kept[0]["call_id"] == calls[0].id != ""


@pytest.mark.parametrize(
    "fragments",
    [
        # every call whole, numbered alike, not at all, or named alike
        [fragment(0, OMSK, id="a", name="weather"), fragment(0, TOMSK, id="b", name="time")],
        [
            {"function": {"name": "weather", "arguments": OMSK}},
            {"function": {"name": "time", "arguments": TOMSK}},
        ],
        [fragment(0, OMSK, id="a", name="weather"), fragment(1, TOMSK, id="a", name="time")],
        # id and name with every fragment
        [
            fragment(0, OMSK[:4], id="a", name="weather"),
            fragment(0, OMSK[4:], id="a", name="weather"),
            fragment(1, TOMSK, id="b", name="time"),
        ],
        # neither numbers nor ids after the first fragment
        [
            {"id": "a", "function": {"name": "weather", "arguments": OMSK[:4]}},
            {"function": {"arguments": OMSK[4:]}},
            {"id": "b", "function": {"name": "time", "arguments": TOMSK}},
        ],
        # objects instead of text; a call of nothing
        [
            {"id": "a", "function": {"name": "weather", "arguments": json.loads(OMSK)}},
            {"id": "c", "function": {"name": None, "arguments": None}},
            {"id": "b", "function": {"name": "time", "arguments": TOMSK}},
        ],
    ],
)
async def test_calls_are_told_apart_however_they_are_numbered(
    fragments: list[dict[str, Any]],
) -> None:
    done = await chat_calls(*map(delta, fragments))
    assert [(c.name, json.loads(c.arguments)) for c in done.tool_calls] == [
        ("weather", json.loads(OMSK)),
        ("time", json.loads(TOMSK)),
    ]
    assert len({call.id for call in done.tool_calls}) == 2


async def test_a_whole_message_in_place_of_pieces() -> None:
    calls = [{"id": "a", "function": {"name": "weather", "arguments": OMSK}}]
    choice = {"message": {"content": None, "tool_calls": calls}, "finish_reason": "stop"}
    server = Prepared(json.dumps({"choices": [choice]}).encode())
    done = await done_of(server, "chat", OTHER, ASKED)
    assert (done.tool_calls, done.finish) == ((ToolCall("a", "weather", OMSK),), "tools")


async def test_no_arguments_are_an_empty_object() -> None:
    done = await chat_calls(delta({"id": "a", "function": {"name": "time"}}))
    assert done.tool_calls == (ToolCall("a", "time", "{}"),)
    calls, _ = calls_of_items([{**item(CALLS[0], 1), "arguments": ""}])
    assert calls[0].arguments == "{}"


@both
async def test_broken_arguments_are_told_but_not_handed_back(api: str) -> None:
    broken = ToolCall("call_1", "weather", '{"city": ')
    if api == "chat":
        body = delta(fragment(0, broken.arguments, id=broken.id, name=broken.name)) + ending(api)
    else:
        response = {"status": "completed", "output": [item(broken, 1)]}
        body = sse({"type": "response.completed", "response": response})
    done = await done_of(Prepared(body), api, OTHER, ASKED)
    assert done.tool_calls == (broken,)
    server = Prepared(whole(api, "да"))
    await done_of(server, api, OTHER, loop(done))
    if api == "chat":
        back = server.asked[0]["messages"][2]["tool_calls"][0]["function"]
    else:
        back = server.asked[0]["input"][2]
    assert (back["name"], back["arguments"]) == ("weather", "{}")


async def test_what_servers_need_back_is_handed_back() -> None:
    signed = {"extra_content": {"google": {"thought_signature": "c2ln"}}}
    done = await chat_calls(
        sse({"choices": [{"delta": {"reasoning_content": "Надо "}}]}),
        sse({"choices": [{"delta": {"reasoning_content": "взглянуть."}}]}),
        sse({"choices": [{"delta": {"reasoning_details": [{"type": "reasoning.text"}]}}]}),
        delta(fragment(0, OMSK, id="a", name="weather", **signed)),
    )
    assert done.text == ""
    server = Prepared(whole("chat", "да"))
    await done_of(server, "chat", OTHER, loop(done))
    said = server.asked[0]["messages"][2]
    assert said["reasoning_content"] == "Надо взглянуть."
    assert said["reasoning_details"] == [{"type": "reasoning.text"}]
    assert said["tool_calls"][0]["extra_content"] == signed["extra_content"]


pieces = st.lists(st.text(min_size=1, max_size=5), min_size=1, max_size=4)


@given(st.data(), st.lists(pieces, min_size=1, max_size=4), st.booleans())
def test_fragments_make_the_same_calls_in_any_order_of_arrival(
    data: st.DataObject, written: list[list[str]], ids: bool
) -> None:
    queues = [list(parts) for parts in written]
    reading, begun = FragmentedCalls(), set[int]()
    while any(queues):
        index = data.draw(st.sampled_from([n for n, queue in enumerate(queues) if queue]))
        first = {} if index in begun else {"name": f"tool_{index}"}
        if ids and first:
            first["id"] = f"id_{index}"
        begun.add(index)
        reading.add(fragment(index, queues[index].pop(0), **first))
    calls, repeated = reading.ended()
    expected = {f"tool_{n}": "".join(p).replace("\0", "") for n, p in enumerate(written)}
    assert {call.name: call.arguments for call in calls} == {
        name: arguments if arguments.strip() else "{}" for name, arguments in expected.items()
    }
    assert len({call.id for call in calls}) == len(written)
    assert [told["id"] for told in repeated] == [call.id for call in calls]


# Refusals.


@both
@pytest.mark.parametrize(
    "reply",
    [
        refusal(400, message="registry.ollama.ai/library/gemma3:4b does not support tools"),
        refusal(400, message="Unknown parameter: 'tools'."),
        refusal(422, message="tools: Extra inputs are not permitted"),
        refusal(500, message="Unsupported param: tools"),
        refusal(500, message="tools param requires --jinja flag"),
        refusal(400, message='"auto" tool choice requires --enable-auto-tool-choice to be set'),
        refusal(404, message="No endpoints found that support tool use."),
    ],
)
async def test_a_server_that_knows_no_tools_answers_without_them(api: str, reply: Any) -> None:
    server = Prepared(reply, whole(api, "да"))
    model = server.model(api, OTHER)
    done = Done("Смотрю.", CALLS, None, "tools", "m-1", None, ({"type": "function_call"},))
    for asked in (ASKED, loop(done)):
        assert isinstance([event async for event in model.stream(asked)][-1], Done)
    await model.close()
    assert ["tools" in asked for asked in server.asked] == [True, False, False]
    assert "parallel_tool_calls" not in server.asked[1]
    # the results are told as words, the calls are not told at all
    messages = server.asked[2]["messages" if api == "chat" else "input"]
    assert messages[2:] == [
        {"role": "assistant", "content": "Смотрю."},
        {"role": "user", "content": "weather: weather ok\n\ntime: time ok"},
    ]


@both
async def test_parts_of_tools_may_be_refused_alone(api: str) -> None:
    where = "tools[0].function.strict" if api == "chat" else "tools[0].strict"
    server = Prepared(
        refusal(400, message=f"Unknown parameter: '{where}'."),
        refusal(400, message="parallel_tool_calls is not supported"),
        whole(api, "да"),
    )
    await done_of(server, api, OTHER, ASKED)
    first, second, third = server.asked
    told = [asked["tools"][0].get("function", asked["tools"][0]) for asked in server.asked]
    assert ["strict" in function for function in told] == [True, False, False]
    assert "parallel_tool_calls" in first.keys() & second.keys() - third.keys()


async def test_a_model_that_has_no_thoughts_to_share_keeps_its_tools_and_its_effort() -> None:
    message = "reasoning.encrypted_content is not supported with this model"
    server = Prepared(refusal(400, message=message), whole("responses", "да"))
    asked = ModelRequest("m-0", QUESTION, effort="low", tools=ASKED.tools)
    await done_of(server, "responses", None, asked)
    assert "include" not in server.asked[1]
    assert server.asked[1]["reasoning"] == {"effort": "low"}
    assert len(server.asked[1]["tools"]) == 2


async def test_a_gateway_to_openai_gets_tools_by_giving_up_reasoning() -> None:
    message = (
        "Function tools with reasoning_effort are not supported for gpt-5.6-luna in "
        "/v1/chat/completions. To use function tools, use /v1/responses or set reasoning_effort "
        "to 'none'."
    )
    server = Prepared(refusal(400, message=message), whole("chat", "да"))
    model = server.model("chat", OTHER)
    with_effort = ModelRequest("m-0", QUESTION, effort="low", tools=ASKED.tools)
    without_tools = ModelRequest("m-0", QUESTION, effort="low")
    for asked in (with_effort, without_tools):
        _ = [event async for event in model.stream(asked)]
    await model.close()
    assert [asked["reasoning_effort"] for asked in server.asked] == ["low", "none", "low"]
    assert ["tools" in asked for asked in server.asked] == [True, True, False]


@pytest.mark.parametrize(
    "message",
    [
        "Invalid parameter: messages with role 'tool' must be a response to 'tool_calls'.",
        "Function call is missing a thought_signature: tools not supported",
        "max_tokens must be less than 4096",
    ],
)
async def test_a_mistake_in_the_loop_does_not_cost_the_tools(message: str) -> None:
    server = Prepared(refusal(400, message=message))
    with pytest.raises(CallFailed) as caught:
        await heard(server.model("chat", OTHER), ASKED)
    assert caught.value.rejected == "request"
    assert len(server.asked) == 1


@both
async def test_calls_reach_us_over_a_real_connection(api: str) -> None:
    async with loopback() as server:
        server.replies = [[calling(api)[i : i + 7] for i in range(0, len(calling(api)), 7)]]
        done = (await heard(server.model(api), ASKED))[-1]
    assert isinstance(done, Done)
    assert done.tool_calls == CALLS
