"""The parts of a message: which kinds each role may have, in both APIs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.playground.model_pictures import MOST, ShownPicture, read_picture
from bot.playground.model_refusals import ModelRefusal, missing
from bot.playground.shapes import Json, as_list, as_object

CHAT_PARTS: Mapping[str, tuple[str, ...]] = {
    "user": ("text", "image_url", "input_audio", "file"),
    "assistant": ("text", "refusal"),
}
CHAT_OTHERS = ("text",)
RESPONSES_PARTS: Mapping[str, tuple[str, ...]] = {"assistant": ("output_text", "refusal")}
RESPONSES_OTHERS = ("input_text", "input_image", "input_file")


def plain(content: Any) -> str:
    if isinstance(content, str):
        return content
    parts = [as_object(part) or {} for part in as_list(content) or []]
    return "\n".join(str(part["text"]) for part in parts if "text" in part)


def check_chat_parts(message: Json, where: str) -> list[ShownPicture]:
    """The pictures of a message of Chat Completions."""
    allowed = CHAT_PARTS.get(message["role"], CHAT_OTHERS)
    pictures: list[ShownPicture] = []
    for part, place in _parts(message.get("content"), where, allowed):
        if part["type"] == "image_url":
            image = as_object(part.get("image_url")) or {}
            pictures.append(
                read_picture(image.get("url"), image.get("detail"), f"{place}.image_url")
            )
    return _few(pictures, where)


def check_responses_parts(role: str, content: Any, where: str) -> list[ShownPicture]:
    """The pictures of a message, or of a tool's output, of the Responses API."""
    allowed = RESPONSES_PARTS.get(role, RESPONSES_OTHERS)
    pictures = [
        read_picture(part.get("image_url"), part.get("detail"), f"{place}.image_url")
        for part, place in _parts(content, where, allowed)
        if part["type"] == "input_image"
    ]
    return _few(pictures, where)


def _parts(content: Any, where: str, allowed: tuple[str, ...]) -> list[tuple[Json, str]]:
    found: list[tuple[Json, str]] = []
    for number, item in enumerate(as_list(content) or []):
        place = f"{where}.content[{number}]"
        part = as_object(item)
        if part is None or "type" not in part:
            raise missing(f"{place}.type")
        kind = part["type"]
        if not isinstance(kind, str) or kind not in allowed:
            supported = " and ".join(f"'{name}'" for name in allowed)
            raise ModelRefusal(
                400,
                f"Invalid value: '{kind}'. Supported values are: {supported}.",
                param=place,
                code="invalid_value",
            )
        if kind.endswith("text") and not isinstance(part.get("text"), str):
            raise ModelRefusal(
                400,
                f"Invalid type for '{place}.text': expected a string.",
                param=f"{place}.text",
                code="invalid_type",
            )
        found.append((part, place))
    return found


def _few(pictures: list[ShownPicture], where: str) -> list[ShownPicture]:
    if len(pictures) > MOST:
        raise ModelRefusal(400, f"Too many images: at most {MOST} are allowed.", param=where)
    return pictures
