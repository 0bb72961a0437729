"""How checks are run: beside each other, in time, in their order of need."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from contextlib import aclosing

import pytest

from core.checkup import Check, Result, Verdict, failed, fine, skipped, warning
from core.checkup.examination import examine
from core.errors import Misconfigured

Run = Callable[[], Awaitable[Verdict]]


def says(verdict: Verdict) -> Run:
    async def run() -> Verdict:
        return verdict

    return run


async def all_of(*checks: Check, **limits: float) -> dict[str, Result]:
    async with aclosing(examine(checks, **limits)) as results:
        return {result.name: result async for result in results}


async def test_what_cannot_work_is_skipped_and_names_where_it_began() -> None:
    results = await all_of(
        Check("writes", says(fine("yes")), needs=("migrations",)),
        Check("migrations", says(fine("all")), needs=("database",)),
        Check("database", says(failed("down", "Start it."))),
        Check("count", says(fine("counted")), after=("writes",)),
    )
    assert results["database"] == Result(2, "database", "failed", "down", "Start it.", 0)
    assert results["migrations"].status == results["writes"].status == "skipped"
    assert results["writes"].found == "because «database» failed"
    assert results["count"].status == "ok"  # it only had to wait


async def test_a_warning_hinders_nothing_and_a_skip_hinders_what_needs_it() -> None:
    results = await all_of(
        Check("odd", says(warning("odd", "Look."))),
        Check("next", says(fine("went on")), needs=("odd",)),
        Check("absent", says(skipped("there is none"))),
        Check("needy", says(fine("never")), needs=("absent", "not a check at all")),
    )
    assert results["next"].status == "ok"
    assert results["needy"].found == "because «absent» was skipped"


async def test_independent_checks_run_side_by_side_and_come_as_they_end() -> None:
    there = asyncio.Event()

    async def waits() -> Verdict:
        await there.wait()
        return fine("met")

    async def arrives() -> Verdict:
        there.set()
        return fine("came")

    async with aclosing(examine([Check("a", waits), Check("b", arrives)])) as results:
        names = [result.name async for result in results]
    assert sorted(names) == ["a", "b"]


async def test_silence_and_hanging_threads_are_left_after_their_time() -> None:
    release = threading.Event()

    async def silent() -> Verdict:
        await asyncio.Event().wait()
        raise AssertionError

    async def hanging() -> Verdict:
        work = asyncio.get_running_loop().run_in_executor(None, release.wait)
        while not work.done():  # as core.files.disk does: it comes back with its thread only
            try:
                await asyncio.wait({work})
            except asyncio.CancelledError:
                continue
        return fine("late")

    checks = [
        Check("silent", silent, if_silent="Knock."),
        Check("hanging", hanging, if_silent="Pull."),
    ]
    found: dict[str, Result] = {}
    async with aclosing(examine(checks, check_seconds=0.2)) as results:
        async for result in results:
            found[result.name] = result
            if len(found) == len(checks):
                release.set()
    assert {r.status for r in found.values()} == {"failed"}
    assert found["silent"].found.startswith("no answer in")
    assert (found["silent"].advice, found["hanging"].advice) == ("Knock.", "Pull.")


async def test_all_together_have_a_limit_too() -> None:
    async def silent() -> Verdict:
        await asyncio.Event().wait()
        raise AssertionError

    results = await all_of(
        Check("first", silent),
        Check("second", says(fine("in no time")), after=("first",)),
        check_seconds=60,
        all_seconds=0.2,
    )
    assert results["second"].found == "there was no time left for it"


async def test_errors_are_failures_and_only_our_own_are_quoted() -> None:
    async def misconfigured() -> Verdict:
        raise Misconfigured("DATA_DIR is a file")

    async def broken() -> Verdict:
        raise RuntimeError("somebody's words")

    results = await all_of(Check("ours", misconfigured), Check("theirs", broken))
    assert results["ours"].found == "DATA_DIR is a file"
    assert "RuntimeError" in results["theirs"].found
    assert "somebody" not in results["theirs"].found + results["theirs"].advice
    assert all(r.status == "failed" and r.advice for r in results.values())


async def test_breaking_off_cancels_what_runs() -> None:
    cancelled = asyncio.Event()

    async def silent() -> Verdict:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        raise AssertionError

    async with aclosing(examine([Check("quick", says(fine("ok"))), Check("x", silent)])) as results:
        async for _ in results:
            break
    assert cancelled.is_set()


async def test_checks_that_wait_for_each_other_are_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="wait for each other"):
        await all_of(
            Check("a", says(fine("")), after=("b",)), Check("b", says(fine("")), needs=("a",))
        )
