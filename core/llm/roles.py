"""The order of roles that servers accept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.llm import ChatMessage

_NOTHING = "…"


def strict_roles(messages: Sequence[ChatMessage]) -> list[ChatMessage]:
    """One system message first, then user and assistant by turns.

    Chat templates of local models (Gemma, Mistral, Llama) raise an error for a late system message
    or for two of one role in a row. A late system message goes in front of the next user's words.
    Tool calls and their results stand as they are, between the turns.
    """
    opening: list[str] = []
    turns: list[list[ChatMessage]] = []
    late: list[ChatMessage] = []
    for message in messages:
        if message.role == "system":
            if turns:
                late.append(message)
            else:
                opening.append(message.content)
            continue
        said = [message]
        if message.role == "user":
            said = [*late, message]
            late = []
        before = turns[-1][-1] if turns else None
        if before and before.role == message.role and not _in_tool_loop(before, message):
            turns[-1].extend(said)
            continue
        # Templates count the turns without the tool loops, so these need an end and a beginning.
        if message.role == "user" and before and before.role == "tool":
            turns.append([ChatMessage("assistant", _NOTHING)])
        elif message.role == "assistant" and (before is None or _is_last_word(before)):
            turns.append([ChatMessage("user", _NOTHING)])
        turns.append(said)
    opening.extend(message.content for message in late)
    merged = [_merged(said) for said in turns]
    return [ChatMessage("system", _joined(opening)), *merged] if opening else merged


def without_tools(messages: Sequence[ChatMessage]) -> list[ChatMessage]:
    """The same dialogue for a model that knows no tools: their results are told to it as words."""
    told: list[ChatMessage] = []
    names: dict[str | None, str] = {}
    for message in messages:
        if message.role == "tool":
            name = names.get(message.tool_call_id, "")
            told.append(ChatMessage("user", f"{name}: {message.content}"))
            continue
        names.update({call.id: call.name for call in message.tool_calls})
        if not message.tool_calls:
            told.append(message)
        elif message.content:
            told.append(replace(message, tool_calls=(), items=()))
    return told


def _in_tool_loop(*messages: ChatMessage) -> bool:
    return any(m.role == "tool" or m.tool_calls or m.items for m in messages)


def _is_last_word(message: ChatMessage) -> bool:
    return message.role == "assistant" and not _in_tool_loop(message)


def _merged(said: list[ChatMessage]) -> ChatMessage:
    if len(said) == 1:
        return said[0]
    return ChatMessage(
        said[-1].role,
        _joined([message.content for message in said]),
        pictures=tuple(picture for message in said for picture in message.pictures),
    )


def _joined(texts: list[str]) -> str:
    return "\n\n".join(filter(None, texts))
