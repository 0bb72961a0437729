"""What the chat page relies on: its routes, its live events, and who may talk to them."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
from aiohttp import ClientResponse, ClientSession, FormData

from bot.playground import Playground, start_playground

CHAT = "/playground/chats/1001"
PIXEL = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x02\x00\x00\x00\x03\x08\x06\x00\x00\x00"


@pytest.fixture
async def ground() -> AsyncIterator[Playground]:
    playground = await start_playground()
    yield playground
    await playground.close()


@pytest.fixture
async def page(ground: Playground) -> AsyncIterator[ClientSession]:
    async with ClientSession(ground.url) as session:
        yield session


async def call(page: ClientSession, method: str, **body: Any) -> Any:
    async with page.post(f"/bot42:secret/{method}", json=body) as response:
        answer = await response.json()
    assert answer["ok"], answer
    return answer["result"]


async def read(page: ClientSession, path: str) -> Any:
    async with page.get(path) as response:
        assert response.status == 200
        return await response.json()


async def post(page: ClientSession, path: str, expected: int = 200, **body: Any) -> Any:
    async with page.post(path, json=body) as response:
        assert response.status == expected, await response.text()
        return await response.json()


class Events:
    def __init__(self, response: ClientResponse) -> None:
        self.response = response

    async def next(self) -> tuple[str, Any]:
        """The next event's name and data; comments and the retry line are passed over."""
        name = ""
        async with asyncio.timeout(20):
            while line := (await self.response.content.readline()).decode():
                if line.startswith("event: "):
                    name = line.removeprefix("event: ").strip()
                elif line.startswith("data: "):
                    return name, orjson.loads(line.removeprefix("data: "))
        raise EOFError


@pytest.fixture
async def events(page: ClientSession) -> AsyncIterator[Events]:
    async with page.get(f"{CHAT}/events") as response:
        assert response.content_type == "text/event-stream"
        assert await response.content.readline() == b"retry: 1000\n"
        yield Events(response)


async def test_the_page_opens_before_any_bot_came(page: ClientSession) -> None:
    assert await read(page, "/playground/bots") == []
    people = await read(page, "/playground/people")
    assert {person["language_code"] for person in people} == {"ru", "en"}
    chat = await read(page, CHAT)
    assert chat["bot"] is None
    assert chat["messages"] == []
    assert chat["draft"] is None
    assert await post(page, f"{CHAT}/messages", 409, text="hi") == {"error": "no_bot"}


async def test_a_new_person_can_join(page: ClientSession) -> None:
    made = await post(page, "/playground/people", first_name=" Лев ", language_code="ru")
    assert made["first_name"] == "Лев"
    assert made in await read(page, "/playground/people")
    await post(page, "/playground/people", 400, first_name=" ")
    await post(page, "/playground/people", 400, first_name="x" * 65)


async def test_everything_a_bot_does_is_seen_live(page: ClientSession, events: Events) -> None:
    await call(page, "getMe")
    assert (await events.next())[0] == "bot"
    sent = await post(page, f"{CHAT}/start")
    name, message = await events.next()
    assert name == "message"
    assert message == sent["messages"][0]
    assert message["out"] is True
    await call(page, "sendChatAction", chat_id=1001, action="typing")
    assert await events.next() == ("action", {"action": "typing"})
    await call(page, "sendMessageDraft", chat_id=1001, draft_id=9, text="gro", can_stop=True)
    draft = {"draft_id": 9, "text": "gro", "entities": [], "can_stop": True}
    assert await events.next() == ("draft", draft)
    assert (await read(page, CHAT))["draft"] == draft
    await post(page, f"{CHAT}/stops", draft_id=9)
    assert await events.next() == ("draft_gone", {"draft_id": 9})
    await post(page, f"{CHAT}/stops", 400, draft_id=9)
    markup = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}
    kept = await call(page, "sendMessage", chat_id=1001, text="grown", reply_markup=markup)
    name, message = await events.next()
    assert (name, message["text"], "out" in message) == ("message", "grown", False)
    pressed = await post(page, f"{CHAT}/presses", message_id=kept["message_id"], data="go")
    query_id = pressed["callback_query_id"]
    await call(page, "answerCallbackQuery", callback_query_id=query_id, text="ok", show_alert=True)
    toast = {"callback_query_id": query_id, "text": "ok", "show_alert": True}
    assert await events.next() == ("toast", toast)
    place = {"chat_id": 1001, "message_id": kept["message_id"]}
    await call(page, "editMessageText", **place, text="changed")
    assert (await events.next())[1]["text"] == "changed"
    await post(page, f"{CHAT}/presses", 400, message_id=kept["message_id"], data="go")
    await call(page, "deleteMessage", **place)
    assert await events.next() == ("deleted", {"message_id": kept["message_id"]})
    commands = [{"command": "help", "description": "помощь"}]
    await call(page, "setMyCommands", commands=commands, language_code="ru")
    assert await events.next() == ("commands", {"commands": commands})
    assert (await read(page, CHAT))["commands"] == commands


