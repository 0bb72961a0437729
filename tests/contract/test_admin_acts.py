"""Broadcasts and feedback of `python -m bot admin`, act by act, on the database itself."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.cli.admin import add_arguments
from bot.cli.admin_broadcasts import BROADCASTS
from bot.cli.admin_feedback import FEEDBACK
from bot.cli.administering import Console, Refused, Said
from bot.cli.asking import NoText
from core.broadcasts import Broadcasts
from core.broadcasts.sending import BroadcastOutcome, BroadcastSends
from core.database import Database
from core.errors import NotFound
from core.feedback import Feedback

Admin = Callable[..., Awaitable[Said]]


@pytest.fixture
def admin(db: Database) -> Admin:
    return acts(SimpleNamespace(broadcasts=Broadcasts(db), feedback=Feedback(db)))


def acts(core: SimpleNamespace) -> Admin:
    console = Console(cast(Any, core), cast(Any, None), "console:test")
    parser = argparse.ArgumentParser()
    add_arguments(parser)

    async def act(*command: str) -> Said:
        asked = parser.parse_args(command)
        return await {**BROADCASTS, **FEEDBACK}[asked.act](console, asked)

    return act


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, bool], None]:
    def type_in(text: str, terminal: bool) -> None:
        keyboard = io.StringIO(text)
        monkeypatch.setattr(keyboard, "isatty", lambda: terminal)
        monkeypatch.setattr(sys, "stdin", keyboard)

    return type_in


async def test_a_broadcast_needs_a_yes_and_leaves_no_draft_without_it(
    admin: Admin, db: Database, someone: Any, typed: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    await someone(1)
    typed("", False)
    with pytest.raises(Refused, match=r"1 person \(all\): say --yes"):
        await admin("broadcast", "Новость", "--to", "all")
    typed("n\n", True)
    with pytest.raises(Refused):
        await admin("broadcast", "Новость", "--to", "all")
    assert "1 person (all), as plain text" in capsys.readouterr().err
    with pytest.raises(Refused, match="nobody"):
        await admin("broadcast", "Новость", "--to", "en", "--yes")
    log = (await db.call("read_admin_log", admin_id="console:test", offset=0, limit=9))["items"]
    assert [act["act"] for act in log] == ["broadcast_dropped", "broadcast_drafted"] * 3
    assert "Новость" not in str(log)
    typed("y\n", True)
    sent = await admin("broadcast", "Новость", "--to", "all")
    assert sent.value["broadcast"].status == "sending"


async def test_a_broadcast_of_nobody_in_the_chat_goes_to_its_end(
    admin: Admin, db: Database, someone: Any, typed: Any
) -> None:
    await someone(1)
    typed("Новость\n", False)
    sent = await admin("broadcast", "-", "--to", "ru", "--yes", "--key", "1")
    number = sent.value["broadcast"].id
    assert sent.lines[0] == "on its way to 1 person: the running bot sends it"
    sends = BroadcastSends(db, worker="w", per_second=1000)
    claimed = await sends.claim(10)
    assert claimed.content
    assert (claimed.content.text, len(claimed.sends)) == ("Новость", 1)
    await sends.mark(number, {claimed.sends[0]: BroadcastOutcome("sent")})
    [tended] = await sends.tend()
    assert (tended.settled, tended.screens) == (True, ())
    await sends.told(number)
    assert await sends.tend() == []
    listed = await admin("broadcasts")
    assert " to ru: 1  1 sent" in listed.lines[0]
    assert listed.lines[1] == "1 of 1"
    again = await admin("broadcast", "Новость", "--to", "ru", "--key", "1")
    assert again.lines[0] == "sent before"


async def test_broadcasts_are_paused_resumed_and_stopped(admin: Admin, someone: Any) -> None:
    await someone(1)
    sent = await admin("broadcast", "Новость", "--to", "all", "--yes")
    number = str(sent.value["broadcast"].id)
    for turn, state in (("pause", "paused"), ("resume", "sending"), ("stop", "stopped")):
        first = await admin(f"broadcast-{turn}", number)
        again = await admin(f"broadcast-{turn}", number)
        assert (first.value["changed"], again.value["changed"]) == (True, False)
        assert again.value["broadcast"].status == state
    with pytest.raises(Refused, match="is stopped"):
        await admin("broadcast-resume", number)
    with pytest.raises(NotFound, match="broadcast_not_found"):
        await admin("broadcast-stop", "12345")


async def test_the_list_of_feedback_shows_no_word_of_it(
    admin: Admin, db: Database, someone: Any
) -> None:
    person = await someone(1, first_name="Аня")
    given = await person.call(
        "give_feedback",
        kind="text",
        content="Где\nтайна?\x1b[2J",
        file=None,
        thread=None,
        message_id=None,
        source_key="tg:1",
        per_day=10,
    )
    number = str(given["thread"])
    listed = await admin("feedback")
    assert "тайна" not in f"{listed}"
    assert listed.value["items"][0]["kind"] == "text"
    assert listed.lines[0].endswith(f"text  waits  {person.user_id}  Аня")
    read = await admin("feedback", number)
    assert read.lines[-2:] == ["    Где", "    тайна? [2J"]
    for _ in range(2):
        await admin("answer", number, "Вот она", "--key", "1")
    talk = (await admin("feedback", number)).value
    assert [said.word.text for said in talk.words if said.by_team] == ["Вот она"]
    assert (await admin("done", number)).lines == [f"{number}: done"]
    assert (await admin("feedback")).lines == ["0 of 0"]
    assert (await admin("reopen", number)).lines == [f"{number}: open"]
    assert (await admin("feedback")).lines[-1] == "1 of 1"
    with pytest.raises(NotFound, match="thread_not_found"):
        await admin("answer", "12345", "Кому?")


@pytest.mark.parametrize("text", ["", " \n", "ы" * 4097, "a\0b", "\udcff"])
async def test_what_can_not_be_sent_is_refused_unasked(text: str) -> None:
    admin = acts(SimpleNamespace(broadcasts=None, feedback=None))
    with pytest.raises((Refused, NoText)):
        await admin("broadcast", text, "--to", "all", "--yes")
    with pytest.raises((Refused, NoText)):
        await admin("answer", "1", text)


@pytest.mark.parametrize("asked", [("numbers", "--days", "32"), ("csv", "--days", "0")])
async def test_days_out_of_bounds_are_refused(
    asked: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    admin = acts(SimpleNamespace())
    with pytest.raises(SystemExit) as refused:
        await admin(*asked)
    assert refused.value.code == 2
    assert f"{asked[-1]} is no number of 1 to" in capsys.readouterr().err
