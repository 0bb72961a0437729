"""A backup is whole under its own name, or not there."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from core.backup.target import need_space, new_file
from core.errors import Misconfigured


def listed(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_it_takes_its_name_at_the_end(tmp_path: Path) -> None:
    target = tmp_path / "bot.tar"
    with new_file(target, force=False) as out:
        out.write(b"all of it")
        assert listed(tmp_path) == {"bot.tar.part"}
    assert listed(tmp_path) == {"bot.tar"}
    assert target.read_bytes() == b"all of it"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def half(target: Path, failure: BaseException, *, force: bool = False) -> None:
    with new_file(target, force=force) as out:
        out.write(b"half")
        raise failure


@pytest.mark.parametrize("failure", [KeyboardInterrupt(), Misconfigured("no")])
def test_a_failure_leaves_nothing(tmp_path: Path, failure: BaseException) -> None:
    with pytest.raises(type(failure)):
        half(tmp_path / "bot.tar", failure)
    assert listed(tmp_path) == set()


def test_an_old_backup_is_kept_unless_forced_and_until_the_new_one_is_whole(
    tmp_path: Path,
) -> None:
    target = tmp_path / "bot.tar"
    target.write_bytes(b"old")
    with pytest.raises(Misconfigured, match="--force"), new_file(target, force=False):
        pass
    with pytest.raises(KeyError):
        half(target, KeyError(), force=True)
    assert target.read_bytes() == b"old"
    with new_file(target, force=True) as out:
        out.write(b"new")
    assert target.read_bytes() == b"new"
    assert listed(tmp_path) == {"bot.tar"}


def test_what_a_killed_one_left_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "bot.tar.part").write_bytes(b"left behind by somebody" * 100)
    (tmp_path / "bot.tar.part").chmod(0o644)
    with new_file(tmp_path / "bot.tar", force=False) as out:
        out.write(b"new")
    assert (tmp_path / "bot.tar").read_bytes() == b"new"
    assert stat.S_IMODE((tmp_path / "bot.tar").stat().st_mode) == 0o600


def test_two_do_not_write_one_file(tmp_path: Path) -> None:
    target = tmp_path / "bot.tar"
    with new_file(target, force=False) as out:
        out.write(b"first")
        with pytest.raises(Misconfigured, match="another backup"), new_file(target, force=False):
            pass
    assert target.read_bytes() == b"first"


def test_a_link_in_its_way_is_not_followed(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"precious")
    (tmp_path / "bot.tar.part").symlink_to(other)
    with pytest.raises(Misconfigured), new_file(tmp_path / "bot.tar", force=False):
        pass
    assert other.read_bytes() == b"precious"


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("kind", ["pipe", "link"])
def test_what_is_no_plain_file_is_never_replaced(tmp_path: Path, kind: str, force: bool) -> None:
    target, other = tmp_path / "bot.tar", tmp_path / "other"
    other.write_bytes(b"precious")
    if kind == "pipe":
        os.mkfifo(target)
    else:
        target.symlink_to(other)
    before = target.lstat()
    with (
        pytest.raises(Misconfigured, match=f"is a .*{kind}: .*- for a pipe"),
        new_file(target, force=force) as out,
    ):
        out.write(b"new")
    assert os.path.samestat(target.lstat(), before)
    assert listed(tmp_path) == {"bot.tar", "other"}
    assert other.read_bytes() == b"precious"


def test_a_pipe_in_the_way_of_the_unfinished_one_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "bot.tar.part")
    with pytest.raises(Misconfigured), new_file(tmp_path / "bot.tar", force=False):
        pass


def test_no_space_is_said_before(tmp_path: Path) -> None:
    need_space(tmp_path, 1000)
    with pytest.raises(Misconfigured, match="MB free"):
        need_space(tmp_path, 2**60)
