"""The table of ends is that of the installed library, and the server's word stands above it."""

from __future__ import annotations

import inspect
import re
from datetime import date
from types import ModuleType

import openai.types.audio.speech_model
import openai.types.audio_model
import openai.types.shared.chat_model
import pytest

from core.checkup.shutdowns import Shutdown, shutdown_of


def announced(module: ModuleType) -> dict[str, date]:
    source = " ".join(inspect.getsource(module).split())
    found: dict[str, date] = {}
    for names, on in re.findall(
        r'- ((?:"[\w.-]+",? ?)+): Announced shutdown date: (\d{4}-\d\d-\d\d)', source
    ):
        found |= dict.fromkeys(re.findall(r'"([\w.-]+)"', names), date.fromisoformat(on))
    return found


@pytest.mark.parametrize(
    "module",
    [
        openai.types.shared.chat_model,
        openai.types.audio_model,
        openai.types.audio.speech_model,
    ],
)
def test_what_the_library_announces_stands_in_the_table(module: ModuleType) -> None:
    ends = announced(module)
    assert len(ends) >= 4
    known = {name: shutdown_of(name, "openai") for name in ends}
    assert {name: end and end.on for name, end in known.items()} == ends


def test_the_server_says_more_than_the_table() -> None:
    assert shutdown_of("gpt-4o", "openai", "2026-12-01") == Shutdown(
        date(2026, 12, 1), "gpt-6-luna"
    )
    assert shutdown_of("new-model", "openai", "2027-05-01T00:00:00Z") == Shutdown(date(2027, 5, 1))
    assert shutdown_of("gpt-4o", "openai", "soon") == shutdown_of("gpt-4o", "openai")


def test_a_name_elsewhere_may_be_another_thing() -> None:
    assert shutdown_of("whisper-1", "speech.example") is None
    assert shutdown_of("openai/gpt-4o", "openrouter.ai") == shutdown_of("gpt-4o", "openai")
    assert shutdown_of("gpt-6.1-terra", "openai") is None


def test_days_are_counted_from_today() -> None:
    end = Shutdown(date(2026, 12, 11))
    assert end.days(date(2026, 11, 20)) == 21
    assert end.days(date(2026, 12, 12)) == -1
