"""What the settings lead to, built but not opened: the concrete classes behind the Protocols."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pydantic import SecretStr

from core.background import Background
from core.database import Database
from core.database.embedded import EmbeddedPostgres
from core.dialogue.companion import DialogueCompanion
from core.dialogue.crafting import Crafting
from core.dialogue.preparing import AT_ONCE, Preparation
from core.dialogue.senses import Senses
from core.dialogue.voicing import SPOKEN_AT_ONCE
from core.errors import CoreError
from core.files import FileStore
from core.files.local import LocalFiles
from core.isolated import Isolated
from core.llm import Model
from core.llm.moderating import Moderator, ServerModerator
from core.llm.retrying import Deadlines
from core.problems.model_health import MAIN, Use
from core.reading.reader import IsolatedReader
from core.settings import CoreSettings
from core.speech import Hearing, Speaking
from core.speech.client import open_speaking
from core.speech.hearing import ServerHearing

if TYPE_CHECKING:
    from core.database.supabase import SupabaseDatabase


def over_rest(settings: CoreSettings) -> bool:
    """Whether the database is a Supabase project known by its URL alone."""
    return bool(settings.supabase_url) and not settings.database_url.get_secret_value()


def embedded_postgres(settings: CoreSettings) -> EmbeddedPostgres | None:
    """The embedded server when no other database is set."""
    if settings.database_url.get_secret_value() or settings.supabase_url:
        return None
    return EmbeddedPostgres(settings.data_dir.absolute() / "postgres")


def supabase_database(settings: CoreSettings) -> SupabaseDatabase:
    from core.database.supabase import SupabaseDatabase

    return SupabaseDatabase(settings.supabase_url, settings.supabase_secret_key.get_secret_value())


def file_store(settings: CoreSettings) -> FileStore:
    """Raises `Misconfigured` for an address or a key that can't be right."""
    folder = files_folder(settings)
    if not settings.supabase_url:
        return LocalFiles(folder)
    from core.database.supabase_project import Project
    from core.files.storage import StorageFiles

    key = settings.supabase_secret_key.get_secret_value()
    Project.at(settings.supabase_url, key)
    return StorageFiles(settings.supabase_url, key, folder / "scratch")


def files_folder(settings: CoreSettings) -> Path:
    return settings.data_dir.absolute() / "files"


def hearing(settings: CoreSettings) -> Hearing | None:
    if not settings.stt_model:
        return None
    own_key = settings.openai_api_key.get_secret_value()
    return ServerHearing(
        # A key goes to the server it was given for, and to no other.
        api_key=settings.stt_api_key.get_secret_value()
        or ("" if settings.stt_base_url else own_key),
        base_url=settings.stt_base_url or settings.openai_base_url,
        model=settings.stt_model,
        connections=AT_ONCE["hear"],
    )


def speaking(settings: CoreSettings) -> Speaking | None:
    if not settings.tts_model:
        return None
    own_key = settings.openai_api_key.get_secret_value()
    return open_speaking(
        api=settings.tts_api,
        api_key=settings.tts_api_key.get_secret_value()
        or ("" if settings.tts_base_url else own_key),
        base_url=settings.tts_base_url or settings.openai_base_url,
        model=settings.tts_model,
        voice=settings.tts_voice,
        connections=SPOKEN_AT_ONCE,
    )


def moderator(settings: CoreSettings) -> Moderator | None:
    if not settings.moderation_model:
        return None
    return ServerModerator(
        api_key=settings.openai_api_key.get_secret_value(),
        base_url=settings.openai_base_url,
        model=settings.moderation_model,
        connections=settings.turns_in_flight,
    )


def companion_of(
    settings: CoreSettings,
    db: Database,
    model: Model,
    store: FileStore,
    hearing: Hearing | None,
    isolated: Isolated,
    background: Background,
    trouble: Callable[[CoreError], None],
) -> DialogueCompanion:
    from core.making.maker import DocumentMaker

    deadlines = Deadlines(
        first_token=settings.llm_first_token_seconds,
        gap=settings.llm_gap_seconds,
        total=settings.llm_total_seconds,
        tries=settings.llm_tries,
    )
    senses = Senses(
        db,
        model,
        IsolatedReader(isolated, store.scratch),
        hearing,
        sight=settings.llm_model,
        effort=settings.llm_effort or None,
        retelling=settings.llm_model_cheap,
        deadlines=deadlines,
        longest_seconds=settings.stt_max_minutes * 60,
        trouble=trouble,
    )
    return DialogueCompanion(
        db,
        model,
        Preparation(db, store, senses, background),
        Crafting(DocumentMaker(isolated), store),
        name=settings.llm_model,
        effort=settings.llm_effort,
        history=settings.max_messages,
        deadlines=deadlines,
    )


def uses_of(settings: CoreSettings) -> dict[str, Use]:
    """The models by their names: which setting names each, and which holds its key."""
    uses: dict[str, Use] = {}
    for prefix in ("TTS", "STT"):
        name = prefix.lower()
        model: str = getattr(settings, f"{name}_model")
        url: str = getattr(settings, f"{name}_base_url")
        key: SecretStr = getattr(settings, f"{name}_api_key")
        own = bool(url or key.get_secret_value())
        key_setting = f"{prefix}_API_KEY" if own else MAIN.key_setting
        uses[model] = Use(f"{prefix}_MODEL", key_setting, _host(url or settings.openai_base_url))
    host = _host(settings.openai_base_url)
    uses[settings.moderation_model] = Use("MODERATION_MODEL", MAIN.key_setting, host)
    uses[settings.llm_model_cheap] = Use("LLM_MODEL_CHEAP", MAIN.key_setting, host)
    uses[settings.llm_model] = Use("LLM_MODEL", MAIN.key_setting, host)
    uses.pop("", None)
    return uses


def _host(url: str) -> str:
    parts = urlsplit(url or "https://api.openai.com")
    return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)
