"""The doctor's results for eyes, in 80 columns, and for programs."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import asdict

import orjson

from core import Result

WIDTH = 80

_STATUS = {"ok": "ok", "warning": "warning", "failed": "FAILED", "skipped": "skipped"}
_COLOURS = {"ok": 32, "warning": 33, "failed": 31, "skipped": 90}
_STATUS_WIDTH = 9
_NAME_WIDTH = 21
_INDENT = " " * (_STATUS_WIDTH + _NAME_WIDTH)


def row(result: Result, *, colours: bool = False) -> str:
    """One result: what was found, and under it after an arrow what to do."""
    lines = _wrapped(result.found, "") + _wrapped(result.advice, "→ ")
    status = _STATUS[result.status]
    shown = f"\x1b[{_COLOURS[result.status]}m{status}\x1b[0m" if colours else status
    head = shown + " " * (_STATUS_WIDTH - len(status)) + result.name.ljust(_NAME_WIDTH)
    return "\n".join([head + lines[0].strip(), *lines[1:]])


def summary(results: Sequence[Result], seconds: float) -> str:
    counts = {status: sum(r.status == status for r in results) for status in _STATUS}
    told = [f"{counts['ok']} ok"]
    told += [f"{counts['warning']} to look at"] if counts["warning"] else []
    told += [f"{counts['failed']} failed"] if counts["failed"] else []
    told += [f"{counts['skipped']} skipped"] if counts["skipped"] else []
    verdict = "Something is wrong" if counts["failed"] else "Nothing is wrong"
    if not counts["failed"] and not counts["warning"]:
        verdict = "All is well"
    return f"{verdict}: {', '.join(told)}, in {seconds:.1f} s."


def as_json(results: Sequence[Result], seconds: float, *, passed: bool) -> str:
    """One object: `passed` as the exit code says it, and `checks` `milliseconds` each took."""
    checks = [
        {name: value for name, value in asdict(result).items() if name != "place"}
        for result in results
    ]
    told = {"passed": passed, "seconds": round(seconds, 1), "checks": checks}
    return orjson.dumps(told, option=orjson.OPT_INDENT_2).decode()


def _wrapped(text: str, mark: str) -> list[str]:
    if not text:
        return []
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=_INDENT + mark,
        subsequent_indent=_INDENT + " " * len(mark),
        break_on_hyphens=False,
    )
