"""DATA_DIR belongs to the bot alone."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core import Misconfigured, prepare_data_folder

ROOT = os.geteuid() == 0
CLOSED = 0o711 if ROOT else 0o700


@contextmanager
def unprivileged() -> Iterator[None]:
    """As somebody whom modes of folders hold back."""
    before = os.geteuid()
    if ROOT:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(before)


def mode(folder: Path) -> int:
    return stat.S_IMODE(folder.stat().st_mode)


def test_a_new_one_is_closed_with_the_folders_made_above_it(tmp_path: Path) -> None:
    prepare_data_folder(tmp_path / "a" / "b")
    assert mode(tmp_path / "a") == mode(tmp_path / "a" / "b") == CLOSED


@pytest.mark.parametrize("inside", [(), ("lost+found",), ("postgres", "notes.txt")])
def test_our_own_is_closed(tmp_path: Path, inside: tuple[str, ...]) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    folder.chmod(0o777)
    for name in inside:
        (folder / name).mkdir()
    prepare_data_folder(folder)
    assert mode(folder) == CLOSED


def test_what_holds_other_things_is_not_touched(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "photos").mkdir()
    with pytest.raises(Misconfigured, match="a folder of its own") as refusal:
        prepare_data_folder(tmp_path)
    # It may be /etc: no advice to change what is not the bot's.
    assert "chmod" not in str(refusal.value)
    assert mode(tmp_path) == 0o755
    tmp_path.chmod(0o700)
    prepare_data_folder(tmp_path)
    assert mode(tmp_path) == 0o700


def test_one_that_can_not_be_reached_is_named(tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0)
    with unprivileged(), pytest.raises(Misconfigured, match="locked"):
        prepare_data_folder(locked / "deep" / "data")


@pytest.mark.skipif(not ROOT, reason="only root can give a folder away")
def test_somebody_elses_is_left_as_it_is_unless_anybody_may_change_it(tmp_path: Path) -> None:
    folder = tmp_path / "volume"
    folder.mkdir()
    os.chown(folder, 12345, 12345)
    folder.chmod(0o2775)
    prepare_data_folder(folder)
    assert mode(folder) == 0o2775
    folder.chmod(0o1777)
    with pytest.raises(Misconfigured, match="anybody"):
        prepare_data_folder(folder)
