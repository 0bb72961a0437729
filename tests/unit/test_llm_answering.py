"""When the model is asked again, and what the person gets when it never comes to an end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from core.errors import Filtered, ModelDown, ModelRejected
from core.llm import Done
from core.llm.answering import Deadlines, answer
from core.llm.failures import CallFailed

QUICK = Deadlines(first_token=0.1, gap=0.1, total=30, tries=5, pause=0.001)


def done(text: str, finish: str = "stop") -> Done:
    return Done(text, (), None, finish, "m-1", None)


class Script:
    """One step per try: what is said, then how it ends. The last step repeats."""

    def __init__(self, *steps: tuple[str, CallFailed | str]) -> None:
        self._steps = list(steps)
        self.seconds: list[float] = []
        self.asked = asyncio.Event()

    async def __call__(self, on_text: Callable[[str], None], attempt: int, seconds: float) -> Done:
        self.seconds.append(seconds)
        self.asked.set()
        assert attempt == len(self.seconds)
        said, end = self._steps.pop(0) if len(self._steps) > 1 else self._steps[0]
        for letter in said:
            on_text(letter)
        if isinstance(end, CallFailed):
            raise end
        return done(said, end)


def broken(**fields: float) -> CallFailed:
    return CallFailed("cut", "no_finish", **fields)  # type: ignore[arg-type]


async def test_the_preview_gets_the_whole_text_of_the_running_try() -> None:
    shown: list[str] = []
    script = Script(("аб", broken()), ("вгд", "stop"))
    got = await answer(script, QUICK, shown.append)
    assert shown == ["а", "аб", "в", "вг", "вгд"]
    assert (got.text, got.finished, got.tries) == ("вгд", True, 2)
    assert got.done is not None


async def test_five_tries_then_the_longest_partial_text() -> None:
    script = Script(("а", broken()), ("абв", broken()), ("аб", broken()), ("", broken()))
    got = await answer(script, QUICK)
    assert (got.text, got.finished, got.done, got.tries) == ("абв", False, None, 5)


async def test_nothing_at_all_is_down() -> None:
    script = Script(("  \n", broken()))
    with pytest.raises(ModelDown):
        await answer(script, QUICK)
    assert len(script.seconds) == 5


@pytest.mark.parametrize("kind", ["quota", "key", "model", "request"])
async def test_what_repeating_cannot_help_is_not_repeated(kind: str) -> None:
    script = Script(("", CallFailed("failed", "http_4xx", "why", rejected=kind)))  # type: ignore[arg-type]
    with pytest.raises(ModelRejected) as caught:
        await answer(script, QUICK)
    assert (caught.value.kind, caught.value.detail) == (kind, "why")
    assert len(script.seconds) == 1


async def test_an_answer_at_its_length_limit_is_unfinished() -> None:
    got = await answer(Script(("много", "length")), QUICK)
    assert (got.text, got.finished) == ("много", False)
    assert got.done is not None


async def test_filtered_words_are_an_answer_and_a_filtered_silence_is_not_repeated() -> None:
    got = await answer(Script(("Не могу.", "filter")), QUICK)
    assert (got.text, got.finished) == ("Не могу.", True)
    silence = Script(("", "filter"))
    with pytest.raises(Filtered):
        await answer(silence, QUICK)
    assert len(silence.seconds) == 1


async def test_retry_after_beyond_the_deadline_ends_the_tries() -> None:
    script = Script(("нача", broken(retry_after=60)))
    got = await answer(script, QUICK)
    assert (got.text, got.finished) == ("нача", False)
    assert len(script.seconds) == 1


async def pauses(
    script: Script, deadlines: Deadlines, monkeypatch: pytest.MonkeyPatch
) -> list[float]:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    with monkeypatch.context() as patch:
        patch.setattr(asyncio, "sleep", sleep)
        with pytest.raises(ModelDown):
            await answer(script, deadlines)
    return slept


async def test_the_server_is_not_asked_earlier_than_it_allowed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slept = await pauses(Script(("", broken(retry_after=2))), Deadlines(), monkeypatch)
    assert len(slept) == 4
    assert all(2 <= seconds <= 2.5 for seconds in slept)


async def test_pauses_grow_and_differ_between_people(monkeypatch: pytest.MonkeyPatch) -> None:
    deadlines = Deadlines(tries=7, total=1000)
    runs = [await pauses(Script(("", broken())), deadlines, monkeypatch) for _ in range(10)]
    for slept in runs:
        bounds = [0.5, 1, 2, 4, 8, 8]
        assert all(b / 2 <= s <= b for s, b in zip(slept, bounds, strict=True))
    assert len({tuple(slept) for slept in runs}) == 10


async def test_the_total_holds_for_all_tries_together() -> None:
    seconds_given: list[float] = []

    async def hangs(on_text: Callable[[str], None], attempt: int, seconds: float) -> Done:
        seconds_given.append(seconds)
        await asyncio.sleep(min(0.05, seconds))
        raise CallFailed("timeout", "first_token")

    deadlines = Deadlines(first_token=0.05, gap=0.05, total=0.3, tries=1000, pause=0.001)
    with pytest.raises(ModelDown):
        await answer(hangs, deadlines)
    assert len(seconds_given) < 1000
    assert seconds_given[0] <= 0.3
    assert seconds_given == sorted(seconds_given, reverse=True)
    assert seconds_given[-1] > 0


async def test_cancelling_stops_a_try_and_makes_no_other() -> None:
    tries = 0
    began = asyncio.Event()

    async def waits(on_text: Callable[[str], None], attempt: int, seconds: float) -> Done:
        nonlocal tries
        tries += 1
        began.set()
        await asyncio.Event().wait()
        return done("")

    task = asyncio.create_task(answer(waits, QUICK))
    await began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert tries == 1


async def test_cancelling_between_tries_stops_too() -> None:
    script = Script(("", broken(retry_after=20)))
    task = asyncio.create_task(answer(script, QUICK))
    await script.asked.wait()
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_bug_is_not_taken_for_a_failing_model() -> None:
    async def buggy(on_text: Callable[[str], None], attempt: int, seconds: float) -> Done:
        raise KeyError("bug")

    with pytest.raises(KeyError):
        await answer(buggy, QUICK)
