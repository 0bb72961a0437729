"""What stands in Dockerfile, compose.yaml and the units agrees with the bot that they run."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from aiohttp import web

from bot.command_line import COMMANDS
from bot.settings import Settings
from core import secret_names

ROOT = Path(__file__).parent.parent.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
COMPOSE = (ROOT / "compose.yaml").read_text("utf-8")
GUIDE = (ROOT / "docs" / "deployment.md").read_text("utf-8")

OURS = {name.upper() for name in Settings.model_fields}
FILES = {f"{name}_FILE".upper() for name in secret_names(Settings)}
OF_OTHERS = {
    "PATH", "PYTHONUNBUFFERED", "WEBHOOK_HOST",
    "POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD_FILE",
}  # fmt: skip


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)


def drain_seconds() -> float:
    return float(Settings.model_fields["drain_seconds"].default)


def test_every_name_is_one_of_the_bot_s() -> None:
    named = {
        *re.findall(r"^ {4}([A-Z_]+)=", DOCKERFILE, re.MULTILINE),
        *re.findall(r"^ +([A-Z_]+): ", COMPOSE + GUIDE, re.MULTILINE),
        *(name for unit in blocks("ini") for name in re.findall(r"[= ]([A-Z_]{3,})=", unit)),
        *re.findall(r"`([A-Z]+(?:_[A-Z]+)*_FILE)`", GUIDE),
    }
    assert named - OURS - FILES - OF_OTHERS == set()
    assert {"DATA_DIR", "METRICS_PORT", "WEBHOOK_URL", "BOT_TOKEN_FILE"} <= named
    assert all(f"`{name}`" in GUIDE for name in FILES)


def test_every_command_is_one_of_the_bot_s() -> None:
    named = {
        *re.findall(r"^    command: (\w+)", COMPOSE, re.MULTILINE),
        *re.findall(r"python -m bot (\w+)", GUIDE),
        *json.loads(re.findall(r"^CMD (\[.*)", DOCKERFILE, re.MULTILINE)[0]),
    }
    assert named <= set(COMMANDS)
    assert {"run", "webhook", "worker", "migrate", "doctor"} <= named


def test_no_second_container_is_started_on_the_embedded_data() -> None:
    assert not re.findall(r"docker compose .*\brun\b.*", GUIDE + COMPOSE)


def test_what_the_guide_adds_to_the_compose_file_fits_in() -> None:
    [added] = blocks("yaml")
    for section in re.findall(r"^\S+:.*$", added, re.MULTILINE):
        assert f"\n{section}\n" in COMPOSE
    [(name, file)] = re.findall(r"^ +(\w+)_FILE: /run/secrets/(\w+)", added, re.MULTILINE)
    assert name.lower() == file
    assert f"  - {file}\n" in added
    assert f"  {file}:\n    file: secrets/{file}\n" in added


def test_there_is_time_to_drain_before_the_kill() -> None:
    [grace] = re.findall(r"stop_grace_period: (\d+)s", COMPOSE)
    [stop] = re.findall(r"TimeoutStopSec=(\d+)", GUIDE)
    assert min(float(grace), float(stop)) >= drain_seconds() + 15


def test_the_image_holds_what_runs_and_nothing_else() -> None:
    copied = set(re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE))
    let_in = {
        line[1:]
        for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines()
        if line.startswith("!")
    }
    assert {name for each in copied for name in each.split()} == let_in
    assert all((ROOT / name).exists() for name in let_in)


def test_the_compose_file_gives_secrets_by_files_alone() -> None:
    assert not re.findall(r"^ +(\w*(?:TOKEN|KEY|SECRET|DSN|DATABASE_URL)): ", COMPOSE, re.MULTILINE)
    for name, file in re.findall(r"^ +(\w+)_FILE: /run/secrets/(\w+)", COMPOSE, re.MULTILINE):
        assert name.lower() == file
        assert f"  {file}:\n    file: secrets/{file}" in COMPOSE


async def test_the_health_check_tells_good_from_bad(unused_tcp_port: int) -> None:
    [check] = re.findall(r'CMD (\["python", .*\])', DOCKERFILE)
    answers = {"/healthz": 200}

    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=answers[request.path])

    async def exit_code() -> int:
        environment = os.environ | {
            "METRICS_PORT": str(unused_tcp_port), "HTTP_PROXY": "http://127.0.0.1:1",
        }  # fmt: skip
        python = shutil.which("python3")
        assert python
        child = await asyncio.create_subprocess_exec(
            python, *json.loads(check)[1:], env=environment, stderr=asyncio.subprocess.DEVNULL
        )
        return await asyncio.wait_for(child.wait(), 30)

    assert await exit_code() != 0
    app = web.Application()
    app.router.add_get("/healthz", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", unused_tcp_port).start()
    try:
        assert await exit_code() == 0
        answers["/healthz"] = 503
        assert await exit_code() != 0
    finally:
        await runner.cleanup()


def units() -> dict[str, str]:
    """The whole one, and those that the guide derives from it."""
    whole, *changes = blocks("ini")
    names = re.findall(r"^`/etc/systemd/system/([\w@.-]+)`", GUIDE, re.MULTILINE)
    found = {names[0]: whole}
    for name, change in zip(names[1:], changes, strict=True):
        # The other name of the same port, and the other command, give way.
        kept = re.sub(r"^(ExecStart|Environment=METRICS_PORT)=.*\n", "", whole, flags=re.MULTILINE)
        found[name] = kept.replace("[Service]\n", f"[Service]\n{change}")
    return found


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd here")
def test_systemd_understands_the_units(tmp_path: Path) -> None:
    assert set(units()) == {"vision.service", "vision-webhook@.service", "vision-worker@.service"}
    for name, text in units().items():
        # Program and user have to exist, and need not be ours.
        named = name.replace("@.", "@1.")
        unit = text.replace("/opt/vision/.venv/bin/python", "/bin/sh").replace("/opt/vision", "/")
        (tmp_path / named).write_text(unit.replace("User=vision", "User=root"))
        done = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", str(tmp_path / named)],
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert named not in done.stderr + done.stdout, done.stderr