async def test_a_draft_fades_before_the_eyes(
    ground: Playground, page: ClientSession, events: Events
) -> None:
    await call(page, "getMe")
    await post(page, f"{CHAT}/start")
    start = ground.world.clock()
    ground.world.clock = lambda: start
    await call(page, "sendMessageDraft", chat_id=1001, draft_id=9, text="gro")
    ground.world.clock = lambda: start + 31
    await call(page, "sendChatAction", chat_id=1001, action="typing")
    names = {(await events.next())[0] for _ in range(5)}
    assert "draft_gone" in names


async def test_a_blocked_bot_gets_nothing_until_the_person_starts_again(
    page: ClientSession,
) -> None:
    await call(page, "getMe")
    await post(page, f"{CHAT}/start")
    assert await post(page, f"{CHAT}/block", blocked=True) == {"blocked": True}
    assert (await read(page, CHAT))["blocked"] is True
    assert await post(page, f"{CHAT}/messages", 409, text="hi") == {"error": "blocked"}
    await post(page, f"{CHAT}/start")
    assert (await read(page, CHAT))["blocked"] is False


async def test_writing_replying_forwarding_editing(page: ClientSession) -> None:
    await call(page, "getMe")
    first = (await post(page, f"{CHAT}/messages", text=" hi "))["messages"][0]
    assert first["text"] == "hi"
    reply = await post(
        page,
        f"{CHAT}/messages",
        text="more",
        reply_to_message_id=first["message_id"],
        forwarded=True,
    )
    assert reply["messages"][0]["reply_to_message"]["message_id"] == first["message_id"]
    assert reply["messages"][0]["forward_origin"]["type"] == "hidden_user"
    await post(page, f"{CHAT}/edits", message_id=first["message_id"], text="hello")
    assert [m["text"] for m in (await read(page, CHAT))["messages"]] == ["hello", "more"]
    assert await post(page, f"{CHAT}/messages", 400, text="  ") == {"error": "empty"}
    await post(page, f"{CHAT}/edits", 400, message_id=99, text="x")
    await post(page, f"{CHAT}/edits", 400, message_id="1", text="x")
    async with page.post(f"{CHAT}/messages", data=b"[1]") as response:
        assert response.status == 400
    async with page.get("/playground/chats/5") as response:
        assert response.status == 404


async def test_files_of_people_and_bots_are_downloaded_never_run(page: ClientSession) -> None:
    await call(page, "getMe")
    form = FormData(quote_fields=False)
    form.add_field("file", b"<script>alert(1)</script>", filename="моя визия.html",
                   content_type="text/html")  # fmt: skip
    form.add_field("caption", "вот")
    async with page.post(f"{CHAT}/files", data=form) as response:
        message = (await response.json())["messages"][0]
    assert message["caption"] == "вот"
    async with page.get(f"/playground/files/{message['document']['file_id']}") as response:
        assert await response.read() == b"<script>alert(1)</script>"
        assert response.content_type == "application/octet-stream"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Content-Security-Policy"].startswith("sandbox;")
        assert response.content_disposition
        assert response.content_disposition.type == "attachment"
        assert response.content_disposition.filename == "моя визия.html"
    photo = FormData()
    photo.add_field("file", PIXEL, filename="p.png", content_type="image/png")
    photo.add_field("kind", "photo")
    async with page.post(f"{CHAT}/files", data=photo) as response:
        size = (await response.json())["messages"][0]["photo"][0]
    assert (size["width"], size["height"]) == (2, 3)
    async with page.get("/playground/files/unknown") as response:
        assert response.status == 404


def album(*contents: bytes, **fields: str) -> FormData:
    form = FormData()
    for at, content in enumerate(contents):
        form.add_field(f"file{at}", content, filename=f"{at}.png", content_type="image/png")
    for name, value in fields.items():
        form.add_field(name, value)
    return form


