from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.llm import ChatMessage
from core.llm.dialect import refused_feature
from core.llm.roles import strict_roles
from core.llm.failures import CallFailed
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


messages = st.lists(
    st.builds(ChatMessage, st.sampled_from(["system", "user", "assistant"]), st.uuids().map(str))
)


@given(messages)
def test_strict_roles_alternate_and_lose_nothing(said: list[ChatMessage]) -> None:
    turns = strict_roles(said)
    roles = [turn.role for turn in turns]
    assert "system" not in roles[1:]
    spoken = [role for role in roles if role != "system"]
    assert spoken == (["user", "assistant"] * len(spoken))[: len(spoken)]
    everything = "\n\n".join(turn.content for turn in turns)
    for message in said:
        assert everything.count(message.content) == 1
    by_role = "".join(turn.content for turn in turns if turn.role == "assistant")
    assert [m.content for m in said if m.role == "assistant"] == sorted(
        (m.content for m in said if m.role == "assistant"), key=by_role.index
    )


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
        ("Unknown parameter: frequency_penalty", None),
    ],
)
def test_a_refused_parameter_is_recognised_by_what_servers_say(body: object, feature: str) -> None:
    sent = {"effort", "stream_options", "max_tokens"}
    assert refused_feature(400, body, sent) == feature
    assert refused_feature(500, body, sent) is None
