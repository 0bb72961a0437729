from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from itertools import chain, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.llm import ChatMessage, Picture, ToolCall
from core.llm.dialect import refused_feature
from core.llm.failures import CallFailed
from core.llm.roles import strict_roles, without_tools
from core.llm.wire import decoded, payloads, text, usage


async def in_chunks(body: bytes, cuts: Sequence[int]) -> AsyncIterator[bytes]:
    edges = [0, *sorted(cut % (len(body) + 1) for cut in cuts), len(body)]
    for start, end in pairwise(edges):
        yield body[start:end]


async def read(body: bytes, cuts: Sequence[int] = ()) -> list[bytes]:
    return [payload async for payload in payloads(in_chunks(body, cuts))]


@given(
    texts=st.lists(st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]))),
    end=st.sampled_from(["\n", "\r\n"]),
    cuts=st.lists(st.integers(0, 10_000), max_size=20),
)
async def test_events_are_the_same_however_the_network_cuts_them(
    texts: list[str], end: str, cuts: list[int]
) -> None:
    # JSON may hold raw line separators that str.splitlines would take for the end of a line
    lines = [f'"{text}\u2028\x85"' for text in texts]
    body = "".join(f": ping{end}event: x{end}data: {line}{end}{end}" for line in lines)
    assert await read(body.encode(), cuts) == [line.encode() for line in lines]


async def test_an_event_of_several_lines_is_one_payload() -> None:
    assert await read(b'data: {"a":\ndata: 1}\n\n') == [b'{"a":\n1}']


async def test_the_last_event_counts_without_an_empty_line_after_it() -> None:
    assert await read(b"data: 1\n\ndata: [DONE]") == [b"1", b"[DONE]"]


async def test_a_json_body_in_place_of_a_stream_is_one_payload() -> None:
    assert await read(b'{\n "data": 1\n}\n', [3, 7]) == [b'{\n "data": 1\n}']


async def test_a_web_page_in_place_of_a_stream_is_a_failure() -> None:
    with pytest.raises(CallFailed) as failed:
        await read(b"<html>\n<body>Bad gateway</body>")
    assert failed.value.code == "not_a_stream"


async def test_an_endless_event_is_a_failure_and_not_the_end_of_the_memory() -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"data: " + b"x" * 500_000

    with pytest.raises(CallFailed) as failed:
        _ = [payload async for payload in payloads(endless())]
    assert failed.value.code == "event_too_long"


def test_half_an_emoji_and_zero_bytes_do_not_reach_the_database() -> None:
    # Written out by hand: what a JavaScript server sends when it cuts an emoji in two.
    chunk = decoded(b'{"delta": "\\ud83d ok\\u0000!"}')
    assert text(chunk["delta"]) == " ok!"
    # what is handed back to the server goes through the strict parser again
    assert decoded(b'{"items": [{"text": "\\ud83d ok"}]}') == {"items": [{"text": " ok"}]}


@pytest.mark.parametrize("payload", [b"{", b"[1]", b"null", b'"x"'])
def test_a_payload_that_is_no_object_is_a_failure(payload: bytes) -> None:
    with pytest.raises(CallFailed):
        decoded(payload)


@pytest.mark.parametrize(
    "told", [None, "x", {}, {"prompt_tokens": None}, {"prompt_tokens": -1}, {"prompt_tokens": True}]
)
def test_senseless_usage_is_no_usage(told: object) -> None:
    assert usage(told) is None


def test_usage_without_a_total_is_added_up() -> None:
    told = usage({"input_tokens": 3, "output_tokens": 4})
    assert told is not None
    assert (told.prompt, told.completion, told.total) == (3, 4, 7)


words = st.uuids().map(str)
remarks = st.builds(
    lambda role, said, seen: [ChatMessage(role, said, pictures=seen if role == "user" else ())],
    st.sampled_from(["system", "user", "assistant"]),
    words,
    st.sampled_from([(), (Picture(b"1"),)]),
)


