"""What a command says of a database that is not ours to keep."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from bot.cli.storage import embedded_only
from bot.settings import Settings
from core import Misconfigured
from tests.processes import ROOT


def test_the_command_for_a_database_of_one_s_own_is_that_of_the_guide() -> None:
    guide = (ROOT / "docs" / "backup.md").read_text("utf-8")
    [command] = [line for line in guide.splitlines() if line.startswith("pg_dump ")]
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]
        database_url=SecretStr("postgresql://me:hush@db.example/x"),
    )
    with pytest.raises(Misconfigured) as refusal:
        embedded_only(settings, "backup")
    assert f"`{command}`" in str(refusal.value)
    assert "hush" not in str(refusal.value)


def test_there_is_nothing_to_upgrade_where_another_database_is_set() -> None:
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]
        supabase_url="https://project.supabase.co",
        supabase_secret_key=SecretStr("sb_secret_hush"),
    )
    with pytest.raises(Misconfigured, match="no embedded database to upgrade") as refusal:
        embedded_only(settings, "upgrade")
    assert "pg_dump" not in str(refusal.value)
