"""Log lines: what they tell, and what never gets into them."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.discretion import Secrets, secrets_of, told_trace
from bot.intake.address import address_of
from bot.logs import Discreet, JsonLines, TextLines, said
from bot.settings import Settings
from core import LeaseLost, Unavailable, marked, write_line
from tests.processes import ROOT, clean_environment

WORDS = "слова человека"


@pytest.fixture
def log() -> Iterator[logging.Logger]:
    logger = logging.getLogger("core.test_logs")
    logger.propagate = False
    logger.setLevel(logging.DEBUG)
    yield logger
    logger.handlers.clear()


def listening(logger: logging.Logger, formatter: logging.Formatter, *secrets: str) -> io.StringIO:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Discreet(formatter, secrets))
    logger.addHandler(handler)
    return stream


class Foreign(Exception):
    pass


Foreign.__module__ = "somebody.elses"


def raised(error: BaseException) -> BaseException:
    try:
        raise error
    except BaseException as same:
        return same


# Fields.


def test_fields_are_words_for_people_and_names_for_machines(log: logging.Logger) -> None:
    text = listening(log, TextLines(whole=False))
    machine = listening(log, JsonLines(whole=False))
    fields = {
        "model_ms": 2310,
        "complete_ms": 4,
        "making_ms": None,
        "prompt_tokens": 1204,
        "completion_tokens": 310,
        "cached_tokens": 1024,
        "outcome": "answered",
    }
    with marked(turn="ab12cd34"):
        write_line(log, logging.INFO, "turn done", fields)
    assert text.getvalue().endswith(
        "core.test_logs: turn done model=2.31s complete=4ms tokens=1204+310(cached 1024)"
        " outcome=answered [turn=ab12cd34]\n"
    )
    line = json.loads(machine.getvalue())
    assert line["event"] == "turn done"
    assert line["turn"] == "ab12cd34"
    assert (line["model_ms"], line["cached_tokens"]) == (2310, 1024)
    assert "making_ms" not in line


def test_no_field_takes_the_place_of_the_line_s_own(log: logging.Logger) -> None:
    machine = listening(log, JsonLines(whole=False))
    fields = {"message": 42, "level": "low", "at": 0, "logger": "x", "attempt": 3}
    with marked(message="7"):
        write_line(log, logging.INFO, "delivery failed", fields)
    line = json.loads(machine.getvalue())
    assert line["message"].startswith("delivery failed message=42")
    assert (line["level"], line["logger"]) == ("INFO", "core.test_logs")
    assert line["at"] != 0
    assert line["attempt"] == 3


def test_marks_end_with_their_context(log: logging.Logger) -> None:
    stream = listening(log, TextLines(whole=False))
    with marked(update="7"), marked(turn="ab"):
        log.info("inside")
    log.info("outside")
    inside, outside = stream.getvalue().splitlines()
    assert inside.endswith("inside [update=7 turn=ab]")
    assert outside.endswith("outside")


def test_a_line_that_json_cannot_hold_is_written_all_the_same(log: logging.Logger) -> None:
    machine = listening(log, JsonLines(whole=False))
    write_line(log, logging.INFO, "odd", {"path": io.StringIO})
    assert json.loads(machine.getvalue())["event"] == "odd"


# What errors tell.


@pytest.mark.parametrize("form", [TextLines, JsonLines])
def test_foreign_errors_are_named_and_not_quoted(log: logging.Logger, form: Any) -> None:
    stream = listening(log, form(whole=False))
    error = Foreign(WORDS)
    error.add_note(WORDS)
    error.__cause__ = raised(KeyError(WORDS))
    try:
        raise ExceptionGroup(WORDS, [raised(error), raised(OSError(28, WORDS))])
    except ExceptionGroup:
        log.exception("it broke")
    told = stream.getvalue()
    assert WORDS not in told
    for kind in ("ExceptionGroup", "somebody.elses.Foreign", "KeyError", "OSError (28)"):
        assert kind in told
    assert "in raised" in told


def test_errors_of_ours_speak(log: logging.Logger) -> None:
    trace = told_trace(raised(Unavailable("claim_turns: no answer")))
    assert trace.endswith("core.errors.Unavailable: claim_turns: no answer")


def test_a_circle_of_causes_ends() -> None:
    first, second = raised(LeaseLost("a")), raised(LeaseLost("b"))
    first.__cause__, second.__cause__ = second, first
    assert told_trace(first).count("LeaseLost") == 2


@pytest.mark.parametrize("form", [TextLines, JsonLines])
def test_at_debug_errors_speak_in_their_own_words(log: logging.Logger, form: Any) -> None:
    stream = listening(log, form(whole=True))
    try:
        raise Foreign(WORDS)
    except Foreign:
        log.exception("it broke")
    assert WORDS in stream.getvalue()


def test_two_handlers_do_not_share_a_trace(log: logging.Logger) -> None:
    whole = listening(log, TextLines(whole=True))
    short = listening(log, TextLines(whole=False))
    try:
        raise Foreign(WORDS)
    except Foreign:
        log.exception("it broke")
    assert WORDS in whole.getvalue()
    assert WORDS not in short.getvalue()


def test_of_foreign_libraries_the_first_line_counts() -> None:
    def record(name: str) -> logging.LogRecord:
        text = f"Task exception was never retrieved\nfuture: {WORDS}"
        return logging.LogRecord(name, logging.ERROR, "", 1, text, (), None)

    assert said(record("asyncio")) == "Task exception was never retrieved"
    assert WORDS in said(record("core.background"))
    assert WORDS not in said(record("corelli"))


CRASH = f"""
import sys
import threading
import bot.command_line as command_line

