"""What the product needs to know from its operator. The front end adds its own names to these."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Annotated, Literal, cast
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from core.secret_files import SUFFIX, SecretFiles, secret_names


def _http_url(value: str) -> str:
    try:
        parts = urlsplit(value)
        whole = not value or (parts.scheme in ("http", "https") and parts.hostname)
        whole = whole and parts.port != 0
    except ValueError:
        # Its own message may repeat the value.
        whole = False
    if not whole:
        raise ValueError("must look like https://host, or http://host:port (1 to 65535)")
    return value.rstrip("/")


def is_private_way(url: str) -> bool:
    """Whether nobody on the way can read or change what goes to this address."""
    parts = urlsplit(url)
    return parts.scheme == "https" or is_loopback(parts.hostname or "")


def is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _ids(value: object) -> object:
    return value.replace(",", " ").split() if isinstance(value, str) else value


HttpUrl = Annotated[str, AfterValidator(_http_url)]
Bound = Annotated[int, Field(ge=0)]
"""0 is no bound."""


class CoreSettings(BaseSettings):
    """Names in capitals are those of the environment and of `.env`; see `.env.example`.

    Each secret may come from a file: `OPENAI_API_KEY_FILE=/run/secrets/openai_api_key`. Then
    making the settings also raises `Misconfigured`.
    """

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", extra="forbid", hide_input_in_errors=True
    )

    data_dir: Path = Path("data")
    database_url: SecretStr = SecretStr("")
    database_pool: int = Field(default=8, ge=1, le=100)
    supabase_url: HttpUrl = ""
    supabase_secret_key: SecretStr = SecretStr("")

    openai_api_key: SecretStr = SecretStr("")
    openai_base_url: HttpUrl = ""
    llm_api: Literal["auto", "responses", "chat"] = "auto"
    llm_model: str = Field(default="gpt-6.1-terra", min_length=1)
    llm_model_cheap: str = Field(default="gpt-6-luna", min_length=1)
    llm_effort: Literal["", "none", "minimal", "low", "medium", "high", "xhigh", "max"] = "low"
    llm_first_token_seconds: float = Field(default=25, gt=0)
    llm_gap_seconds: float = Field(default=15, gt=0)
    llm_total_seconds: float = Field(default=180, gt=0)
    llm_tries: int = Field(default=5, ge=1, le=10)

    stt_model: str = "gpt-transcribe"
    stt_base_url: HttpUrl = ""
    stt_api_key: SecretStr = SecretStr("")
    stt_max_minutes: float = Field(default=60, gt=0)
    tts_api: Literal["auto", "speech", "realtime"] = "auto"
    tts_model: str = ""
    tts_voice: str = "marin"
    tts_base_url: HttpUrl = ""
    tts_api_key: SecretStr = SecretStr("")

    max_messages: int = Field(default=50, ge=1, le=500)
    access_mode: Literal["open", "invite", "list"] = "open"
    admin_ids: Annotated[list[int], NoDecode, BeforeValidator(_ids)] = Field(default_factory=list)
    guest_messages: int = Field(default=5, ge=0, le=10_000)
    guest_tokens_per_day: Bound = 100_000
    guest_messages_per_minute: Bound = 20
    guest_messages_per_day: Bound = 50
    member_tokens_per_day: Bound = 2_000_000
    member_messages_per_minute: Bound = 120
    member_messages_per_day: Bound = 1000
    admin_tokens_per_day: Bound = 0
    admin_messages_per_minute: Bound = 0
    admin_messages_per_day: Bound = 0
    budget_tokens_per_day: Bound = 0
    budget_usd_per_day: float = Field(default=0, ge=0)
    prices_file: str = ""
    moderation_model: str = ""
    help_lines_file: str = ""
    feedback_buttons: bool = True

    turns_in_flight: int = Field(default=1000, ge=1, le=10000)
    sends_per_second: int = Field(default=30, ge=1, le=1000)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        environment = cast(EnvSettingsSource, env_settings)
        dotenv = cast(EnvSettingsSource, dotenv_settings)
        files = SecretFiles(settings_cls, {**dotenv.env_vars, **environment.env_vars})
        # The file's reader takes every name for one of a setting.
        read_here = {name + SUFFIX for name in secret_names(settings_cls)}
        dotenv.env_vars = {
            name: value for name, value in dotenv.env_vars.items() if name not in read_here
        }
        return init_settings, files, environment, dotenv

    @field_validator("*")
    @classmethod
    def _without_slips_of_copying(cls, value: object, asked: ValidationInfo) -> object:
        # It would go into a header, whose library complains by quoting the whole of it.
        if isinstance(value, SecretStr):
            given = value.get_secret_value()
            secret = given.strip()
            if given and not secret:
                raise ValueError("holds nothing but white space")
            if not secret.isprintable():
                raise ValueError("has a line break or another invisible character in it")
            if not secret.isascii() and asked.field_name != "database_url":
                raise ValueError("has a letter in it that is none of A to Z")
            return SecretStr(secret)
        return value

    @field_validator("database_url")
    @classmethod
    def _connection_string(cls, value: SecretStr) -> SecretStr:
        """With TLS for a server elsewhere, see `core.database.tls.with_tls`."""
        if not value.get_secret_value():
            return value
        import psycopg

        from core.database.dsn import refuse_torn
        from core.database.tls import with_tls

        try:
            refuse_torn(value.get_secret_value())
            return SecretStr(with_tls(value.get_secret_value()))
        except psycopg.Error:
            # Its own message would repeat the password.
            raise ValueError("is not a PostgreSQL connection string") from None

    @field_validator("supabase_url")
    @classmethod
    def _supabase_by_tls(cls, value: str) -> str:
        if value and not is_private_way(value):
            raise ValueError("must be https: it carries the key of the project")
        return value
