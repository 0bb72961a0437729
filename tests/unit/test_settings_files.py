"""Secrets from files: NAME_FILE in the environment and in `.env`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.settings import Settings, read_settings
from core import Misconfigured

SECRETS = {
    "BOT_TOKEN": "42:secret",
    "DATABASE_URL": "postgresql://me:secret@localhost/db",
    "SUPABASE_SECRET_KEY": "sb_secret_x",
    "OPENAI_API_KEY": "sk-secret",
    "STT_API_KEY": "stt-secret",
    "TTS_API_KEY": "tts-secret",
    "WEBHOOK_SECRET": "secret-of-webhook",
    "SENTRY_DSN": "https://secret@sentry.example/1",
}


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
        monkeypatch.delenv(f"{name.upper()}_FILE", raising=False)
    return tmp_path


def complaint() -> str:
    with pytest.raises(Misconfigured) as error:
        read_settings()
    line = str(error.value)
    assert "\n" not in line
    assert "secret" not in line
    return line


@pytest.mark.parametrize("place", ["environment", ".env"])
def test_every_secret_may_stand_in_a_file(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    lines = ["SUPABASE_URL=https://x.supabase.co"]
    for number, (name, value) in enumerate(SECRETS.items()):
        (nowhere / name).write_text(value + ("", "\n", "\r\n")[number % 3])
        if place == "environment":
            monkeypatch.setenv(f"{name}_FILE", str(nowhere / name))
        else:
            lines.append(f"{name}_FILE={name}")
    (nowhere / ".env").write_text("\n".join(lines))
    settings = read_settings()
    read = {name: getattr(settings, name.lower()).get_secret_value() for name in SECRETS}
    assert read == SECRETS


def test_the_environment_goes_before_the_file_of_settings(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (nowhere / "old").write_text("old")
    (nowhere / "new").write_text("new")
    (nowhere / ".env").write_text("STT_API_KEY_FILE=old\nSTT_API_KEY=\n")
    monkeypatch.setenv("STT_API_KEY_FILE", "new")
    assert read_settings().stt_api_key.get_secret_value() == "new"


def test_empty_is_not_set(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STT_API_KEY_FILE", "")
    (nowhere / ".env").write_text("TTS_API_KEY_FILE=\n")
    settings = read_settings()
    assert not settings.stt_api_key.get_secret_value()
    assert not settings.tts_api_key.get_secret_value()


def test_what_is_given_in_both_ways_is_refused(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (nowhere / "key").write_text("secret")
    (nowhere / ".env").write_text("STT_API_KEY=secret\n")
    monkeypatch.setenv("STT_API_KEY_FILE", "key")
    assert "STT_API_KEY, STT_API_KEY_FILE" in complaint()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"secret\xff", "UTF-8"),
        (b"secret" * 10_000, "longer"),
        (b"secret\nsecret\n", "line break"),
        (b"secret\x00", "invisible"),
        ("sеcret".encode(), "A to Z"),
    ],
)
def test_what_is_no_secret_is_refused(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, said: str
) -> None:
    (nowhere / "key").write_bytes(content)
    monkeypatch.setenv("OPENAI_API_KEY_FILE", "key")
    line = complaint()
    assert "OPENAI_API_KEY" in line
    assert said in line


def test_a_secret_given_as_the_name_of_its_file_is_not_repeated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BOT_TOKEN_FILE", "42:secret")
    line = complaint()
    assert "BOT_TOKEN_FILE" in line
    assert "No such file" in line


def test_neither_a_folder_nor_a_pipe_holds_the_start_up(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(nowhere / "pipe")
    (nowhere / "folder").mkdir()
    monkeypatch.setenv("STT_API_KEY_FILE", "pipe")
    monkeypatch.setenv("TTS_API_KEY_FILE", "folder")
    line = complaint()
    assert "STT_API_KEY_FILE" in line
    assert "TTS_API_KEY_FILE" in line


def test_a_slip_of_the_pen_is_noticed(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_TOKEN_FIEL", "x")
    monkeypatch.setenv("LLM_MODEL_FILE", "x")
    line = complaint()
    assert "did you mean BOT_TOKEN_FILE" in line
    assert "LLM_MODEL_FILE" in line
    monkeypatch.undo()
    monkeypatch.chdir(nowhere)
    (nowhere / ".env").write_text("LLM_MODEL_FILE=x\nOPENAI_API_KEY_FLIE=x\n")
    line = complaint()
    assert "LLM_MODEL_FILE in .env" in line
    assert "did you mean OPENAI_API_KEY_FILE" in line


def test_foreign_files_are_none_of_our_business(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SSL_CERT_FILE", "PGPASSFILE", "POSTGRES_PASSWORD_FILE", "TOKEN_FILE"):
        monkeypatch.setenv(name, "x")
    read_settings()
