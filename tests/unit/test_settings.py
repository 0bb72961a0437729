"""Settings say which name is wrong, in one line, and nothing of its value."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings import Settings, read_settings
from core import Misconfigured

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without a `.env`, an environment without any of our names."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    return tmp_path


def test_nothing_set_is_the_playground() -> None:
    settings = read_settings()
    assert settings.on_playground
    assert settings.max_messages == 50


def test_the_example_is_complete_and_says_the_defaults(nowhere: Path) -> None:
    example = (ROOT / ".env.example").read_text("utf-8")
    named = [line.split("=")[0] for line in example.splitlines() if line and line[0] != "#"]
    assert sorted(named) == sorted(name.upper() for name in Settings.model_fields)
    defaults = read_settings()
    (nowhere / ".env").write_text(example, "utf-8")
    assert read_settings() == defaults


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BOT_TOKEN", "secret-without-a-number"),
        ("BOT_TOKEN", "12:with space"),
        ("MAX_MESSAGES", "fifty"),
        ("MAX_MESSAGES", "0"),
        ("ADMIN_IDS", "1,me"),
        ("LLM_API", "completions"),
        ("LLM_EFFORT", "hard"),
        ("LOG_FORMAT", "xml"),
        ("LOG_LEVEL", "LOUD"),
        ("TELEGRAM_API_URL", "localhost:8081"),
        ("TELEGRAM_API_URL", "http://"),
        ("BOT_TOKEN", "٣:abc"),
        ("DATABASE_URL", "postgresqll://u:secret@127.0.0.1/x"),
        ("DATABASE_URL", "postgresql://u:secret%@127.0.0.1/x"),
        ("OPENAI_API_KEY", "secret\nsecret"),
        ("SUPABASE_URL", "http://secret.supabase.co"),
        ("SENTRY_DSN", "https://sentry.example/secret"),
        ("WEBHOOK_SECRET", "secret!"),
        ("WEBHOOK_SECRET", "secret" * 50),
        ("WEBHOOK_LISTEN", "secret"),
        ("WEBHOOK_LISTEN", "127.0.0.1:70000"),
        ("WEBHOOK_LISTEN", "http://127.0.0.1:8081"),
        ("WEBHOOK_LISTEN", "::1:8081"),
        ("TELEGRAM_API_URL", "http://127.0.0.1:99999"),
        ("OPENAI_BASE_URL", "http://127.0.0.1:secret/v1"),
        ("STT_BASE_URL", "http://[secret/v1"),
        ("SENTRY_DSN", "https://secret@sentry.example:99999/1"),
        ("BOT_TOKEN", "   "),
        ("DATABASE_URL", "postgresql://u:pa@secret@127.0.0.1/x"),
        ("DATABASE_URL", "postgresql://u:pa@se/cret@127.0.0.1/x"),
        ("DATABASE_URL", "postgresql://u:secret@@127.0.0.1/x"),
        ("DATABASE_URL", "postgres://u:pa/secret@127.0.0.1/x"),
        ("DATABASE_URL", "postgresql://u:12/secret@127.0.0.1/x"),
        ("DATABASE_URL", "postgresql://u:pa/se?secret@127.0.0.1/x"),
        ("DATABASE_URL", "host=secret@127.0.0.1 dbname=x"),
        ("DATABASE_URL", "host=127.0.0.1 port=secret"),
        ("DATABASE_URL", "postgresql://u:secret@127.0.0.1:99999/x"),
    ],
)
def test_a_malformed_value_names_its_setting_and_hides_its_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(Misconfigured) as error:
        read_settings()
    line = str(error.value)
    assert name in line
    assert "\n" not in line
    assert "secret" not in line


def test_an_unknown_name_in_the_file_is_named_with_a_guess(nowhere: Path) -> None:
    (nowhere / ".env").write_text("BOT_TOKN=1:a\n")
    with pytest.raises(Misconfigured, match=r"BOT_TOKN in \.env .*BOT_TOKEN"):
        read_settings()


def test_a_slip_of_the_pen_in_the_environment_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLM_MODLE", "gpt")
    with pytest.raises(Misconfigured, match="LLM_MODLE"):
        read_settings()


def test_all_culprits_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MAX_MESSAGES", "LLM_MODLE", "LOG_LEVLE"):
        monkeypatch.setenv(name, "x")
    with pytest.raises(Misconfigured) as error:
        read_settings()
    assert all(name in str(error.value) for name in ("MAX_MESSAGES", "LLM_MODLE", "LOG_LEVLE"))


def test_foreign_variables_are_none_of_our_business(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_ORG_ID", "DATABASE", "LOGNAME", "BOT_NAME", "TTS_MODEL", "STT_MODEL"):
        monkeypatch.setenv(name, "x")
    read_settings()


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"BOT_TOKEN": "1:a"}, "OPENAI_API_KEY"),
        ({"TELEGRAM_API_URL": "http://127.0.0.1:1"}, "BOT_TOKEN"),
        ({"SUPABASE_URL": "https://x.supabase.co"}, "SUPABASE_SECRET_KEY"),
        ({"WEBHOOK_URL": "http://bot.example/updates"}, "WEBHOOK_URL"),
    ],
)
def test_settings_that_need_each_other(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], named: str
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(Misconfigured, match=named):
        read_settings()


def test_admins_are_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADMIN_IDS", "1, 2 ,3")
    assert read_settings().admin_ids == [1, 2, 3]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"LOG_LEVEL=INFO\nwhat is this\n", "line 2"),
        (b"LOG_LEVEL\n", "line 1"),
        (b"LOG_LEVEL=\xff\xfe\n", "UTF-8"),
    ],
)
def test_an_illegible_file_is_not_passed_over(nowhere: Path, content: bytes, said: str) -> None:
    (nowhere / ".env").write_bytes(content)
    with pytest.raises(Misconfigured, match=said):
        read_settings()


@pytest.mark.parametrize("mode", [0o600, 0o644])
def test_a_data_folder_that_can_be_none_is_named(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch, mode: int
) -> None:
    (nowhere / "file").touch(mode)
    monkeypatch.setenv("DATA_DIR", str(nowhere / "file"))
    with pytest.raises(Misconfigured, match="DATA_DIR"):
        read_settings()


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("8081", ("127.0.0.1", 8081)),
        ("0.0.0.0:80", ("0.0.0.0", 80)),
        ("bot_1.internal:0", ("bot_1.internal", 0)),
        ("[::1]:8081", ("::1", 8081)),
    ],
)
def test_the_webhook_listens_on_a_host_and_a_port(
    monkeypatch: pytest.MonkeyPatch, given: str, address: tuple[str, int]
) -> None:
    monkeypatch.setenv("WEBHOOK_LISTEN", given)
    assert read_settings().webhook_address == address


def test_plain_http_is_for_this_machine_and_for_an_own_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WEBHOOK_URL", "http://127.0.0.1:8081/updates")
    monkeypatch.setenv("SUPABASE_URL", "http://localhost:54321")
    monkeypatch.setenv("SUPABASE_SECRET_KEY", "sb_secret_x")
    read_settings()
    monkeypatch.setenv("WEBHOOK_URL", "http://bot.internal/updates")
    monkeypatch.setenv("TELEGRAM_API_URL", "http://telegram.internal:8081")
    monkeypatch.setenv("BOT_TOKEN", "1:a")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1")
    read_settings()


def test_a_password_that_tears_the_address_is_told_how_to_be_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:pa@rt@127.0.0.1/x")
    with pytest.raises(Misconfigured, match="percent-encode the characters @ : / # of the passw"):
        read_settings()


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:p%40s%2Fs@127.0.0.1:5432/x",
        "postgresql://u:p?a:ss#word@127.0.0.1/x",
        "postgresql://u@127.0.0.1,[::1]:5433/x?application_name=a@b",
        "postgresql:///x?user=a@b",
        "postgresql://u@%2Frun%2Fpostgresql/x",
        "host=/run/postgresql user=a@b password='p@/s' dbname=x",
        "host=@abstract dbname=x",
    ],
)
def test_a_whole_address_is_taken(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    assert url in read_settings().database_url.get_secret_value()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("METRICS_PORT", "web", "METRICS_PORT: must be a whole number"),
        ("METRICS_PORT", "1.5", "METRICS_PORT: must be a whole number"),
        ("METRICS_PORT", "70000", "METRICS_PORT: must be 65535 or less"),
        ("TURNS_IN_FLIGHT", "0", "TURNS_IN_FLIGHT: must be 1 or more"),
        ("STT_MAX_MINUTES", "0", "STT_MAX_MINUTES: must be more than 0"),
        ("STT_MAX_MINUTES", "long", "STT_MAX_MINUTES: must be a number"),
        ("STT_MAX_MINUTES", "nan", "STT_MAX_MINUTES: must be more than 0"),
        ("LOG_FORMAT", "xml", "LOG_FORMAT: must be one of 'text' or 'json'"),
        ("LLM_MODEL", "", "LLM_MODEL: must not be empty"),
        ("ADMIN_IDS", "1,me", "ADMIN_IDS: must be a whole number"),
    ],
)
def test_a_number_is_asked_for_in_plain_words(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(Misconfigured) as error:
        read_settings()
    assert str(error.value) == said


def test_white_space_round_a_secret_is_a_slip_of_copying(
    monkeypatch: pytest.MonkeyPatch, nowhere: Path
) -> None:
    (nowhere / "key").write_text("\t sk-key \n")
    monkeypatch.setenv("BOT_TOKEN", " 12:token\n")
    monkeypatch.setenv("OPENAI_API_KEY_FILE", str(nowhere / "key"))
    settings = read_settings()
    assert settings.bot_token.get_secret_value() == "12:token"
    assert settings.openai_api_key.get_secret_value() == "sk-key"
