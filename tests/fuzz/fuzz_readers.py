"""Thousands of damaged files through the jobs that read them.

`python -m tests.fuzz.fuzz_readers [count] [seed]` exits with 1 if any file crashed a reader, was
not refused as it should be, took too long, or if reading leaked memory. The files of findings are
kept, and read again by `python -m tests.fuzz.fuzz_readers file <path>`.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil

from core.isolated import Limits
from core.reading.reader import PICTURE_LIMITS
from tests.fuzz.cases import Cases

WORKERS = 2
WARM_UP = 500
GROWTH = 30.0
"""Megabytes that a worker may gain after its first `WARM_UP` files."""


def main(count: int, seed: int) -> int:
    folder = Path(tempfile.mkdtemp(prefix="fuzz-readers-"))
    with ThreadPoolExecutor(WORKERS) as pool:
        parts = pool.map(lambda part: _worker(part, count, seed, folder), range(WORKERS))
        reports = [report for part in parts for report in part]
    findings = [finding for report in reports for finding in report.findings]
    results: Counter[str] = sum((report.results for report in reports), Counter())
    for report in reports:
        if report.end:
            print(
                f"process {report.number}: {report.warm:.0f} MB after {WARM_UP} files, "
                f"{report.end:.0f} MB after {report.results.total()}"
            )
            if report.end - report.warm > GROWTH:
                findings.append(f"process {report.number} has grown")
    for name in sorted({name.partition(" ")[0] for name in results}):
        print(
            f"{name:11}",
            ", ".join(
                f"{case.partition(' ')[2]} {times}"
                for case, times in results.most_common()
                if case.startswith(f"{name} ")
            ),
        )
    slowest = max((report.slowest for report in reports), default=(0.0, ""))
    print(f"slowest: {slowest[0]:.2f} s, {slowest[1]}")
    for finding in findings[:50]:
        print("FINDING", finding)
    print(f"{results.total()} files, {len(findings)} findings")
    if findings:
        print(f"their files are in {folder}")
    else:
        shutil.rmtree(folder)
    return 1 if findings else 0


@dataclass(slots=True)
class _Report:
    """Of one process; `warm` and `end` are megabytes, 0 where it did not come so far."""

    number: str
    results: Counter[str] = field(default_factory=Counter[str])
    findings: list[str] = field(default_factory=list[str])
    slowest: tuple[float, str] = (0.0, "")
    warm: float = 0.0
    end: float = 0.0


def _worker(part: int, count: int, seed: int, folder: Path) -> list[_Report]:
    """Process after process, because a library that finds no memory may end the one it is in:
    that counts as refused, as it does where jobs have processes of their own."""
    reports: list[_Report] = []
    first = part
    while first < count and len(reports) < 50:
        place = folder / f"{part}-{first}"
        place.mkdir()
        with (place / "stderr").open("wb") as errors:
            done = subprocess.run(
                [sys.executable, "-m", "tests.fuzz.fuzz_readers", "part", str(first), str(count),
                 str(seed), str(place)],
                stderr=errors,
                check=False,
                # A backtrace of a panic loads symbols, and they stay.
                env=os.environ | {"RUST_BACKTRACE": "0"},
            )  # fmt: skip
        report, last = _collected(place)
        reports.append(report)
        if done.returncode == 0:
            return reports
        died = first if last is None else last + WORKERS
        first = died + WORKERS
        words = (place / "stderr").read_text(errors="replace")
        if done.returncode == -signal.SIGABRT and "memory allocation of" in words:
            report.results["any aborted for memory"] += 1
        else:
            kept = (place / "case").rename(place / f"{died}.died")
            report.findings.append(f"ended with {done.returncode} at {kept}: {words[-300:]}")
    return reports


def _collected(place: Path) -> tuple[_Report, int | None]:
    report, last = _Report(place.name), None
    for line in (place / "log").read_text().splitlines():
        entry: dict[str, Any] = json.loads(line)
        if "warm" in entry:
            report.warm = entry["warm"]
        elif "end" in entry:
            report.end = entry["end"]
        else:
            last = entry["number"]
            report.results[f"{entry['sample']} {entry['result']}"] += 1
            report.slowest = max(report.slowest, (entry["seconds"], f"{place.name}/{last}"))
            if entry["finding"]:
                report.findings.append(f"{place / entry['kept']}: {entry['finding']}")
    return report, last


def _part(first: int, count: int, seed: int, folder: Path) -> None:
    cases = Cases(seed, folder)
    limit(PICTURE_LIMITS)
    with (folder / "log").open("w", buffering=1) as log:
        for files, number in enumerate(range(first, count, WORKERS)):
            if files == WARM_UP:
                print(json.dumps({"warm": _megabytes()}), file=log)
            outcome = cases.run(number)
            kept = f"{number}.{outcome.sample}"
            if outcome.finding:
                (folder / "case").rename(folder / kept)
            print(json.dumps(asdict(outcome) | {"number": number, "kept": kept}), file=log)
        if count - first > WARM_UP * WORKERS:
            print(json.dumps({"end": _megabytes()}), file=log)


def limit(limits: Limits) -> None:
    """The memory that a job has."""
    space = psutil.Process().memory_info().vms + limits.megabytes * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (space, space))


def _megabytes() -> float:
    gc.collect()
    with suppress(OSError, AttributeError):  # glibc keeps what was freed, which is no leak
        ctypes.CDLL(None).malloc_trim(0)
    return psutil.Process(os.getpid()).memory_info().rss / 2**20


def _again(path: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        cases = Cases(0, Path(folder))
        limit(PICTURE_LIMITS)
        sample = path.name.partition(".")[2]
        print(json.dumps(asdict(cases.read(sample, path.read_bytes()))))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["part", first, count, seed, folder]:
            _part(int(first), int(count), int(seed), Path(folder))
        case ["file", path]:
            _again(Path(path))
        case arguments:
            count, seed = [*map(int, arguments), *(10_000, 1)[len(arguments) :]]
            sys.exit(main(count, seed))
