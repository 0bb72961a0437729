"""What is said and what may be called, in the words of the Responses API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.llm import ChatMessage, Picture, Tool
from core.llm.toolcalls import sendable
from core.llm.wire import Fields


def input_items(message: ChatMessage, *, developer: bool, caching: bool) -> list[Fields]:
    """`developer` is what OpenAI calls the system; `caching` says that it may be told to cut."""
    content = message.content
    if message.role == "tool":
        call_id = message.tool_call_id
        return [{"type": "function_call_output", "call_id": call_id, "output": content}]
    if message.items:
        return _handed_back(message.items)
    role = "developer" if developer and message.role == "system" else message.role
    item: dict[str, Any] = {"role": role, "content": content}
    if message.tool_calls:
        calls = [
            {
                "type": "function_call",
                "call_id": call.id,
                "name": call.name,
                "arguments": sendable(call.arguments),
            }
            for call in message.tool_calls
        ]
        return [item, *calls] if content else list[Fields](calls)
    cut = caching and message.cache_point and role != "assistant"
    if cut or message.pictures:
        parts: list[dict[str, Any]] = [{"type": "input_text", "text": content}] if content else []
        parts += map(_picture, message.pictures)
        if cut and parts:
            parts[-1]["prompt_cache_breakpoint"] = {"mode": "explicit"}
        item["content"] = parts or content
    return [item]


def _handed_back(output: Sequence[Fields]) -> list[Fields]:
    """The items of an answer as they came, but for thoughts that the server did not send along.

    It would look for them where it was told to keep nothing; and without its thoughts an item may
    not carry the id that ties it to them.
    """
    kept = [
        item
        for item in output
        if item.get("type") != "reasoning" or item.get("encrypted_content") or item.get("content")
    ]
    if len(kept) == len(output):
        return kept
    return [{name: value for name, value in item.items() if name != "id"} for item in kept]


def _picture(picture: Picture) -> dict[str, Any]:
    return {"type": "input_image", "image_url": picture, "detail": picture.detail}


def tool_spec(tool: Tool, *, strict: bool) -> Fields:
    function: Fields = {
        "type": "function",
        "name": tool.name,
        "description": tool.description,
        "parameters": tool.parameters,
    }
    return {**function, "strict": True} if strict else function
