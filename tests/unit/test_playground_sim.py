"""Control of the playground over HTTP: people, injected trouble, flood control, redelivery."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientError, ClientSession

from bot.playground import Playground, start_playground
from bot.playground.faults import Fault, Faults
from bot.playground.refusals import Refusal

MIRA = 1001


class Control:
    def __init__(self, session: ClientSession) -> None:
        self.session = session

    async def does(self, what: str, **body: Any) -> Any:
        async with self.session.post(f"/sim/{what}", json=body) as response:
            assert response.status == 200, await response.text()
            return await response.json()

    async def sees(self, what: str, **query: Any) -> Any:
        async with self.session.get(f"/sim/{what}", params=query) as response:
            return await response.json()

    async def calls(self, method: str, **body: Any) -> Any:
        async with self.session.post(f"/bot42:secret/{method}", json=body) as response:
            return await response.json()


@pytest.fixture
async def ground() -> AsyncIterator[Playground]:
    playground = await start_playground()
    yield playground
    await playground.close()


@pytest.fixture
async def control(ground: Playground) -> AsyncIterator[Control]:
    async with ClientSession(ground.url) as session:
        control = Control(session)
        await control.calls("getMe")
        await control.does("messages", person=MIRA, text="/start")
        yield control


async def test_people_act_over_http(control: Control) -> None:
    made = (await control.does("people", count=3, language_code="en"))["people"]
    assert len(set(made)) == 3
    await control.does("messages", person=made[0], text="hello", forwarded=True)
    await control.does("posts", person=made[1], content={"location": {"latitude": 1}})
    await control.does("presses", person=MIRA, message_id=1, data="forged:1")
    await control.does("edits", person=MIRA, message_id=1, text="/start again")
    group = (await control.does("groups", person=MIRA, title="Team"))["group"]
    await control.does("messages", person=MIRA, group=group, text="all together")
    await control.does("block", person=made[0])
    updates = (await control.calls("getUpdates"))["result"]
    assert [next(key for key in update if key != "update_id") for update in updates] == [
        "message",
        "message",
        "message",
        "callback_query",
        "edited_message",
        "my_chat_member",
        "message",
        "my_chat_member",
    ]
    assert updates[1]["message"]["forward_origin"]["type"] == "user"
    assert updates[3]["callback_query"]["data"] == "forged:1"


async def test_sends_are_listed_with_what_was_said(control: Control) -> None:
    await control.calls("sendMessage", chat_id=MIRA, text="one")
    first = await control.sees("sent")
    await control.calls("sendMessageDraft", chat_id=MIRA, draft_id=5, text="tw")
    await control.calls("sendMessage", chat_id=MIRA, text="two")
    later = await control.sees("sent", since=first["last_seq"], methods="sendMessage")
    assert [entry["text"] for entry in later["sent"]] == ["two"]
    assert later["sent"][0]["chat"] == MIRA
    everything = await control.sees("sent", chat=MIRA)
    assert [entry["seq"] for entry in everything["sent"]] == [1, 2, 3]
    assert (await control.sees("sent", since=99, wait=0.01))["sent"] == []
    counters = await control.sees("counters")
    assert counters["calls"]["sendMessage"] == 2
    assert counters["pending_updates"] == {"42": 1}


async def test_many_people_speak_at_once_and_any_update_can_come(control: Control) -> None:
    crowd = (await control.does("people", count=50))["people"]
    assert (await control.does("crowd", people=crowd, text="hello"))["sent"] == 50
    post = {"message_id": 1, "date": 1, "chat": {"id": -7, "type": "channel", "title": "News"}}
    await control.does("updates", kind="channel_post", payload=post)
    updates = (await control.calls("getUpdates"))["result"]
    people = [update["message"]["from"]["id"] for update in updates if "message" in update]
    assert people == [MIRA, *crowd]
    assert updates[-1]["channel_post"] == post


async def test_one_can_wait_for_a_number_of_sends(control: Control) -> None:
    waiting = asyncio.create_task(control.sees("sent", wait=60, count=3, methods="sendMessage"))
    for text in ("one", "two", "three"):
        await control.calls("sendMessage", chat_id=MIRA, text=text)
        await control.calls("sendMessageDraft", chat_id=MIRA, draft_id=1, text=text)
    assert [entry["text"] for entry in (await waiting)["sent"]] == ["one", "two", "three"]
    async with control.session.get("/sim/sent", params={"since": "x"}) as response:
        assert response.status == 400


async def test_a_refusal_is_injected_for_some_calls(control: Control) -> None:
    await control.does("faults", method="sendMessage", status=429, count=1, retry_after=7, skip=1)
    answers = [await control.calls("sendMessage", chat_id=MIRA, text="x") for _ in range(3)]
    assert [answer["ok"] for answer in answers] == [True, False, True]
    assert answers[1]["parameters"] == {"retry_after": 7}
    await control.does("faults", method="*", status=500, rate=1.0)
    assert (await control.calls("getMe"))["error_code"] == 500
    await control.does("faults", clear=True)
    assert (await control.calls("getMe"))["ok"]


async def test_a_dropped_answer_leaves_the_work_done(control: Control) -> None:
    await control.does("faults", method="sendMessage", status="drop", count=1)
    with pytest.raises(ClientError):
        await control.calls("sendMessage", chat_id=MIRA, text="did you get it?")
    await control.does("faults", method="sendMessage", status="drop_before", count=1)
    with pytest.raises(ClientError):
        await control.calls("sendMessage", chat_id=MIRA, text="never arrives")
    sent = (await control.sees("sent"))["sent"]
    assert [entry["text"] for entry in sent] == ["did you get it?"]


@pytest.mark.parametrize(("rate", "struck"), [(0.3, 30), (0.5, 50), (1.0, 100), (0.0, 0)])
def test_a_rate_strikes_an_even_share(rate: float, struck: int) -> None:
    faults = Faults()
    faults.add(Fault("sendMessage", 400, rate=rate))
    hits = 0
    for _ in range(100):
        try:
            faults.check("sendmessage", "1")
        except Refusal:
            hits += 1
    assert abs(hits - struck) <= 1


async def test_strict_flood_control_knows_each_chat_and_recovers(
    ground: Playground, control: Control
) -> None:
    start = ground.world.clock()
    ground.world.clock = lambda: start
    other = (await control.does("people"))["people"][0]
    await control.does("messages", person=other, text="/start")
    await control.does("flood", strict=True)
    answers = [await control.calls("sendMessage", chat_id=MIRA, text="x") for _ in range(5)]
    assert [answer["ok"] for answer in answers] == [True, True, True, False, False]
    wait = answers[-1]["parameters"]["retry_after"]
    assert (await control.calls("sendMessage", chat_id=other, text="x"))["ok"]
    assert (await control.calls("sendMessageDraft", chat_id=MIRA, draft_id=1, text="x"))["ok"]
    ground.world.clock = lambda: start + wait
    assert (await control.calls("sendMessage", chat_id=MIRA, text="x"))["ok"]


async def test_redelivery_and_the_model_over_http(control: Control) -> None:
    update = (await control.calls("getUpdates"))["result"][-1]
    assert (await control.calls("getUpdates", offset=update["update_id"] + 1))["result"] == []
    assert (await control.does("redeliver", n=5))["again"] == 1
    again = (await control.calls("getUpdates", offset=update["update_id"] + 1))["result"]
    assert again == [update]
    conduct = await control.does("model", first_token=0.0, total=0.0, text="fixed")
    assert conduct["text"] == "fixed"
    assert (await control.does("model", cut_rate=0.5))["text"] == "fixed"
    assert (await control.does("model", reset=True))["text"] is None
    assert (await control.sees("model"))["in_flight"] == 0


async def test_nonsense_is_refused_not_obeyed(control: Control) -> None:
    for what, body in [
        ("messages", {"person": 5, "text": "x"}),
        ("messages", {"text": "x"}),
        ("model", {"mood": "good"}),
        ("faults", {"method": "sendMessage", "status": 400, "colour": 1}),
        ("presses", {"person": MIRA, "data": "x"}),
    ]:
        async with control.session.post(f"/sim/{what}", json=body) as response:
            assert response.status == 400
