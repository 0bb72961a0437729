"""Jobs in processes of their own: the real server, the real limits."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from core.isolated import JobFailed, JobRefused, Limits
from core.isolated.processes import IsolatedProcesses

JOBS = "tests.unit.isolated_jobs:"
PATIENT = Limits(seconds=60.0, megabytes=256)

linux = pytest.mark.skipif(sys.platform != "linux", reason="a limit that only Linux has")


@pytest.fixture
async def isolated() -> AsyncIterator[IsolatedProcesses]:
    processes = IsolatedProcesses(packages=("tests.unit.",))
    yield processes
    await processes.close()


async def failure(
    isolated: IsolatedProcesses, job: str, limits: Limits = PATIENT, **arguments: Any
) -> str:
    with pytest.raises(JobFailed) as caught:
        await isolated.run(JOBS + job, arguments, limits)
    return caught.value.failure


def gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


async def until_gone(*pids: int) -> None:
    async with asyncio.timeout(30):
        while not all(gone(pid) for pid in pids):
            await asyncio.sleep(0.02)


async def until_written(note: Path) -> list[int]:
    async with asyncio.timeout(60):
        while not note.exists() or not note.read_text():
            await asyncio.sleep(0.02)
    return [int(word) for word in note.read_text().split()]


async def test_a_job_gets_its_arguments_and_gives_its_result(isolated: IsolatedProcesses) -> None:
    arguments = {"имя": "план.pdf", "число": 7, "пусто": None, "half": "\ud83d"}
    assert await isolated.run(JOBS + "echo", arguments) == {"said": arguments}


async def test_a_refusal_keeps_its_reason(isolated: IsolatedProcesses) -> None:
    with pytest.raises(JobRefused) as caught:
        await isolated.run(JOBS + "refuse", {})
    assert caught.value.reason == "locked"


@pytest.mark.parametrize("job", ["fail", "abort", "segfault", "leave"])
async def test_whatever_breaks_is_a_crash_and_harms_nobody_else(
    isolated: IsolatedProcesses, job: str
) -> None:
    assert await failure(isolated, job) == "crash"
    server = isolated.server_pid
    assert await isolated.run(JOBS + "echo", {}) == {"said": {}}
    assert isolated.server_pid == server


async def test_the_log_says_where_it_broke_and_not_what_was_said(
    isolated: IsolatedProcesses, caplog: pytest.LogCaptureFixture
) -> None:
    await failure(isolated, "fail")
    assert "ValueError at" in caplog.text
    assert "isolated_jobs.py" in caplog.text
    assert "words of the person" not in caplog.text


async def test_an_endless_job_is_ended_in_time(isolated: IsolatedProcesses) -> None:
    assert await failure(isolated, "loop", Limits(seconds=0.5)) == "time"
    assert await isolated.run(JOBS + "echo", {}) == {"said": {}}


@linux
async def test_a_memory_bomb_ends_alone(isolated: IsolatedProcesses) -> None:
    assert await failure(isolated, "eat") == "memory"
    assert isolated.server_pid is not None
    assert psutil.Process(isolated.server_pid).memory_info().rss < 200_000_000


@pytest.mark.parametrize("job", ["abort_without_memory", "get_killed"])
async def test_an_end_for_want_of_memory_is_told_from_a_crash(
    isolated: IsolatedProcesses, job: str
) -> None:
    assert await failure(isolated, job) == "memory"


async def test_results_up_to_the_bound_pass_whole(isolated: IsolatedProcesses) -> None:
    letters = 650_000  # six bytes each in JSON
    result = await isolated.run(JOBS + "answer", {"characters": letters}, PATIENT)
    assert result == {"text": "ы" * letters}


@pytest.mark.parametrize(
    ("job", "arguments"), [("answer", {"characters": 2_000_000}), ("flood", {})]
)
async def test_results_beyond_the_bound_are_not_taken(
    isolated: IsolatedProcesses, job: str, arguments: dict[str, Any]
) -> None:
    assert await failure(isolated, job, **arguments) == "memory"


@pytest.mark.parametrize("odd", ["list", "nan", "set"])
async def test_only_a_dict_that_is_json_is_a_result(isolated: IsolatedProcesses, odd: str) -> None:
    assert await failure(isolated, "answer_oddly", odd=odd) == "crash"


@pytest.mark.parametrize(
    "written",
    [
        b"",
        b"\x00",
        b"\x00{",
        b"\x00\xff\xfe",
        b"\x00" + b"[" * 100_000,
        b"\x01Reasons with\nline breaks",
        b"\x05",
        b"\xff{}",
    ],
)
async def test_a_forged_answer_is_a_crash(isolated: IsolatedProcesses, written: bytes) -> None:
    assert await failure(isolated, "forge", bytes=list(written)) == "crash"


async def test_files_are_bounded(isolated: IsolatedProcesses) -> None:
    assert await isolated.run(JOBS + "write", {"megabytes": 8}, PATIENT) == {}
    assert await failure(isolated, "write", megabytes=100) == "crash"
    assert await failure(isolated, "open_many") == "crash"


async def test_a_job_sees_no_secret_and_no_descriptor_of_ours(
    isolated: IsolatedProcesses, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("BOT_TOKEN", "1:secret")
    with socket.socket() as ours:
        os.set_inheritable(ours.fileno(), True)
        seen = await isolated.run(JOBS + "whereabouts", {})
        os.set_inheritable(ours.fileno(), False)
    assert "secret" not in str(seen["environment"])
    assert set(seen["environment"]) <= {
        *("PATH", "LANG", "LC_ALL", "HOME", "TZ", "TMPDIR", "PYTHONPATH", "PYTHONUTF8"),
        *("PYTHONDONTWRITEBYTECODE", "MPLBACKEND", "MPLCONFIGDIR", "MALLOC_ARENA_MAX"),
        *("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "RAYON_NUM_THREADS"),
        *("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LC_CTYPE"),
    }
    # Its three, the pipe of its result, and the look into the list itself.
    assert len(seen["descriptors"]) == 5
    assert seen["threads"] == 1


async def test_what_a_job_leaves_behind_is_swept(isolated: IsolatedProcesses) -> None:
    await isolated.run(JOBS + "write", {"megabytes": 1}, PATIENT)
    seen = await isolated.run(JOBS + "whereabouts", {})
    folder = Path(seen["folder"])
    assert seen["temporary"] == seen["folder"]
    assert not [path for path in folder.parent.iterdir() if path.name != "matplotlib"]
    await isolated.close()
    assert not folder.parent.exists()


@linux
async def test_a_job_has_no_network(isolated: IsolatedProcesses) -> None:
    if os.geteuid() != 0:
        pytest.skip("the system may forbid it to users")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        assert await failure(isolated, "connect", port=port) == "crash"


@linux
async def test_a_job_can_not_look_into_us(isolated: IsolatedProcesses) -> None:
    if os.geteuid() != 0:
        pytest.skip("the system may not be able to forbid it to users")
    assert await failure(isolated, "spy", pid=os.getpid()) == "crash"


@pytest.mark.parametrize(
    "job",
    [
        JOBS + "hidden",
        JOBS + "missing",
        JOBS + "os",
        "core.isolated.allowed:find",
        "os:abort",
        "tests.unit.isolated_jobs",
        "tests.unit.isolated_jobs:echo.__call__",
        "tests.unit.../evil:run",
    ],
)
async def test_only_listed_functions_of_our_packages_run(
    isolated: IsolatedProcesses, job: str
) -> None:
    with pytest.raises(ValueError, match=job.partition(":")[0]):
        await isolated.run(job, {})


async def test_a_module_that_can_not_be_imported_is_a_crash(isolated: IsolatedProcesses) -> None:
    with pytest.raises(JobFailed):
        await isolated.run("tests.unit.no_such_module:job", {})


async def test_arguments_are_bounded(isolated: IsolatedProcesses) -> None:
    with pytest.raises(ValueError, match="arguments"):
        await isolated.run(JOBS + "echo", {"text": "x" * 5_000_000})


async def test_jobs_run_a_few_at_a_time_in_the_order_asked(tmp_path: Path) -> None:
    isolated = IsolatedProcesses(at_once=1, packages=("tests.unit.",))
    try:
        ended: list[int] = []

        async def one(number: int) -> None:
            await isolated.run(JOBS + "echo", {"number": number})
            ended.append(number)

        async with asyncio.TaskGroup() as group:
            for number in range(8):
                group.create_task(one(number))
        assert ended == list(range(8))
    finally:
        await isolated.close()


async def test_a_waiting_job_is_not_held_by_an_endless_one(isolated: IsolatedProcesses) -> None:
    endless = asyncio.create_task(isolated.run(JOBS + "loop", {}, PATIENT))
    assert await isolated.run(JOBS + "echo", {}, PATIENT) == {"said": {}}
    assert not endless.done()
    endless.cancel()
    with pytest.raises(asyncio.CancelledError):
        await endless


async def test_a_cancelled_run_leaves_no_process(
    isolated: IsolatedProcesses, tmp_path: Path
) -> None:
    note = tmp_path / "note"
    running = asyncio.create_task(isolated.run(JOBS + "loop", {"note": str(note)}, PATIENT))
    job, server = await until_written(note)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert gone(job)
    assert isolated.server_pid == server


async def test_what_a_job_has_started_ends_with_it(
    isolated: IsolatedProcesses, tmp_path: Path
) -> None:
    note = tmp_path / "note"
    await isolated.run(JOBS + "breed", {"note": str(note)}, PATIENT)
    await until_gone(int(note.read_text()))


async def test_a_job_whose_server_was_killed_is_done_again(
    isolated: IsolatedProcesses, tmp_path: Path
) -> None:
    await isolated.run(JOBS + "echo", {})
    server = isolated.server_pid
    arguments = {"note": str(tmp_path / "note")}
    assert await isolated.run(JOBS + "kill_server", arguments) == {"survived": True}
    assert isolated.server_pid not in (None, server)


async def test_a_job_that_kills_its_server_is_tried_twice(isolated: IsolatedProcesses) -> None:
    assert await failure(isolated, "kill_server") == "crash"
    assert await isolated.run(JOBS + "echo", {}) == {"said": {}}


async def test_a_killed_server_takes_its_jobs_with_it(
    isolated: IsolatedProcesses, tmp_path: Path
) -> None:
    note = tmp_path / "note"
    running = asyncio.create_task(isolated.run(JOBS + "loop", {"note": str(note)}, PATIENT))
    job, server = await until_written(note)
    note.unlink()
    psutil.Process(server).kill()
    await until_gone(job)
    again, other = await until_written(note)
    assert other != server
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await until_gone(again)


async def test_the_server_goes_when_idle_and_comes_with_the_next_job() -> None:
    isolated = IsolatedProcesses(packages=("tests.unit.",), idle_seconds=0.05)
    try:
        seen = await isolated.run(JOBS + "whereabouts", {})
        async with asyncio.timeout(30):
            while psutil.pid_exists(seen["server"]):  # nor does it stay as a zombie
                await asyncio.sleep(0.02)
        assert isolated.server_pid is None
        assert (await isolated.run(JOBS + "whereabouts", {}))["server"] != seen["server"]
    finally:
        await isolated.close()


PARENT = """
import asyncio, sys
from core.isolated import Limits
from core.isolated.processes import IsolatedProcesses
job = IsolatedProcesses(packages=("tests.unit.",)).run(
    "tests.unit.isolated_jobs:loop", {"note": sys.argv[1]}, Limits(seconds=100)
)
asyncio.run(job)
"""


async def test_a_killed_parent_leaves_no_orphan_and_no_folder(tmp_path: Path) -> None:
    note, temporary = tmp_path / "note", tmp_path / "temporary"
    temporary.mkdir()
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PARENT, str(note)),
        cwd=Path(__file__).parents[2],
        env={"TMPDIR": str(temporary)},
        stderr=asyncio.subprocess.DEVNULL,
    )
    pids = await until_written(note)
    assert list(temporary.iterdir())
    parent.kill()
    await parent.wait()
    await until_gone(*pids)
    assert list(temporary.iterdir()) == []


async def test_close_ends_what_runs(tmp_path: Path) -> None:
    isolated = IsolatedProcesses(packages=("tests.unit.",))
    note = tmp_path / "note"
    running = asyncio.create_task(isolated.run(JOBS + "loop", {"note": str(note)}, PATIENT))
    pids = await until_written(note)
    await isolated.close()
    with pytest.raises(JobFailed):
        await running
    await until_gone(*pids)
    with pytest.raises(JobFailed):
        await isolated.run(JOBS + "echo", {})


@linux
async def test_fifty_jobs_leave_no_process_and_no_descriptor(isolated: IsolatedProcesses) -> None:
    await isolated.run(JOBS + "echo", {})
    ours, server = psutil.Process(), psutil.Process(isolated.server_pid)
    before = ours.num_fds(), server.num_fds(), len(ours.children())
    jobs = ["echo", "refuse", "fail", "abort", "get_killed"] * 10
    results = await asyncio.gather(
        *(isolated.run(JOBS + job, {}) for job in jobs), return_exceptions=True
    )
    assert results[0] == {"said": {}}
    assert (ours.num_fds(), server.num_fds(), len(ours.children())) == before
    assert server.children() == []
