"""Two folders change their places, and the process is killed between any two steps."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from core.database.embedded import EmbeddedPostgres
from core.database.sole_use import sole_use
from core.database.swap import finish_swap, fresh, swap
from core.errors import Misconfigured
from tests.database import reachable_folder

ROOT = Path(__file__).parent.parent.parent

# Kills itself in front of the system call number so-and-so of those that change folders.
KILLED = """
import os, signal, sys
from pathlib import Path
from core.database.swap import swap

left = int(sys.argv[2])

def counted(call):
    def first(*args, **kwargs):
        global left
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1
        return call(*args, **kwargs)
    return first

for name in ("rename", "unlink", "fsync"):
    setattr(os, name, counted(getattr(os, name)))
here = Path(sys.argv[1])
swap(here / "postgres", [here / "files"])
print("done")
"""
STEPS = 9


def place(folder: Path, text: str) -> None:
    folder.mkdir()
    (folder / "what").write_text(text)


def prepared(folder: Path) -> tuple[Path, Path]:
    directory, files = folder / "postgres", folder / "files"
    for name in (directory, files):
        place(name, "old")
        place(fresh(name), "new")
    return directory, files


def held(folder: Path) -> set[str]:
    return {(folder / name / "what").read_text() for name in ("postgres", "files")}


@pytest.mark.parametrize("step", range(STEPS))
def test_killed_at_any_step_all_is_old_or_all_is_new(tmp_path: Path, step: int) -> None:
    directory, _ = prepared(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path), str(step)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    with sole_use(directory):
        assert held(tmp_path) in ({"old"}, {"new"})
    kept = list(tmp_path.glob("*.before-*"))
    if held(tmp_path) == {"new"}:
        assert {(folder / "what").read_text() for folder in kept} == {"old"}
        assert len(kept) == 2
        assert not list(tmp_path.glob("*.new"))
    else:
        assert not kept
        assert len(swap(directory, [tmp_path / "files"])) == 2
        assert held(tmp_path) == {"new"}


def test_the_steps_are_all_there_are(tmp_path: Path) -> None:
    prepared(tmp_path)
    command = [sys.executable, "-c", KILLED, str(tmp_path), str(STEPS)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout == "done\n", "the test above has to kill at more steps"
    assert held(tmp_path) == {"new"}


async def test_the_next_start_ends_it() -> None:
    """The journal stands and nothing is renamed yet: whoever comes first goes on."""
    with reachable_folder() as folder:
        await ended_by_a_start(folder)


async def ended_by_a_start(tmp_path: Path) -> None:
    directory, files = prepared(tmp_path)
    (tmp_path / "postgres.swap").write_text(
        '{"kept": "before-20261120T160000Z", "names": ["postgres", "files"]}'
    )
    (directory / "data").mkdir()
    (fresh(directory) / "data").mkdir()
    (fresh(directory) / "data" / "PG_VERSION").write_text("11\n")
    with pytest.raises(Misconfigured, match="PostgreSQL 11"):  # it is no cluster, after all
        await EmbeddedPostgres(directory).start()
    assert held(tmp_path) == {"new"}
    assert (tmp_path / "postgres.before-20261120T160000Z" / "what").read_text() == "old"
    assert files.is_dir()
    assert not (tmp_path / "postgres.swap").exists()


def test_without_old_data_nothing_is_kept(tmp_path: Path) -> None:
    place(tmp_path / "postgres.new", "new")
    place(tmp_path / "files.new", "new")
    assert swap(tmp_path / "postgres", [tmp_path / "files"]) == []
    assert held(tmp_path) == {"new"}


def test_two_in_one_second_keep_both(tmp_path: Path) -> None:
    directory, files = prepared(tmp_path)
    first = swap(directory, [files])
    for name in (directory, files):
        place(fresh(name), "newer")
    second = swap(directory, [files])
    assert len({*first, *second}) == 4
    assert held(tmp_path) == {"newer"}


@pytest.mark.parametrize(
    "journal",
    [
        "",
        "{}",
        '{"kept": "before-20261120T160000Z", "names": ["../x"]}',
        '{"kept": "/etc", "names": ["postgres"]}',
    ],
)
def test_a_damaged_journal_stops_everything(tmp_path: Path, journal: str) -> None:
    directory, _ = prepared(tmp_path)
    (tmp_path / "postgres.swap").write_text(journal)
    with pytest.raises(Misconfigured, match=r"postgres\.swap"):
        finish_swap(directory)
    assert held(tmp_path) == {"old"}
