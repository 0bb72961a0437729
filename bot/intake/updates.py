"""Raw updates, as they come over the wire."""

from __future__ import annotations

from typing import Any

_NOTHING: dict[str, Any] = {}


def lane_of(raw: dict[str, Any]) -> str:
    """Updates of one chat in order; Stop overtakes what stands in the way of it."""
    if stopped := raw.get("stopped_message_generation"):
        return f"stop:{_chat_id(stopped)}"
    for kind, event in raw.items():
        if kind != "update_id" and (chat_id := _chat_id(event)):
            return str(chat_id)
    return f"update:{raw['update_id']}"


def _chat_id(event: Any) -> int | None:
    try:
        chat: Any = event.get("chat") or (event.get("message") or _NOTHING).get("chat")
        sender: Any = event.get("from")
        return (chat or sender)["id"]
    except (AttributeError, KeyError, TypeError):
        return None
