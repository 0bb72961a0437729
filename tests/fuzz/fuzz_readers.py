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
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict
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
        reports = list(pool.map(lambda part: _worker(part, count, seed, folder), range(WORKERS)))
    findings = [finding for report in reports for finding in report["findings"]]
    results: Counter[str] = sum((Counter(report["results"]) for report in reports), Counter())
    for report in reports:
        print(
            f"worker {report['part']}: {report['files']} files, "
            f"{report['warm']:.0f} MB after {WARM_UP}, {report['end']:.0f} MB at the end"
        )
        if report["end"] - report["warm"] > GROWTH:
            findings.append(f"worker {report['part']} has grown")
    print("results:", ", ".join(f"{name} {times}" for name, times in results.most_common()))
    slowest = max((report["slowest"] for report in reports), key=lambda case: case[0])
    print(f"slowest: {slowest[0]:.2f} s, case {slowest[1]}")
    for finding in findings[:50]:
        print("FINDING", finding)
    print(f"{sum(report['files'] for report in reports)} files, {len(findings)} findings")
    if findings:
        print(f"files are in {folder}")
    else:
        shutil.rmtree(folder)
    return 1 if findings else 0


def _worker(part: int, count: int, seed: int, folder: Path) -> dict[str, Any]:
    """The report of a process; one that died has the file it died of among its findings."""
    place = folder / str(part)
    place.mkdir()
    with (place / "stderr").open("wb") as errors:
        done = subprocess.run(
            [sys.executable, "-m", "tests.fuzz.fuzz_readers", "part", str(part), str(count),
             str(seed), str(place)],
            stdout=subprocess.PIPE,
            stderr=errors,
            check=False,
        )  # fmt: skip
    if done.returncode == 0:
        return json.loads(done.stdout)
    words = (place / "stderr").read_text(errors="replace")[-500:]
    died = f"worker {part} ended with {done.returncode} at {place / 'case'}: {words}"
    return {
        "part": part, "files": 0, "results": {}, "findings": [died], "warm": 0.0, "end": 0.0,
        "slowest": [0.0, 0],
    }  # fmt: skip


def _part(part: int, count: int, seed: int, folder: Path) -> None:
    cases = Cases(seed, folder)
    limit(PICTURE_LIMITS)
    results: Counter[str] = Counter()
    findings: list[str] = []
    slowest = (0.0, 0)
    warm = 0.0
    files = 0
    for number in range(part, count, WORKERS):
        outcome = cases.run(number)
        files += 1
        results[f"{outcome.sample} {outcome.result}"] += 1
        slowest = max(slowest, (outcome.seconds, number))
        if outcome.finding:
            kept = (folder / "case").rename(folder / f"{number}.{outcome.sample}")
            findings.append(f"{kept}: {outcome.finding}")
        if files == WARM_UP:
            warm = _megabytes()
    end = _megabytes()
    report = {
        "part": part, "files": files, "results": results, "findings": findings,
        "warm": warm or end, "end": end, "slowest": slowest,
    }  # fmt: skip
    print(json.dumps(report))


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
        case ["part", part, count, seed, folder]:
            _part(int(part), int(count), int(seed), Path(folder))
        case ["file", path]:
            _again(Path(path))
        case arguments:
            count, seed = [*map(int, arguments), *(10_000, 1)[len(arguments) :]]
            sys.exit(main(count, seed))