class Crashing:
    HELP = ""
    add_arguments = staticmethod(lambda parser: None)

    def __del__(self):
        raise KeyError("{WORDS}")

    @staticmethod
    def main(settings, arguments):
        Crashing()
        thread = threading.Thread(target=lambda: int("{WORDS}"))
        thread.start()
        thread.join()
        raise RuntimeError("{WORDS} " + settings.bot_token.get_secret_value())

command_line.COMMANDS["run"] = Crashing
sys.exit(command_line.main(["run"]))
"""


def test_a_crash_is_told_with_its_place_and_without_its_words(tmp_path: Path) -> None:
    settings = {"BOT_TOKEN": "4242:s3cret-value", "OPENAI_API_KEY": "sk-s3cret"}
    ended = subprocess.run(
        [sys.executable, "-c", CRASH],
        env=clean_environment() | settings | {"DATA_DIR": str(tmp_path)},
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert ended.returncode == 1
    for kind in ("RuntimeError", "KeyError", "ValueError"):
        assert kind in ended.stderr
    assert WORDS not in ended.stderr + ended.stdout
    assert "s3cret" not in ended.stderr + ended.stdout


# Secrets.


class Keys(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="NOBODY_SETS_THIS_")
    token: SecretStr = SecretStr("4242:to/ken+of=botfather")
    url: SecretStr = SecretStr("postgresql://me:p%40ssword@db.example/x")
    keywords: SecretStr = SecretStr("host=x password='lo ng-secret' user=me")
    dsn: SecretStr = SecretStr("https://publickey@sentry.example/7")
    proxy: str = "http://user:proxy-secret@proxy.example"
    empty: SecretStr = SecretStr("")
    name: str = "nobody@example"


@pytest.mark.parametrize(
    "written",
    [
        "/bot4242:to/ken+of=botfather/getMe",
        "/bot4242%3Ato%2Fken%2Bof%3Dbotfather/getMe",
        '"4242:to/ken+of=botfather"',
        "password p%40ssword",
        "password p@ssword",
        "key publickey",
        "proxy proxy-secret",
    ],
)
def test_secrets_are_struck_out_however_they_are_written(written: str) -> None:
    struck = Secrets(secrets_of(Keys())).struck_out(f"before {written} after")
    assert "***" in struck
    assert struck.startswith("before ")
    assert struck.endswith(" after")
    for secret in ("botfather", "ssword", "publickey", "proxy-secret"):
        assert secret not in struck.replace("password ", "")


def test_what_is_no_secret_stands() -> None:
    secrets = Secrets(secrets_of(Keys()))
    assert secrets.struck_out("me at db.example, sentry.example") == (
        "me at db.example, sentry.example"
    )


def test_the_webhook_s_secret_made_of_the_token_is_struck_out() -> None:
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]
        bot_token=SecretStr("4242:to_ken"),
        webhook_url="https://bot.example.org/telegram",
        webhook_secret=SecretStr(""),
    )
    made = address_of(settings).secret
    assert made
    struck = Secrets(secrets_of(settings)).struck_out(f"X-Telegram-Bot-Api-Secret-Token: {made}")
    assert struck == "X-Telegram-Bot-Api-Secret-Token: ***"
    wrong = settings.model_copy(update={"webhook_url": "http://bot.example.org"})
    assert set(secrets_of(wrong)) == {"", "4242:to_ken"}


def test_secrets_deep_within_are_struck_out() -> None:
    value = {"a": ["key s3cret-value", ("s3cret-value", 7, None)]}
    assert Secrets(["s3cret-value"]).struck_out_of(value) == {"a": ["key ***", ["***", 7, None]]}


def test_secrets_in_a_trace_are_struck_out(log: logging.Logger) -> None:
    stream = listening(log, TextLines(whole=True), "s3cret-value")
    try:
        raise Foreign("at https://x/s3cret-value")
    except Foreign:
        log.exception("with s3cret-value")
    assert "s3cret-value" not in stream.getvalue()
    assert "with ***" in stream.getvalue()
    assert "Foreign: at https://x/***" in stream.getvalue()
