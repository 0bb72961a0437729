"""What the product needs to know from its operator. The front end adds its own names to these."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


def _http_url(value: str) -> str:
    parts = urlsplit(value)
    if value and not (parts.scheme in ("http", "https") and parts.hostname):
        raise ValueError("must look like https://host, or http://host:port")
    return value.rstrip("/")


HttpUrl = Annotated[str, AfterValidator(_http_url)]


class CoreSettings(BaseSettings):
    """Names in capitals are those of the environment and of `.env`; see `.env.example`."""

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

    @field_validator("database_url")
    @classmethod
    def _connection_string(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value():
            import psycopg
            from psycopg.conninfo import conninfo_to_dict

            try:
                conninfo_to_dict(value.get_secret_value())
            except psycopg.Error:
                # Its own message would repeat the password.
                raise ValueError("is not a PostgreSQL connection string") from None
        return value

    max_messages: int = Field(default=50, ge=1, le=500)
    turns_in_flight: int = Field(default=1000, ge=1, le=10000)