async def test_an_album_is_several_updates_of_one_group(
    ground: Playground, page: ClientSession
) -> None:
    await call(page, "getMe")
    start = (await post(page, f"{CHAT}/start"))["messages"][0]
    form = album(PIXEL, PIXEL, caption=" вот ", reply_to_message_id=str(start["message_id"]))
    async with page.post(f"{CHAT}/albums", data=form) as response:
        sent = (await response.json())["messages"]
    updates = [one["message"] for one in await call(page, "getUpdates")][1:]
    assert [{**one, "out": True} for one in updates] == sent
    assert len({one["media_group_id"] for one in updates}) == 1
    assert [one.get("caption") for one in updates] == ["вот", None]
    assert {one["reply_to_message"]["message_id"] for one in updates} == {start["message_id"]}
    async with page.post(f"{CHAT}/albums", data=album(PIXEL, PIXEL)) as response:
        other = (await response.json())["messages"]
    assert other[0]["media_group_id"] != sent[0]["media_group_id"]


async def test_an_album_comes_whole_or_not_at_all(page: ClientSession) -> None:
    await call(page, "getMe")
    refused = [
        (album(PIXEL), "invalid_album"),
        (album(*[PIXEL] * 11), "invalid_album"),
        (album(PIXEL, PIXEL, kind="voice"), "invalid_album"),
        (album(PIXEL, PIXEL, caption="x" * 1025), "invalid_album"),
        (album(PIXEL, b"no picture"), "Bad Request: IMAGE_PROCESS_FAILED"),
        (album(PIXEL, b""), "Bad Request: file must be non-empty"),
    ]
    for form, why in refused:
        async with page.post(f"{CHAT}/albums", data=form) as response:
            assert (response.status, await response.json()) == (400, {"error": why})
    await post(page, f"{CHAT}/block", blocked=True)
    async with page.post(f"{CHAT}/albums", data=album(PIXEL, PIXEL)) as response:
        assert (response.status, await response.json()) == (409, {"error": "blocked"})
    assert (await read(page, CHAT))["messages"] == []


async def test_the_page_s_own_files_and_nothing_else(page: ClientSession) -> None:
    async with page.get("/") as response:
        assert response.content_type == "text/html"
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "script-src" not in policy
        assert "object-src 'none'" in policy
    for path in ("/page/../__init__.py", "/page/%2e%2e/__init__.py", "/page/nothing.js", "/page/"):
        async with page.get(path) as response:
            assert response.status == 404


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "localhost:1"}, 200),
        ({"Host": "rebound.example"}, 403),
        ({"Host": "127.0.0.1.example"}, 403),
        ({"Origin": "http://other.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
    ],
)
@pytest.mark.parametrize("path", ["/playground/people", "/bot42:secret/getMe", "/sim/counters"])
async def test_only_our_own_page_may_talk(
    page: ClientSession, path: str, headers: dict[str, str], status: int
) -> None:
    async with page.get(path, headers=headers) as response:
        assert response.status == status


async def test_another_origin_cannot_post(ground: Playground, page: ClientSession) -> None:
    await call(page, "getMe")
    foreign = {"Origin": "http://127.0.0.1:1"}
    async with page.post(f"{CHAT}/messages", json={"text": "hi"}, headers=foreign) as response:
        assert response.status == 403
    own = {"Origin": ground.url}
    async with page.post(f"{CHAT}/messages", json={"text": "hi"}, headers=own) as response:
        assert response.status == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.org", ""])
async def test_it_refuses_to_listen_beyond_loopback(host: str) -> None:
    with pytest.raises(ValueError, match="loopback only"):
        await start_playground(host=host)


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 here")
async def test_ipv6_loopback_is_loopback_too() -> None:
    try:
        playground = await start_playground(host="::1")
    except OSError:
        pytest.skip("::1 is switched off here")
    async with (
        ClientSession() as session,
        session.get(f"{playground.url}/sim/counters") as response,
    ):
        assert response.status == 200
    await playground.close()


async def test_closing_ends_open_pages_and_long_polls(ground: Playground) -> None:
    async with ClientSession(ground.url) as page, page.get(f"{CHAT}/events") as stream:
        polling = asyncio.create_task(page.get("/bot42:secret/getUpdates?timeout=50"))
        while not ground.world.journal.calls["getUpdates"]:
            await asyncio.sleep(0.01)
        await ground.close()
        async with asyncio.timeout(20):
            assert await (await polling).json() == {"ok": True, "result": []}
            await stream.content.read()
