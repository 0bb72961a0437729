"""What a client may say over the realtime WebSocket: settings of the session, and messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.playground.model_refusals import ModelRefusal, invalid, missing, unknown
from bot.playground.shapes import Json, as_list, as_object

SETTINGS = frozenset(
    [
        *("type", "audio", "include", "instructions", "max_output_tokens", "model", "prompt"),
        *("output_modalities", "parallel_tool_calls", "reasoning", "tool_choice", "tools"),
        *("tracing", "truncation"),
    ]
)
VOICES = frozenset(
    [
        *("alloy", "ash", "ballad", "coral", "echo"),
        *("sage", "shimmer", "verse", "marin", "cedar"),
    ]
)
PARTS: Mapping[str, tuple[str, ...]] = {
    "user": ("input_text", "input_audio", "input_image"),
    "system": ("input_text",),
    "assistant": ("output_text", "output_audio"),
}


def check_session(value: Any) -> Json:
    """The settings of a `session.update`."""
    session = as_object(value)
    if session is None:
        raise missing("session")
    if session.get("type") != "realtime":
        raise missing("session.type") if "type" not in session else invalid("session.type")
    if strange := next((name for name in session if name not in SETTINGS), None):
        raise unknown(f"session.{strange}")
    if session.get("output_modalities", ["audio"]) != ["audio"]:
        # The API has a mode for text alone; who wants text asks the other APIs here.
        raise invalid("session.output_modalities")
    _check_output(output_of(session))
    return session


def output_of(settings: Json) -> Json:
    """The settings of the sound, empty where none are given."""
    audio = as_object(settings.get("audio")) or {}
    return as_object(audio.get("output")) or {}


def check_item(value: Any, where: str) -> Json:
    """A message of the conversation."""
    item = as_object(value)
    if item is None:
        raise missing(where)
    role = item.get("role")
    if item.get("type") != "message":
        raise invalid(f"{where}.type")
    if not isinstance(role, str) or role not in PARTS:
        raise invalid(f"{where}.role")
    parts = as_list(item.get("content"))
    if not parts:
        raise missing(f"{where}.content")
    for at, each in enumerate(parts):
        part = as_object(each) or {}
        if part.get("type") not in PARTS[role]:
            raise invalid(f"{where}.content[{at}].type")
        if str(part["type"]).endswith("_text") and not isinstance(part.get("text"), str):
            raise missing(f"{where}.content[{at}].text")
    return item


def spoken_text(items: Sequence[Json]) -> str:
    """What the person said last, in writing."""
    for item in reversed(items):
        if item["role"] == "user":
            return "\n".join(part["text"] for part in item["content"] if "text" in part)
    return ""


def _check_output(output: Json) -> None:
    kind = as_object(output.get("format")) or {"type": "audio/pcm"}
    if kind.get("type") != "audio/pcm" or kind.get("rate", 24_000) != 24_000:
        raise invalid("session.audio.output.format")
    voice = output.get("voice", "marin")
    if isinstance(voice, str) and voice not in VOICES:
        raise ModelRefusal(
            400,
            f"Invalid value: '{voice}'. Supported values are: {', '.join(sorted(VOICES))}.",
            param="session.audio.output.voice",
            code="invalid_value",
        )
    speed = output.get("speed", 1.0)
    if not isinstance(speed, int | float) or not 0.25 <= speed <= 1.5:
        raise invalid("session.audio.output.speed")
