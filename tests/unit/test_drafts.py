"""What a person sees while the answer grows. The clock is the loop's own, turned by hand."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from aiogram import Bot
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
)
from aiogram.methods import SendChatAction, SendMessage, SendMessageDraft, TelegramMethod

from bot.delivery.drafts import Drafts, Pace
from core import Background
from tests.telegram import RecordingSession

WAITING = ["Уже думаю над ответом", "Ответ почти готов"]


def doing(what: str, done: int, total: int) -> list[str]:
    line = f"{what} {done}/{total}"
    return [line, f"{line}, долго"]


METHOD = SendMessageDraft(chat_id=1, draft_id=1)


class Clock(asyncio.SelectorEventLoop):
    """Time jumps to the next timer instead of passing."""

    def __init__(self) -> None:
        super().__init__(_Selector(self))
        self.now = 1000.0

    def time(self) -> float:
        return self.now


class _Selector(selectors.SelectSelector):
    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout:
            self._clock.now += timeout
        return super().select(0)


class Screen(RecordingSession):
    """Remembers when each call came, and takes `seconds` for it."""

    def __init__(self, seconds: float = 0.05) -> None:
        super().__init__()
        self.seconds = seconds
        self.frames: list[tuple[float, TelegramMethod[Any]]] = []
        self.at_once = self.most_at_once = 0
        self.started = asyncio.get_running_loop().time()

    async def make_request(
        self, bot: Bot, method: TelegramMethod[Any], timeout: int | None = None
    ) -> Any:
        self.frames.append((asyncio.get_running_loop().time() - self.started, method))
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(self.seconds)
            return await super().make_request(bot, method, timeout)
        finally:
            self.at_once -= 1

    def texts(self) -> list[tuple[float, str]]:
        return [
            (round(at, 1), frame.text or "")
            for at, frame in self.frames
            if isinstance(frame, SendMessageDraft)
        ]

    def typed(self) -> list[float]:
        return [round(at, 1) for at, frame in self.frames if isinstance(frame, SendChatAction)]


def run(scenario: Callable[[Drafts, Screen], Coroutine[Any, Any, None]], **pace: Any) -> None:
    async def main() -> None:
        screen = Screen()
        background = Background()
        drafts = Drafts(Bot("42:TEST", session=screen), background, Pace(**pace))
        await scenario(drafts, screen)
        assert drafts.active == 0
        assert await background.drain(0) == 0

    with asyncio.Runner(loop_factory=Clock) as runner:
        runner.run(main())


def test_words_are_shown_at_once_then_at_intervals_and_the_newest_wins() -> None:
    async def scenario(drafts: Drafts, screen: Screen) -> None:
        async with drafts.open(1, 7, 5, WAITING, doing) as draft:
            await asyncio.sleep(0.1)
            assert not draft.shown_words
            text = ""
            for number in range(100):
                text += f"с{number} "
                draft.show(text)
                await asyncio.sleep(0.01)
                assert draft.shown_words
        times = [at for at, _ in screen.texts()]
        assert times == [0.1, 0.5, 0.9]
        first, second, _ = (frame for _, frame in screen.frames)
        assert isinstance(first, SendMessageDraft)
        assert (first.text, first.can_stop, first.draft_id) == ("с0", True, 5)
        assert (first.message_thread_id, first.parse_mode) == (7, None)
        assert isinstance(second, SendMessageDraft)
        assert (second.text or "").startswith("с0 с1 с2")

    run(scenario)


def test_silence_is_filled_with_thinking_then_phrases_and_kept_alive() -> None:
    async def scenario(drafts: Drafts, screen: Screen) -> None:
        async with drafts.open(1, None, 5, WAITING, doing) as draft:
            await asyncio.sleep(65)
            assert not draft.shown_words
        assert screen.texts() == [
            (0.5, ""),
            (10.0, WAITING[0]),
            (20.0, WAITING[1]),
            (40.0, WAITING[1]),
            (60.0, WAITING[1]),
        ]

    run(scenario)


def test_words_after_silence_go_out_at_once_and_are_kept_alive() -> None:
    async def scenario(drafts: Drafts, screen: Screen) -> None:
        async with drafts.open(1, None, 5, WAITING, doing) as draft:
            await asyncio.sleep(12)
            draft.show("**Слова**")
            await asyncio.sleep(0.01)
            assert draft.shown_words
            for _ in range(100):
                draft.show("**Слова**")
                await asyncio.sleep(0.5)
        assert screen.texts()[1:] == [
            (10.0, WAITING[0]),
            (12.0, "Слова"),
            (32.0, "Слова"),
            (52.0, "Слова"),
        ]

    run(scenario)


def test_blank_words_are_no_words() -> None:
    async def scenario(drafts: Drafts, screen: Screen) -> None:
        async with drafts.open(1, None, 5, WAITING, doing) as draft:
            draft.show("\n\n")
            await asyncio.sleep(11)
            assert not draft.shown_words
        assert screen.texts() == [(0.5, ""), (10.0, WAITING[0])]

    run(scenario)


def test_flood_waits_are_obeyed_and_only_the_newest_text_follows() -> None:
    async def scenario(drafts: Drafts, screen: Screen) -> None:
        screen.fail(SendMessageDraft, TelegramRetryAfter(METHOD, "Too Many Requests", 5))
        async with (
            drafts.open(1, None, 5, WAITING, doing) as draft,
            drafts.open(2, None, 6, [], doing) as other,
        ):
            draft.show("раз")
            await asyncio.sleep(1)
            for text in ("два", "три", "четыре"):
                draft.show(text)
                other.show(text)
                await asyncio.sleep(0.5)
            await asyncio.sleep(4)
        mine = [(at, f.text) for at, f in screen.frames if getattr(f, "chat_id", 0) == 1]
        assert [text for _, text in mine] == ["раз", "четыре"]
        assert mine[1][0] >= 5
        assert [text for _, text in screen.texts() if text == "два"] == ["два"]

    run(scenario)


@pytest.mark.parametrize(
    "error",
    [
        TelegramNotFound(METHOD, "Not Found: method not found"),
        TelegramBadRequest(METHOD, "Bad Request: method sendMessageDraft is not supported"),
    ],
)
def test_a_server_without_drafts_shows_typing_for_good(error: Exception) -> None:
    async def scenario(drafts: Drafts, screen: Screen) -> None:
        screen.fail(SendMessageDraft, error)
        async with drafts.open(1, 7, 5, WAITING, doing) as draft:
            draft.show("раз")
            await asyncio.sleep(10)
            draft.show("два")
        async with drafts.open(2, None, 6, WAITING, doing) as draft:
            draft.show("три")
            await asyncio.sleep(1)
            assert not draft.shown_words
        assert [text for _, text in screen.texts()] == ["раз"]
        assert len(screen.typed()) == 4
        assert max(b - a for a, b in zip(screen.typed(), screen.typed()[1:])) < 5  # noqa: B905

    run(scenario)


def test_groups_are_shown_typing_while_others_have_drafts() -> None:
    async def scenario(drafts: Drafts, screen: Screen) -> None:
        async with (
            drafts.open(-100, None, 5, WAITING, doing) as group,
            drafts.open(1, None, 6, [], doing) as one,
        ):
            group.show("раз")
            one.show("раз")
            await asyncio.sleep(1)
            assert (group.shown_words, one.shown_words) == (False, True)
        assert len(screen.typed()) == 1
        assert len(screen.texts()) == 1

    run(scenario)


def test_nobody_is_shown_nothing() -> None:
    async def scenario(drafts: Drafts, screen: Screen) -> None:
        async with drafts.open(0, None, 5, WAITING, doing) as draft:
            draft.show("раз")
            await asyncio.sleep(30)
        assert screen.frames == []

    run(scenario)


def test_refused_and_lost_frames_hurt_nobody() -> None:
    async def scenario(drafts: Drafts, screen: Screen) -> None:
        screen.fail(
            SendMessageDraft,
            TelegramNetworkError(METHOD, "no route"),
            TelegramBadRequest(METHOD, "Bad Request: entities are wrong"),
            RuntimeError("a bug"),
        )
        async with drafts.open(1, None, 5, WAITING, doing) as draft:
            draft.show("**раз**")
            await asyncio.sleep(5)
        frames = [frame for _, frame in screen.frames if isinstance(frame, SendMessageDraft)]
        assert [bool(frame.entities) for frame in frames] == [True, True, False]

    run(scenario)


def test_a_blocked_bot_falls_silent() -> None:
    async def scenario(drafts: Drafts, screen: Screen) -> None:
        screen.fail(SendMessageDraft, TelegramForbiddenError(METHOD, "Forbidden: blocked"))
        async with drafts.open(1, None, 5, WAITING, doing) as draft:
            for number in range(20):
                draft.show(f"{number}")
                await asyncio.sleep(1)
        assert len(screen.frames) == 1

    run(scenario)


def test_no_frame_comes_after_the_draft_is_left() -> None:
    async def scenario(drafts: Drafts, screen: Screen) -> None:
        async with drafts.open(1, None, 5, WAITING, doing) as draft:
            draft.show("раз")
            await asyncio.sleep(0.01)
            draft.show("раз два")
            assert screen.at_once == 1
        assert screen.at_once == 0
        draft.show("раз два три")
        await asyncio.sleep(60)
        assert [text for _, text in screen.texts()] == ["раз"]

    run(scenario)


def test_a_frame_that_hangs_does_not_hold_the_answer() -> None:
    async def scenario(drafts: Drafts, screen: Screen) -> None:
        screen.seconds = 100
        loop = asyncio.get_running_loop()
        async with drafts.open(1, None, 5, WAITING, doing) as draft:
            draft.show("раз")
            await asyncio.sleep(0.01)
            left = loop.time()
        assert loop.time() - left < 3
        await asyncio.sleep(0)
        await drafts.bot(SendMessage(chat_id=1, text="ответ"))

    run(scenario)


def test_an_error_of_the_turn_passes_through() -> None:
    async def scenario(drafts: Drafts, screen: Screen) -> None:
        with pytest.raises(ValueError, match="mine"):
            async with drafts.open(1, None, 5, WAITING, doing):
                raise ValueError("mine")

    run(scenario)


def test_many_drafts_share_one_budget_and_first_words_do_not_wait() -> None:
    async def scenario(drafts: Drafts, screen: Screen) -> None:
        async def turn(number: int) -> None:
            async with drafts.open(number, None, 5, WAITING, doing) as draft:
                for step in range(100):
                    draft.show("слово " * (step + 1))
                    await asyncio.sleep(0.1)

        async with asyncio.TaskGroup() as group:
            for number in range(1, 201):
                group.create_task(turn(number))
        first: dict[int, float] = {}
        for at, frame in screen.frames:
            first.setdefault(getattr(frame, "chat_id", 0), at)
        assert len(first) == 200
        assert max(first.values()) < 0.5
        assert len(screen.frames) <= 200 + 10 * 60
        assert screen.most_at_once <= 64

    run(scenario)


def test_a_thousand_silent_drafts_stay_within_the_budget_and_alive() -> None:
    async def scenario(drafts: Drafts, screen: Screen) -> None:
        async def turn(number: int) -> None:
            async with drafts.open(number, None, 5, WAITING, doing):
                await asyncio.sleep(60)

        async with asyncio.TaskGroup() as group:
            for number in range(1, 1001):
                group.create_task(turn(number))
        assert len(screen.frames) <= 60 * 60
        gaps = [0.0]
        for chat in (1, 500, 1000):
            shown = [at for at, frame in screen.frames if getattr(frame, "chat_id", 0) == chat]
            gaps += [b - a for a, b in zip(shown, shown[1:])]  # noqa: B905, RUF007
        assert max(gaps) < 45

    run(scenario)


def test_what_is_being_done_is_shown_at_once_and_ends_with_thinking() -> None:
    async def scenario(drafts: Drafts, screen: Screen) -> None:
        async with drafts.open(1, None, 5, WAITING, doing) as draft:
            await asyncio.sleep(2)
            draft.busy("reading", 0, 3)
            await asyncio.sleep(2)
            draft.busy("reading", 1, 3)
            await asyncio.sleep(9)
            draft.busy(None)
            await asyncio.sleep(11)
            assert not draft.shown_words
            draft.show("Слова")
            await asyncio.sleep(0.1)
            assert draft.shown_words
        assert screen.texts() == [
            (0.5, ""),
            (2.0, "reading 0/3"),
            (4.0, "reading 1/3"),
            (12.0, "reading 1/3, долго"),
            (13.0, ""),
            (23.0, WAITING[0]),
            (24.0, "Слова"),
        ]

    run(scenario)


def test_quick_progress_costs_no_more_frames_than_words_do() -> None:
    async def scenario(drafts: Drafts, screen: Screen) -> None:
        async with drafts.open(1, None, 5, WAITING, doing) as draft:
            for number in range(100):
                draft.busy("hearing", number, 100)
                await asyncio.sleep(0.01)
            await asyncio.sleep(60)
        shown = screen.texts()
        assert len([text for at, text in shown if at <= 1]) == 3
        assert shown[3] == (1.2, "hearing 99/100")
        assert [at for at, _ in shown[3:]] == [1.2, 10.0, 30.0, 50.0]

    run(scenario)


def test_words_are_more_than_what_is_being_done() -> None:
    async def scenario(drafts: Drafts, screen: Screen) -> None:
        async with drafts.open(1, None, 5, WAITING, doing) as draft:
            draft.show("Слова")
            await asyncio.sleep(1)
            draft.busy("making")
            await asyncio.sleep(5)
            draft.show("")
            await asyncio.sleep(1)
        assert [text for _, text in screen.texts()] == ["Слова", "making 0/0"]

    run(scenario)


def test_a_lost_frame_of_what_is_being_done_comes_again() -> None:
    async def scenario(drafts: Drafts, screen: Screen) -> None:
        screen.fail(
            SendMessageDraft,
            TelegramNetworkError(METHOD, "no route"),
            TelegramRetryAfter(METHOD, "Too Many Requests", 5),
        )
        async with drafts.open(1, None, 5, WAITING, doing) as draft:
            draft.busy("looking", 1, 2)
            await asyncio.sleep(9)
        assert [at for at, _ in screen.texts()] == pytest.approx([0, 1, 6], abs=0.2)

    run(scenario)


def test_a_group_sees_that_a_file_is_made() -> None:
    async def scenario(drafts: Drafts, screen: Screen) -> None:
        async with drafts.open(-100, None, 5, WAITING, doing) as draft:
            await asyncio.sleep(1)
            draft.busy("making")
            await asyncio.sleep(5)
            draft.busy(None)
            await asyncio.sleep(5)
        actions = [frame.action for _, frame in screen.frames if isinstance(frame, SendChatAction)]
        assert actions == ["typing", "upload_document", "typing"]

    run(scenario)
