"""What the settings amount to, and what is better set otherwise."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path

from bot.settings import Settings
from core import Verdict

_OTHERS = stat.S_IRGRP | stat.S_IROTH


async def check_settings(settings: Settings, env_file: Path = Path(".env")) -> Verdict:
    """They could be read, else there would be no doctor."""
    found = f"{_database(settings)}, {_receiving(settings)}"
    if await asyncio.to_thread(_readable_by_others, env_file):
        return Verdict(
            "warning",
            f"{found}; other users of this machine can read {env_file}",
            f"Close it, for it may hold secrets: chmod 600 {env_file}",
        )
    if not settings.admin_ids and not settings.on_playground:
        closed = settings.access_mode != "open"
        trouble = f"ACCESS_MODE={settings.access_mode} and nobody to let people in, or to be told"
        return Verdict(
            "warning",
            f"{found}; {f'{trouble} of troubles' if closed else 'nobody is told of troubles'}",
            "Put your own Telegram id into ADMIN_IDS.",
        )
    return Verdict("ok", found)


def _database(settings: Settings) -> str:
    if settings.database_url.get_secret_value():
        return "data by DATABASE_URL"
    if settings.supabase_url:
        return "data at Supabase"
    return f"data in {settings.data_dir}"


def _receiving(settings: Settings) -> str:
    if settings.on_playground:
        return "on the playground"
    return "updates by webhook" if settings.webhook_url else "updates by polling"


def _readable_by_others(file: Path) -> bool:
    try:
        return bool(file.stat().st_mode & _OTHERS)
    except OSError:
        return False
