"""What is said and what may be called, in the words of Chat Completions."""

from __future__ import annotations

from typing import Any

from core.llm import ChatMessage, Picture, Tool
from core.llm.toolcalls import chat_call


def chat_message(message: ChatMessage, *, developer: bool) -> dict[str, Any]:
    """`developer` is what OpenAI calls the system."""
    role = "developer" if developer and message.role == "system" else message.role
    if message.role == "tool":
        return {"role": role, "tool_call_id": message.tool_call_id, "content": message.content}
    if message.tool_calls:
        calls = [chat_call(call) for call in message.tool_calls]
        said = {"role": role, "content": message.content, "tool_calls": calls}
        return {**said, **(message.items[0] if message.items else {})}
    if message.pictures:
        words = [{"type": "text", "text": message.content}] if message.content else []
        return {"role": role, "content": [*words, *map(_picture, message.pictures)]}
    return {"role": role, "content": message.content}


def _picture(picture: Picture) -> dict[str, Any]:
    detail = {} if picture.detail == "auto" else {"detail": picture.detail}
    return {"type": "image_url", "image_url": {"url": picture, **detail}}


def tool_spec(tool: Tool, *, strict: bool) -> dict[str, Any]:
    function: dict[str, Any] = {
        "name": tool.name,
        "description": tool.description,
        "parameters": tool.parameters,
    }
    return {"type": "function", "function": {**function, "strict": True} if strict else function}
