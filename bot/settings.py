"""Settings of the whole bot: core's names and the front end's own, read once at the start."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from dotenv.parser import parse_stream
from pydantic import BeforeValidator, Field, SecretStr, ValidationError, field_validator

from core import (
    CoreSettings,
    HttpUrl,
    Misconfigured,
    is_private_way,
    prepare_data_folder,
    secret_names,
)

_ADDRESS = re.compile(
    r"((?P<host>[a-z0-9._-]+|\[[0-9a-f:.]+\]):)?(?P<port>\d{1,5})", re.ASCII | re.IGNORECASE
)
_WEBHOOK_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}", re.ASCII)

_WORDS = {
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "int_parsing_size": "must be a whole number, and not such a long one",
    "float_parsing": "must be a number",
    "finite_number": "must be a number",
    "greater_than": "must be more than {gt:g}",
    "greater_than_equal": "must be {ge:g} or more",
    "less_than": "must be less than {lt:g}",
    "less_than_equal": "must be {le:g} or less",
    "literal_error": "must be one of {expected}",
    "string_too_short": "must not be empty",
}


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


class Settings(CoreSettings):
    bot_token: SecretStr = SecretStr("")
    telegram_api_url: HttpUrl = ""
    webhook_url: HttpUrl = ""
    webhook_listen: str = "127.0.0.1:8081"
    webhook_secret: SecretStr = SecretStr("")
    playground_port: int = Field(default=8080, ge=0, le=65535)
    metrics_port: int = Field(default=0, ge=0, le=65535)
    metrics_host: str = "127.0.0.1"
    sentry_dsn: SecretStr = SecretStr("")
    drain_seconds: float = Field(default=25, ge=0, le=600)
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(_upper)] = (
        "INFO"
    )
    log_format: Literal["text", "json"] = "text"

    @field_validator("bot_token")
    @classmethod
    def _token_of_botfather(cls, value: SecretStr) -> SecretStr:
        token = value.get_secret_value()
        number, colon, rest = token.partition(":")
        if token and not (
            token.isascii()
            and number.isdigit()
            and colon
            and rest
            and not any(map(str.isspace, rest))
        ):
            raise ValueError("must look like 123456789:AA… as @BotFather gives it")
        return value

    @field_validator("webhook_listen")
    @classmethod
    def _host_and_port(cls, value: str) -> str:
        found = _ADDRESS.fullmatch(value)
        if not found or int(found["port"]) > 65535:
            raise ValueError("must look like 127.0.0.1:8081, [::1]:8081 or 8081")
        return value if found["host"] else f"127.0.0.1:{value}"

    @field_validator("webhook_secret")
    @classmethod
    def _as_telegram_takes_it(cls, value: SecretStr) -> SecretStr:
        secret = value.get_secret_value()
        if secret and not _WEBHOOK_SECRET.fullmatch(secret):
            raise ValueError("must be 1 to 256 of the characters A-Z, a-z, 0-9, _ and -")
        return value

    @field_validator("sentry_dsn")
    @classmethod
    def _as_sentry_gives_it(cls, value: SecretStr) -> SecretStr:
        dsn = value.get_secret_value()
        try:
            parts = urlsplit(dsn)
            whole = parts.scheme in ("http", "https") and parts.username and parts.port != 0
        except ValueError:
            whole = False
        if dsn and not whole:
            raise ValueError("must look like https://key@host/number")
        return value

    @property
    def webhook_address(self) -> tuple[str, int]:
        """Host and port of `webhook_listen`; 0 is any free port."""
        host, _, port = self.webhook_listen.rpartition(":")
        return host.strip("[]"), int(port)

    @property
    def on_playground(self) -> bool:
        return not self.bot_token.get_secret_value()


def read_settings() -> Settings:
    """From `.env` and the environment. Raises `Misconfigured` with one line naming all culprits."""
    _legible(Path(".env"))
    complaints = list(_misspelt(os.environ))
    try:
        settings = Settings()
    except Misconfigured as error:
        raise Misconfigured("; ".join([*complaints, str(error)])) from None
    except ValidationError as error:
        complaints += dict.fromkeys(map(_complaint, error.errors()))
        raise Misconfigured("; ".join(complaints)) from None
    if complaints:
        raise Misconfigured("; ".join(complaints))
    _consistent(settings)
    return settings


def _legible(file: Path) -> None:
    """What the reader of `.env` would pass over in silence."""
    if not file.is_file():
        return
    try:
        with file.open(encoding="utf-8") as lines:
            for binding in parse_stream(lines):
                if binding.error or (binding.key and binding.value is None):
                    line = binding.original.line
                    raise Misconfigured(f"line {line} of .env is not of the form NAME=value")
    except UnicodeDecodeError:
        raise Misconfigured(".env is not UTF-8 text") from None


def _complaint(error: Any) -> str:
    name = str(error["loc"][0]).upper() if error["loc"] else "settings"
    if error["type"] == "extra_forbidden":
        return f"unknown setting {name} in .env{_suggestion(name)}"
    if told := _WORDS.get(error["type"]):
        return f"{name}: {told.format(**error.get('ctx', {}))}"
    return f"{name}: {error['msg'].removeprefix('Value error, ')}"


def _known() -> set[str]:
    files = {f"{name}_FILE".upper() for name in secret_names(Settings)}
    return {name.upper() for name in Settings.model_fields} | files


def _suggestion(name: str) -> str:
    close = difflib.get_close_matches(name, _known(), n=1)
    return f" (did you mean {close[0]}?)" if close else ""


def _misspelt(environment: Iterable[str]) -> Iterable[str]:
    """Foreign variables are none of our business; one letter off a name of ours is a mistake."""
    known = _known()
    for name in environment:
        if name.removesuffix("_FILE") in known and name not in known:
            yield f"unknown setting {name} in the environment: files are for keys and tokens"
        elif name not in known and (
            close := difflib.get_close_matches(name, known, 1, cutoff=0.88)
        ):
            yield f"unknown setting {name} in the environment (did you mean {close[0]}?)"


def _consistent(settings: Settings) -> None:
    prepare_data_folder(settings.data_dir)
    if bool(settings.supabase_url) != bool(settings.supabase_secret_key.get_secret_value()):
        raise Misconfigured("SUPABASE_URL and SUPABASE_SECRET_KEY are only of use together")
    own_server = bool(settings.telegram_api_url)
    if settings.webhook_url and not own_server and not is_private_way(settings.webhook_url):
        raise Misconfigured("WEBHOOK_URL must be https: Telegram sends updates nowhere else")
    if settings.on_playground:
        if settings.telegram_api_url:
            raise Misconfigured("TELEGRAM_API_URL is set but BOT_TOKEN is not")
    elif not settings.openai_api_key.get_secret_value() and not settings.openai_base_url:
        raise Misconfigured(
            "OPENAI_API_KEY is not set: give a key, or OPENAI_BASE_URL of a compatible server"
        )
