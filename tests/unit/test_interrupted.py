"""Ctrl-C at any moment of a command: one word, and the exit code of shells for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from core.backup import fresh_cluster
from core.errors import Misconfigured
from tests.processes import ROOT, clean_environment

# The signal comes in the middle of loading a module that every command needs.
WHILE_LOADING = """
import importlib.abc, os, runpy, signal, sys

class Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "pydantic_settings":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Finder())
runpy.run_module("bot", run_name="__main__", alter_sys=True)
"""


def python(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=ROOT,
        env=clean_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


@pytest.mark.parametrize("command", ["backup", "doctor"])
def test_while_modules_are_loaded(command: str) -> None:
    ended = python(WHILE_LOADING, command, "bot.tar")
    assert (ended.returncode, ended.stderr) == (130, "interrupted\n")


AFTER_THE_END = """
import atexit, os, runpy, signal
import bot.command_line as commands

commands.main = lambda arguments: 0
atexit.register(lambda: os.kill(os.getpid(), signal.SIGINT))
runpy.run_module("bot", run_name="__main__", alter_sys=True)
"""


def test_after_the_end_it_changes_nothing() -> None:
    ended = python(AFTER_THE_END)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_what_still_changes_is_removed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "postgres.new"
    (place / "data").mkdir(parents=True)
    remove = fresh_cluster.shutil.rmtree
    failures = [FileNotFoundError(2, "gone"), OSError(39, "not empty")]

    def racing(folder: Path) -> None:
        if failures:
            raise failures.pop()
        remove(folder)

    monkeypatch.setattr(fresh_cluster.shutil, "rmtree", racing)
    fresh_cluster.discard(place)
    assert not place.exists()


def test_the_interruption_is_what_is_heard_of_though_something_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stuck(place: Path) -> None:
        raise Misconfigured(f"{place} can't be removed")

    monkeypatch.setattr(fresh_cluster, "discard", stuck)
    with pytest.raises(KeyboardInterrupt), fresh_cluster.discarded_on_failure(tmp_path):
        raise KeyboardInterrupt


HANGING = """
import asyncio, os, runpy, signal, sys, threading
import bot.doctor

async def diagnose(settings, bot):
    thread = asyncio.create_task(asyncio.to_thread(threading.Event().wait))
    await asyncio.sleep(0.1)
    os.kill(os.getpid(), signal.SIGINT)
    await thread
    yield

bot.doctor.diagnose = diagnose
runpy.run_module("bot", run_name="__main__", alter_sys=True)
"""


def test_the_doctor_waits_for_no_thread_that_hangs() -> None:
    ended = python(HANGING, "doctor")
    assert (ended.returncode, ended.stderr) == (130, "interrupted\n")