@st.composite
def rounds(draw: st.DrawFn) -> list[ChatMessage]:
    """A round of a tool loop: the calls, then their results."""
    calls = tuple(ToolCall(draw(words), "t", "{}") for _ in range(draw(st.integers(1, 3))))
    results = [ChatMessage("tool", draw(words), tool_call_id=call.id) for call in calls]
    return [ChatMessage("assistant", draw(words | st.just("")), tool_calls=calls), *results]


dialogues = st.lists(remarks | rounds(), max_size=12).map(lambda parts: [*chain(*parts)])


@given(dialogues)
def test_strict_roles_alternate_and_lose_nothing(said: list[ChatMessage]) -> None:
    turns = strict_roles(said)
    assert "system" not in [turn.role for turn in turns][1:]
    # as the templates count them: without the tool loops
    spoken = [t.role for t in turns if t.role in {"user", "assistant"} and not t.tool_calls]
    assert spoken == (["user", "assistant"] * len(spoken))[: len(spoken)]
    everything = "\n\n".join(turn.content for turn in turns)
    assert all(everything.count(message.content) == 1 for message in said if message.content)
    for role in ("assistant", "user"):
        order = [m.content for m in said if m.role == role and m.content]
        assert order == sorted(order, key=everything.index)
    pictures = sum(len(message.pictures) for message in said)
    assert sum(len(turn.pictures) for turn in turns) == pictures


@given(dialogues)
def test_strict_roles_keep_every_tool_loop_as_it_is(said: list[ChatMessage]) -> None:
    turns = strict_roles(said)
    begins = [number for number, message in enumerate(said) if message.tool_calls]
    for number in begins:
        exchange = said[number : number + 1 + len(said[number].tool_calls)]
        at = turns.index(said[number])
        assert turns[at : at + len(exchange)] == exchange


@given(dialogues)
def test_a_dialogue_told_without_tools_has_none_and_loses_no_words(said: list[ChatMessage]) -> None:
    told = without_tools(said)
    assert not any(m.role == "tool" or m.tool_calls or m.tool_call_id for m in told)
    everything = "\n".join(message.content for message in told)
    assert all(message.content in everything for message in said)


def test_a_late_note_goes_in_front_of_the_words_it_is_about() -> None:
    turns = strict_roles(
        [
            ChatMessage("system", "persona"),
            ChatMessage("user", "one"),
            ChatMessage("assistant", "two"),
            ChatMessage("system", "note"),
            ChatMessage("user", "three"),
        ]
    )
    assert [(turn.role, turn.content) for turn in turns] == [
        ("system", "persona"),
        ("user", "one"),
        ("assistant", "two"),
        ("user", "note\n\nthree"),
    ]


@pytest.mark.parametrize(
    ("body", "feature"),
    [
        ({"param": "reasoning.effort", "code": "unsupported_parameter", "message": "no"}, "effort"),
        ({"message": "Unrecognized request argument supplied: reasoning_effort"}, "effort"),
        ({"message": '"llama3.2" does not support thinking'}, "effort"),
        (
            {
                "detail": [
                    {"type": "extra_forbidden", "loc": ["body", "stream_options"], "msg": "x"}
                ]
            },
            "stream_options",
        ),
        ({"message": "Unsupported parameter: 'max_tokens' is not supported"}, "max_tokens"),
        # the same words where they do not mean it
        ({"message": "max_tokens must be less than 4096"}, None),
        ({"code": "context_length_exceeded", "message": "max_tokens not supported"}, None),
        ({"detail": [{"msg": "x", "input": "unsupported max_tokens"}]}, None),
        ({"message": "Unsupported part: image_url; messages = ['what are max_tokens?']"}, None),
        ("Unknown parameter: frequency_penalty", None),
    ],
)
def test_a_refused_parameter_is_recognised_by_what_servers_say(body: object, feature: str) -> None:
    sent = {"effort", "stream_options", "max_tokens"}
    assert refused_feature(400, body, sent) == feature
    assert refused_feature(500, body, sent) is None
