"""Pictures in requests: how they are sent, and what servers that can't see say of them."""

from __future__ import annotations

import base64
import json
import logging
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.llm import ChatMessage, Done, ModelRequest, Picture
from core.llm.body import StreamedBody, encoded
from core.llm.failures import CallFailed
from tests.unit.llm_server import (
    APIS,
    OTHER,
    USAGES,
    Prepared,
    heard,
    loopback,
    piece,
    refusal,
    request,
    sse,
    whole,
)

both = pytest.mark.parametrize("api", APIS)
PHOTO = Picture(bytes(range(256)) * 2000)
DRAWING = Picture(b"\x89PNG", "image/png", "low")
SEEN = ModelRequest(
    "m-0",
    [
        ChatMessage("system", "Be brief."),
        ChatMessage("user", "Что здесь?", pictures=(PHOTO, DRAWING)),
    ],
)


def url(picture: Picture) -> str:
    return f"data:{picture.mime};base64,{base64.b64encode(picture.data).decode()}"


async def test_how_pictures_are_sent() -> None:
    for address in (None, OTHER):
        server = Prepared(whole("chat", "да"))
        await heard(server.model("chat", address), SEEN)
        assert server.asked[0]["messages"][1]["content"] == [
            {"type": "text", "text": "Что здесь?"},
            {"type": "image_url", "image_url": {"url": url(PHOTO)}},
            {"type": "image_url", "image_url": {"url": url(DRAWING), "detail": "low"}},
        ]
        server = Prepared(whole("responses", "да"))
        await heard(server.model("responses", address), SEEN)
        assert server.asked[0]["input"][1]["content"] == [
            {"type": "input_text", "text": "Что здесь?"},
            {"type": "input_image", "image_url": url(PHOTO), "detail": "auto"},
            {"type": "input_image", "image_url": url(DRAWING), "detail": "low"},
        ]


@both
async def test_a_picture_may_come_without_words(api: str) -> None:
    server = Prepared(whole(api, "да"))
    asked = ModelRequest("m-0", [ChatMessage("user", "", pictures=(DRAWING,))])
    await heard(server.model(api), asked)
    (message,) = server.asked[0]["messages" if api == "chat" else "input"]
    assert len(message["content"]) == 1


async def test_a_cut_for_the_cache_stands_behind_the_pictures() -> None:
    messages = [ChatMessage("user", "а", pictures=(DRAWING,), cache_point=True)]
    server = Prepared(whole("responses", "да"))
    await heard(server.model("responses"), ModelRequest("m-0", messages))
    words, image = server.asked[0]["input"][0]["content"]
    assert "prompt_cache_breakpoint" not in words
    assert image["prompt_cache_breakpoint"] == {"mode": "explicit"}


@both
async def test_pictures_leave_the_place_of_the_cache_as_it_is(api: str) -> None:
    keys: list[str] = []
    for asked in (SEEN, request("Привет")):
        server = Prepared(whole(api, "да"))
        await heard(server.model(api), asked)
        keys.append(server.asked[0]["prompt_cache_key"])
    assert keys[0] == keys[1]


@both
async def test_merged_words_keep_their_pictures(api: str) -> None:
    messages = [
        ChatMessage("user", "раз", pictures=(DRAWING,)),
        ChatMessage("user", "", pictures=(DRAWING,)),
        ChatMessage("user", "два"),
    ]
    server = Prepared(whole(api, "да"))
    await heard(server.model(api, OTHER), ModelRequest("m-0", messages))
    (message,) = server.asked[0]["messages" if api == "chat" else "input"]
    words, *images = message["content"]
    assert (words["text"], len(images)) == ("раз\n\nдва", 2)


@both
async def test_a_large_body_goes_out_whole_and_the_next_call_uses_the_same_connection(
    api: str,
) -> None:
    large = Picture(bytes(range(251)) * 15_000)
    asked = ModelRequest("m-0", [ChatMessage("user", "а", pictures=(large,) * 4)])
    async with loopback() as server:
        server.replies = [[whole(api, "да", usage=USAGES[api])]]
        model = server.model(api)
        for _ in range(2):
            assert isinstance([event async for event in model.stream(asked)][-1], Done)
        await model.close()
    assert len(server.connections) == 1
    for body, headers in server.bodies:
        assert headers["Content-Length"] == str(len(body))
        assert headers["Content-Type"] == "application/json"
        assert json.loads(body)["model"] == "m-0"
        assert body.count(url(large).encode()) == 4


@given(
    st.lists(st.tuples(st.text(st.characters(exclude_categories=["Cs"])), st.binary()), min_size=1),
)
async def test_the_body_is_the_json_that_it_says_it_is(said: list[tuple[str, bytes]]) -> None:
    fields = {"input": [{"text": text, "url": Picture(data)} for text, data in said]}
    body = encoded(fields)
    assert isinstance(body, StreamedBody)
    for _ in range(2):
        sent = b"".join([part async for part in body])
        assert len(sent) == body.length
        assert json.loads(sent)["input"] == [
            {"text": text, "url": url(Picture(data))} for text, data in said
        ]


