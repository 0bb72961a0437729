"""What reaches the person, and what is kept about it, when Telegram or the database misbehave."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from aiogram import Bot
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.methods import SendMessage
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot.delivery.outbox import Outbox
from bot.telegram import FloodWaits
from core import Background, Claimed, Delivery, LeaseLost, Unavailable
from tests.telegram import RecordingSession

METHOD = SendMessage(chat_id=7, text="a")
KEYBOARD = InlineKeyboardMarkup(
    inline_keyboard=[[InlineKeyboardButton(text="Повторить", callback_data="again")]]
)
SIMPLE = Delivery(
    id=1,
    message_id=11,
    lease="l",
    attempt=1,
    user_id="u",
    vision_id="v",
    vision_title="Дом <у> моря",
    current=True,
    chat_id=7,
    thread_id=3,
    language="ru",
    sender="assistant",
    type="text",
    content="**Привет**",
    payload={},
    attachment=None,
    reply_to=None,
    sent=(),
)
LONG = replace(SIMPLE, content="\n\n".join(f"Абзац {n}. " + "слово " * 300 for n in range(6)))


def network_error(message: str) -> TelegramNetworkError:
    return TelegramNetworkError(method=None, message=message)  # type: ignore[arg-type]


class Kept:
    """Deliveries as the database keeps them."""

    def __init__(self) -> None:
        self.steps: list[tuple[Any, ...]] = []
        self.waiting: list[Delivery] = []
        self.errors: list[Exception] = []
        self.taken: set[int] = set()
        self.awaited = 0
        self.all_kept = asyncio.Event()
        self.unasked = False
        self.wake = asyncio.Queue[str]()

    async def claim(self, limit: int) -> Claimed:
        if self.errors:
            raise self.errors.pop(0)
        claimed, self.waiting = self.waiting[:limit], self.waiting[limit:]
        return Claimed(claimed, unasked=self.unasked)

    async def wakes(self) -> AsyncIterator[str]:
        while True:
            yield await self.wake.get()

    async def renew(self, deliveries: Collection[Delivery]) -> Collection[int]:
        if self.errors:
            raise self.errors.pop(0)
        return {delivery.id for delivery in deliveries} - self.taken

    async def record(self, delivery: Delivery, index: int, telegram_message_id: int) -> None:
        self._keep("record", delivery.id, index, telegram_message_id)

    async def delivered(self, delivery: Delivery, telegram_message_ids: list[int]) -> None:
        self._keep("delivered", delivery.id, telegram_message_ids)

    async def postpone(self, delivery: Delivery, seconds: float, reason: str) -> None:
        self._keep("postpone", delivery.id, seconds, reason)

    async def fail(self, delivery: Delivery, reason: str) -> None:
        self._keep("fail", delivery.id, reason)

    def _keep(self, *step: Any) -> None:
        if self.errors:
            raise self.errors.pop(0)
        self.steps.append(step)
        if len(self.steps) >= self.awaited:
            self.all_kept.set()

    async def until(self, steps: int) -> None:
        self.awaited = steps
        self.all_kept.clear()
        if len(self.steps) < steps:
            await asyncio.wait_for(self.all_kept.wait(), 20)

    def names(self) -> list[str]:
        return [step[0] for step in self.steps]


class World:
    """More of what an outbox is made with can be given in `more`."""

    def __init__(self, background: Background, **more: Any) -> None:
        self.session = RecordingSession()
        self.slept: list[float] = []
        self.session.middleware(FloodWaits(self.sleep))
        self.bot = Bot("42:TEST", session=self.session)
        self.kept = Kept()
        self.gone: list[int] = []
        self.outbox = Outbox(
            self.bot,
            self.kept,
            background,
            keyboard_for=lambda delivery: KEYBOARD if delivery.payload.get("again") else None,
            words_for=self.words_for,
            ending_for=lambda delivery: delivery.payload.get("ending"),
            unreachable=self.unreachable,
            at_once=3,
            sleep=self.sleep,
            **{"attachments": None, "poll_seconds": 0.01} | more,
        )

    def words_for(self, delivery: Delivery) -> str | None:
        return delivery.payload.get("words")

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    async def unreachable(self, chat: int) -> None:
        self.gone.append(chat)

    def sent(self) -> list[SendMessage]:
        return self.session.sent(SendMessage)

    def attempts(self) -> int:
        return sum(isinstance(call, SendMessage) for call in self.session.calls)


@pytest.fixture
async def background() -> AsyncIterator[Background]:
    background = Background()
    yield background
    await background.drain(1)


@pytest.fixture
def world(background: Background) -> World:
    return World(background)


async def test_an_answer_that_is_not_whole_says_so_below_its_last_piece(world: World) -> None:
    long = "слово " * 1500
    await world.outbox.deliver(replace(SIMPLE, content=long, payload={"ending": "Не до конца"}))
    *before, last = world.sent()
    assert before
    assert not any(message.text.endswith("Не до конца") for message in before)
    assert last.text.endswith("\n\nНе до конца")
    assert (last.entities or [])[-1].type == "italic"
    assert (last.entities or [])[-1].extract_from(last.text) == "Не до конца"


async def test_an_answer_arrives_with_its_formatting_and_keyboard(world: World) -> None:
    await world.outbox.deliver(replace(SIMPLE, payload={"again": True}))
    (message,) = world.sent()
    assert (message.chat_id, message.message_thread_id, message.text) == (7, 3, "Привет")
    assert [entity.type for entity in message.entities or []] == ["bold"]
    assert message.parse_mode is None
    assert message.reply_markup == KEYBOARD
    assert world.kept.steps == [("delivered", 1, [1000])]


async def test_a_long_answer_is_recorded_piece_by_piece(world: World) -> None:
    await world.outbox.deliver(replace(LONG, payload={"again": True}))
    messages = world.sent()
    assert len(messages) > 2
    assert [bool(message.reply_markup) for message in messages[-2:]] == [False, True]
    last = len(messages) - 1
    records = [("record", 1, index, 1000 + index) for index in range(last)]
    assert world.kept.steps == [*records, ("delivered", 1, list(range(1000, 1001 + last)))]


async def test_after_a_kill_it_goes_on_where_it_stopped(world: World) -> None:
    await world.outbox.deliver(LONG)
    whole = [message.text for message in world.sent()]
    world.session.answered.clear()
    await world.outbox.deliver(replace(LONG, sent=(51, 52), current=False))
    assert [message.text for message in world.sent()] == whole[2:]
    assert world.kept.steps[-1][2][:2] == [51, 52]


async def test_words_of_another_vision_carry_its_title(world: World) -> None:
    await world.outbox.deliver(replace(SIMPLE, current=False))
    (message,) = world.sent()
    assert message.text == "Дом <у> моря\n\nПривет"
    covered = [
        (e.type, message.text[e.offset : e.offset + e.length]) for e in message.entities or []
    ]
    assert covered == [("bold", "Дом <у> моря"), ("bold", "Привет")]


async def test_the_longest_title_still_fits(world: World) -> None:
    await world.outbox.deliver(replace(LONG, current=False, vision_title="🏡" * 500))
    assert world.kept.names()[-1] == "delivered"
    assert world.sent()[0].text.split("\n")[0].endswith("…")


async def test_notices_are_our_own_words(world: World) -> None:
    notice = replace(SIMPLE, type="info", content="", payload={"words": "<b>Стоп</b> &lt;3"})
    await world.outbox.deliver(notice)
    await world.outbox.deliver(replace(notice, id=2, current=False))
    await world.outbox.deliver(replace(notice, id=3, payload={}))
    texts = [message.text for message in world.sent()]
    assert texts == [
        "<b>Стоп</b> &lt;3",
        "<b>Дом &lt;у&gt; моря</b>\n\n<b>Стоп</b> &lt;3",
    ]
    assert world.kept.steps[-1] == ("delivered", 3, [])


async def test_broken_html_of_ours_still_says_what_it_says(world: World) -> None:
    await world.outbox.deliver(
        replace(SIMPLE, type="info", payload={"words": "<b>Привет &amp; да"})
    )
    assert [message.text for message in world.sent()] == ["Привет & да"]


async def test_refused_formatting_costs_only_the_formatting(world: World) -> None:
    world.session.fail(SendMessage, TelegramBadRequest(METHOD, "Bad Request: can't parse entities"))
    await world.outbox.deliver(replace(SIMPLE, payload={"again": True}))
    (message,) = world.sent()
    assert (message.text, message.entities, message.reply_markup) == ("Привет", None, KEYBOARD)
    assert world.kept.names() == ["delivered"]


async def test_a_refused_keyboard_costs_only_the_keyboard(world: World) -> None:
    refusal = TelegramBadRequest(METHOD, "Bad Request: BUTTON_DATA_INVALID")
    world.session.fail(SendMessage, refusal, refusal)
    await world.outbox.deliver(replace(SIMPLE, payload={"again": True}))
    assert [message.reply_markup for message in world.sent()] == [None]


async def test_a_topic_that_is_gone_gives_way_to_the_chat(world: World) -> None:
    refusal = TelegramBadRequest(METHOD, "Bad Request: message thread not found")
    world.session.fail(SendMessage, refusal)
    await world.outbox.deliver(SIMPLE)
    assert [message.message_thread_id for message in world.sent()] == [None]


async def test_what_telegram_never_takes_does_not_hold_the_next(world: World) -> None:
    refusal = TelegramBadRequest(METHOD, "Bad Request: something")
    world.session.fail(SendMessage, refusal, refusal)
    await asyncio.gather(world.outbox.deliver(SIMPLE), world.outbox.deliver(replace(SIMPLE, id=2)))
    assert world.kept.steps == [("fail", 1, "rejected"), ("delivered", 2, [1000])]


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("Forbidden: bot was blocked by the user", "blocked"),
        ("Forbidden: user is deactivated", "deactivated"),
    ],
)
async def test_people_who_are_gone(world: World, message: str, reason: str) -> None:
    world.session.fail(SendMessage, TelegramForbiddenError(METHOD, message))
    await world.outbox.deliver(SIMPLE)
    assert world.kept.steps == [("fail", 1, reason)]
    assert world.gone == [7]


async def test_a_person_without_a_chat_is_waited_for(world: World) -> None:
    await world.outbox.deliver(replace(SIMPLE, chat_id=0))
    assert world.kept.steps == [("fail", 1, "blocked")]


async def test_a_short_flood_wait_is_waited_out(world: World) -> None:
    world.session.fail(SendMessage, TelegramRetryAfter(METHOD, "Too Many Requests", 3))
    await world.outbox.deliver(SIMPLE)
    assert world.slept == [3]
    assert world.kept.names() == ["delivered"]


async def test_a_long_flood_wait_gives_the_chat_back_in_order(world: World) -> None:
    world.session.fail(SendMessage, TelegramRetryAfter(METHOD, "Too Many Requests", 30))
    await asyncio.gather(
        world.outbox.deliver(SIMPLE),
        world.outbox.deliver(replace(SIMPLE, id=2)),
        world.outbox.deliver(replace(SIMPLE, id=3, chat_id=8)),
    )
    by_id = {step[1]: step for step in world.kept.steps}
    assert by_id[1] == ("postpone", 1, 30, "flood")
    assert by_id[2][0] == "postpone"
    assert by_id[2][2] == pytest.approx(30, abs=5)
    assert by_id[3][0] == "delivered"
    assert world.slept == []


@pytest.mark.parametrize(
    "error",
    [
        network_error("ClientConnectorError: Cannot connect to host"),
        TelegramServerError(METHOD, "Bad Gateway"),
        ClientDecodeError("Failed to decode object", ValueError(), "<html>"),
    ],
)
async def test_an_unclear_outcome_is_never_repeated_at_once(world: World, error: Exception) -> None:
    world.session.fail(SendMessage, error)
    await world.outbox.deliver(SIMPLE)
    assert world.attempts() == 1
    assert world.kept.names() == ["postpone"]
    pauses = []
    for attempt in (1, 3, 50):
        world.session.fail(SendMessage, error)
        other = replace(SIMPLE, id=attempt + 10, attempt=attempt, chat_id=attempt + 10)
        await world.outbox.deliver(other)
        pauses.append(world.kept.steps[-1][2])
    assert pauses == [2, 8, 10]


async def test_what_may_have_arrived_is_tried_for_minutes_and_then_let_go(world: World) -> None:
    """Each try may be one more copy, but an outage of a minute must not cost an answer."""
    for unclear in range(5):
        world.session.fail(SendMessage, network_error("ServerDisconnectedError: disconnected"))
        # A chat that Telegram was away from rests for a moment.
        await world.outbox.deliver(replace(SIMPLE, chat_id=100 + unclear, unclear=unclear))
    *postponed, last = world.kept.steps
    assert [step[2:] for step in postponed] == [(n, "unclear") for n in (10, 30, 120, 300)]
    assert last == ("fail", SIMPLE.id, "unclear")


async def test_of_what_nobody_waits_for_a_flood_wait_is_told_at_once(world: World) -> None:
    flood = TelegramRetryAfter(METHOD, "Too Many Requests", retry_after=4)
    world.session.fail(SendMessage, flood)
    await world.outbox.deliver(replace(SIMPLE, unasked=True))
    assert world.slept == []
    assert world.kept.steps == [("postpone", SIMPLE.id, 4, "flood")]


async def test_after_an_outage_leases_are_renewed_before_anything_is_claimed(
    world: World, background: Background
) -> None:
    world.kept.errors = [Unavailable("down")]
    running = background.spawn(world.outbox.run(), "sweep")
    world.kept.waiting = [replace(SIMPLE, id=5, chat_id=5)]
    await world.kept.until(1)
    assert world.slept == [3.0]
    await world.outbox.drain(5)
    await asyncio.wait_for(running, 5)


async def test_a_sent_piece_is_recorded_once_the_database_is_back(world: World) -> None:
    world.kept.errors = [Unavailable("down"), Unavailable("down")]
    await world.outbox.deliver(SIMPLE)
    assert world.attempts() == 1
    assert world.kept.names() == ["delivered"]


async def test_a_delivery_taken_over_is_dropped(world: World) -> None:
    world.kept.errors = [LeaseLost("lease_lost")]
    await world.outbox.deliver(LONG)
    assert world.attempts() == 1
    assert world.kept.steps == []


async def test_a_bug_of_ours_is_not_repeated_for_ever(world: World) -> None:
    world.session.fail(SendMessage, RuntimeError("bug"), RuntimeError("bug"))
    await world.outbox.deliver(SIMPLE)
    await world.outbox.deliver(replace(SIMPLE, attempt=10))
    assert world.kept.steps == [("postpone", 1, 2, "error"), ("fail", 1, "error")]


async def test_blank_answers_end_and_strange_kinds_wait_for_a_newer_process(world: World) -> None:
    await world.outbox.deliver(replace(SIMPLE, content=" \n"))
    await world.outbox.deliver(replace(SIMPLE, id=2, type="hologram", content=" "))
    assert world.kept.steps == [("delivered", 1, []), ("postpone", 2, 300, "unsupported")]


async def test_within_a_chat_order_is_kept(world: World) -> None:
    answers = [replace(SIMPLE, id=n, content=f"{n} " + LONG.content) for n in range(1, 6)]
    await asyncio.gather(*map(world.outbox.deliver, answers))
    firsts = [message.text[0] for message in world.sent() if message.text[0].isdigit()]
    assert firsts == ["1", "2", "3", "4", "5"]


async def test_the_sweep_sends_what_was_left(world: World, background: Background) -> None:
    ids = count(1)
    world.kept.waiting = [replace(SIMPLE, id=n, chat_id=n) for n in (next(ids) for _ in range(20))]
    world.kept.errors = [Unavailable("down")]
    running = background.spawn(world.outbox.run(), "sweep")
    await world.kept.until(20)
    world.kept.waiting = [replace(SIMPLE, id=50)]
    world.outbox.wake()
    await world.kept.until(21)
    await world.outbox.drain(5)
    await asyncio.wait_for(running, 5)
    assert set(world.kept.names()) == {"delivered"}


async def test_another_processs_word_wakes_the_sweep(background: Background) -> None:
    world = World(background, poll_seconds=600)
    running = background.spawn(world.outbox.run(), "sweep")
    world.kept.waiting = [SIMPLE]
    world.kept.wake.put_nowait("")
    await world.kept.until(1)
    world.kept.waiting = [replace(SIMPLE, id=2)]
    world.kept.wake.put_nowait("")
    await world.kept.until(2)
    await world.outbox.drain(5)
    await asyncio.wait_for(running, 5)


async def test_words_within_a_budget_are_asked_for_again_soon(background: Background) -> None:
    world = World(background, poll_seconds=600)
    world.kept.unasked = True
    running = background.spawn(world.outbox.run(), "sweep")
    await asyncio.sleep(0.1)
    world.kept.waiting = [SIMPLE]
    await world.kept.until(1)
    await world.outbox.drain(5)
    await asyncio.wait_for(running, 5)


async def test_draining_ends_what_is_sent_and_begins_nothing(
    world: World, background: Background, monkeypatch: pytest.MonkeyPatch
) -> None:
    sending, go_on = asyncio.Event(), asyncio.Event()
    answer = world.session.make_request

    async def slow(*arguments: Any, **named: Any) -> Any:
        sending.set()
        await go_on.wait()
        return await answer(*arguments, **named)

    monkeypatch.setattr(world.session, "make_request", slow)
    one = background.spawn(world.outbox.deliver(SIMPLE), "one")
    two = background.spawn(world.outbox.deliver(replace(SIMPLE, id=2)), "two")
    await sending.wait()
    draining = background.spawn(world.outbox.drain(10), "drain")
    await asyncio.sleep(0)
    go_on.set()
    await asyncio.gather(one, two, draining)
    assert world.kept.steps == [("delivered", 1, [1000]), ("postpone", 2, 0, "stopping")]
