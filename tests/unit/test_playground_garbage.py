"""Whatever is sent to the playground is answered or refused in the right shape, never a crash."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.playground.callbacks import Queries
from bot.playground.keeping import Keeping
from bot.playground.methods import build_methods
from bot.playground.model_asked import read_chat, read_responses
from bot.playground.model_conduct import Conduct, ScriptedModel
from bot.playground.model_refusals import ModelRefusal
from bot.playground.params import Params
from bot.playground.people import CannotDo, write
from bot.playground.refusals import Refusal
from bot.playground.uploads import written
from bot.playground.webhook import Webhooks
from bot.playground.world import Person, World

WORDS = st.sampled_from(
    [
        *["", "1001", "1", "7", "0", "-1", "x", "<b>x</b>", "<b>", "[]", "{}", "HTML", "null"],
        *["attach://f", "typing", '[{"type":"bold","offset":0,"length":1}]'],
        '{"inline_keyboard":[[{"text":"k"}]]}',
    ]
)  # fmt: skip
KEYS = st.sampled_from(
    [
        "type",
        "text",
        "offset",
        "length",
        "url",
        "message_id",
        "inline_keyboard",
        "callback_data",
        "style",
        "scope",
        "chat_id",
        "emoji",
        "command",
        "description",
        "role",
        "content",
        "input",
        "effort",
        "copy_text",
        "include_usage",
    ]
)
PLAIN = st.none() | st.booleans() | st.integers(-5, 5000) | st.floats(-2, 2) | WORDS
VALUES = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3)
)
PARAMETERS = st.sampled_from(
    [
        "text",
        "parse_mode",
        "entities",
        "caption",
        "caption_entities",
        "reply_markup",
        "reply_parameters",
        "draft_id",
        "message_id",
        "message_ids",
        "message_thread_id",
        "can_stop",
        "action",
        "reaction",
        "callback_query_id",
        "commands",
        "scope",
        "language_code",
        "name",
        "description",
        "menu_button",
        "file_id",
        "document",
        "photo",
        "voice",
        "duration",
        "url",
        "secret_token",
        "allowed_updates",
        "max_connections",
        "offset",
    ]
)


def new_world() -> tuple[World, Queries]:
    world = World(Keeping())
    world.add_person(Person(1001, "Robin"))
    write(world, world.chat(world.bot("42:secret"), world.people[1001]), "/start")
    return world, Queries(world)


METHODS = sorted(build_methods(Queries(World(Keeping())), Webhooks(World(Keeping()))))


@settings(max_examples=400)
@given(
    st.sampled_from(METHODS),
    st.dictionaries(PARAMETERS, VALUES, max_size=6),
    st.sampled_from([1001, "1001", "x", 5, None]),
    st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF1234WEBPVP8X"]),
)
def test_bot_api_calls(method: str, values: dict[str, Any], chat_id: Any, content: bytes) -> None:
    world, queries = new_world()
    folder = world.keeping.incoming
    uploads = {"f": written(folder, content, "a.bin", "")} | {
        name: written(folder, content, "", "image/png")
        for name in values
        if name in {"photo", "document"}
    }
    params = Params({**values, "chat_id": chat_id}, uploads)
    before = len(world.journal.since(0))
    try:
        build_methods(queries, Webhooks(world))[method](world, world.bot("42:secret"), params)
    except Refusal as refused:
        refusal = refused
    else:
        return
    assert refusal.code in {400, 403}
    assert len(world.journal.since(0)) == before


@settings(max_examples=300)
@given(
    st.dictionaries(
        st.sampled_from(
            [
                "model",
                "messages",
                "input",
                "stream",
                "temperature",
                "tools",
                "reasoning",
                "reasoning_effort",
                "text",
                "max_tokens",
                "max_output_tokens",
                "stream_options",
                "instructions",
                "foo",
            ]
        ),
        VALUES,
    ),
    st.booleans(),
)
def test_model_requests(body: dict[str, Any], chat: bool) -> None:
    model = ScriptedModel()
    model.behave(Conduct(text=None))
    body.setdefault("model", "gpt-6-luna")
    try:
        answer = model.answer(read_chat(body) if chat else read_responses(body))
    except ModelRefusal as refused:
        refusal = refused
    else:
        assert "".join(piece for piece in answer.pieces if isinstance(piece, str)) == answer.text
        return
    assert refusal.status in {400, 404}
    assert str(refusal)


@given(st.text(max_size=30), st.integers(1, 400))
def test_people_may_write_anything(text: str, times: int) -> None:
    world, _ = new_world()
    chat = world.chats[42, 1001]
    try:
        sent = write(world, chat, text * times)
    except CannotDo:
        assert not text.strip()
    else:
        assert [message["message_id"] for message in sent] == list(range(2, 2 + len(sent)))


ODD: list[Any] = [[], {}, 5, True, "", "http://[", "http://a b", None]


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize(
    "shape",
    [
        lambda odd: {"entities": [{"type": "text_link", "offset": 0, "length": 1, "url": odd}]},
        lambda odd: {"entities": [{"type": odd, "offset": 0, "length": 1}]},
        lambda odd: {"entities": [{"type": "bold", "offset": odd, "length": odd}]},
        lambda odd: {"entities": [odd]},
        lambda odd: {"reply_markup": {"inline_keyboard": odd}},
        lambda odd: {"reply_markup": {"inline_keyboard": [[{"text": "k", "url": odd}]]}},
        lambda odd: {"reply_markup": {"inline_keyboard": [[{"text": "k", "callback_data": odd}]]}},
        lambda odd: {
            "reply_markup": {
                "inline_keyboard": [[{"text": "k", "callback_data": "x", "style": odd}]]
            }
        },
        lambda odd: {"reply_markup": {"inline_keyboard": [[{"text": odd, "callback_data": "x"}]]}},
        lambda odd: {"reply_markup": {"inline_keyboard": [[{"text": "k", "copy_text": odd}]]}},
        lambda odd: {"reply_parameters": {"message_id": odd}},
        lambda odd: {"message_ids": [odd]},
        lambda odd: {"menu_button": {"type": odd}},
        lambda odd: {"scope": {"type": odd}},
        lambda odd: {"scope": {"type": "chat", "chat_id": odd}},
        lambda odd: {"reaction": [{"type": odd, "emoji": odd}]},
        lambda odd: {"commands": [{"command": odd, "description": odd}]},
    ],
)
def test_odd_values_in_every_place(shape: Any, odd: Any) -> None:
    world, queries = new_world()
    methods = build_methods(queries, Webhooks(world))
    bot = world.bot("42:secret")
    for name in ("sendmessage", "deletemessages", "setmycommands", "setchatmenubutton",
                 "setmessagereaction", "editmessagetext"):  # fmt: skip
        params = Params({"chat_id": 1001, "text": "word", "message_id": 1, **shape(odd)}, {})
        try:
            answer = methods[name](world, bot, params)
        except Refusal:
            continue
        assert answer is not None