@pytest.mark.parametrize("size", [0, 1, 2, 3, 196_607, 196_608, 196_609, 400_000])
async def test_pieces_of_base64_are_the_base64_of_the_whole(size: int) -> None:
    picture = Picture(bytes(i * 7 % 256 for i in range(size)))
    body = encoded({"url": picture})
    assert isinstance(body, StreamedBody)
    parts = [part async for part in body]
    assert max(map(len, parts)) <= 262_144
    assert json.loads(b"".join(parts)) == {"url": url(picture)}


# Servers that don't see.

BLIND = [
    refusal(400, message="Invalid content type. image_url is only supported by certain models."),
    refusal(400, message="The model 'o3-mini' does not support image inputs."),
    refusal(400, message="this model does not support image input (ref: b8bd)"),
    refusal(400, message="messages[1]: unknown variant `image_url`, expected `text` at line 1"),
    refusal(400, message="Unsupported content part type for text-only server: image_url"),
    refusal(400, message="m-0 is not a multimodal model"),
    refusal(400, message="At most 0 image(s) may be provided in one request."),
    refusal(400, message="messages[1].content must be a string"),
    refusal(404, message="No endpoints found that support image input"),
    refusal(500, message="image input is not supported - hint: provide the mmproj"),
    httpx2.Response(
        422, json={"detail": [{"loc": ["content", 0], "msg": "Input should be 'text'"}]}
    ),
]
UNREADABLE = [
    refusal(400, "image_parse_error", "You uploaded an unsupported image."),
    refusal(400, "invalid_image_format", "no"),
    refusal(400, message="You uploaded an unsupported image. Please use png, jpeg, gif, webp."),
    refusal(400, message="cannot identify image file <_io.BytesIO object>"),
    refusal(400, message="Failed to load image or audio file"),
    refusal(500, message="image: unknown format"),
    refusal(400, "invalid_base64_image", "no"),
]


@both
@pytest.mark.parametrize(
    ("reply", "code"),
    [(reply, "pictures") for reply in BLIND] + [(reply, "bad_picture") for reply in UNREADABLE],
)
async def test_what_a_server_says_of_pictures_has_a_name(
    api: str, reply: httpx2.Response, code: str
) -> None:
    server = Prepared(reply)
    with pytest.raises(CallFailed) as caught:
        await heard(server.model(api, OTHER), SEEN)
    assert (caught.value.code, caught.value.rejected) == (code, "request")
    assert len(server.asked) == 1


@both
async def test_the_same_may_be_said_inside_the_stream(api: str) -> None:
    for message, code in (
        ("this model does not support image input", "pictures"),
        ("unsupported image", "bad_picture"),
    ):
        body = piece(api, "") + sse({"error": {"message": message}})
        with pytest.raises(CallFailed) as caught:
            await heard(Prepared(body).model(api), SEEN)
        assert (caught.value.code, caught.value.rejected) == (code, "request")
    failed = {"status": "failed", "error": {"code": "image_too_large", "message": "no"}}
    body = sse({"type": "response.failed", "response": failed})
    with pytest.raises(CallFailed) as caught:
        await heard(Prepared(body).model("responses"), SEEN)
    assert (caught.value.code, caught.value.rejected) == ("bad_picture", "request")


@both
@pytest.mark.parametrize("reply", [*BLIND, *UNREADABLE])
async def test_without_pictures_it_is_any_other_complaint(api: str, reply: Any) -> None:
    with pytest.raises(CallFailed) as caught:
        await heard(Prepared(reply).model(api), request())
    assert caught.value.code not in {"pictures", "bad_picture"}


@both
@pytest.mark.parametrize("status", [429, 502, 503])
async def test_a_server_that_is_busy_is_not_blind(api: str, status: int) -> None:
    reply = refusal(status, message="image models are not supported at this load")
    with pytest.raises(CallFailed) as caught:
        await heard(Prepared(reply).model(api), SEEN)
    assert caught.value.rejected is None


@both
async def test_a_picture_that_a_server_repeats_reaches_no_log(
    api: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    echo = url(PHOTO)
    for reply in (
        refusal(400, message=f"bad request: {echo}"),
        refusal(500, message=f"Failed to parse messages: x; messages = [{echo}]"),
        httpx2.Response(422, json={"detail": [{"msg": "no", "input": {"url": echo}}]}),
        sse({"error": {"message": f"boom {echo}"}}),
    ):
        with pytest.raises(CallFailed) as caught:
            await heard(Prepared(reply).model(api), SEEN)
        logging.getLogger("test").exception("call", exc_info=caught.value)
        assert "AAECAwQF" not in str(caught.value)
    assert "AAECAwQF" not in caplog.text
    assert "AAECAwQF" not in repr(SEEN)
    assert "\\x00\\x01\\x02" not in repr(SEEN)
