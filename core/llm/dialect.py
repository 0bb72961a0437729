"""What servers differ in: parameters they refuse, and the order of roles they accept."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, cast

from core.llm import ChatMessage, ModelRequest

# What each droppable feature is called in the complaints of servers.
_NAMES: Mapping[str, tuple[str, ...]] = {
    "effort": ("reasoning_effort", "reasoning.effort", "reasoning", "thinking"),
    "stream_options": ("stream_options", "include_usage", "include_obfuscation"),
    "max_completion_tokens": ("max_completion_tokens",),
    "max_tokens": ("max_tokens",),
    "max_output_tokens": ("max_output_tokens",),
    "safety_identifier": ("safety_identifier",),
    "prompt_cache_key": ("prompt_cache_key",),
    "cache_points": ("prompt_cache_breakpoint", "prompt_cache_options"),
    "store": ("store",),
}
_REFUSED = re.compile(
    r"unsupported|not supported|(does not|doesn't) support|unknown|unrecognized|unexpected"
    r"|not permitted|not allowed|extra_forbidden|extra (inputs|fields)"
    r"|invalid (parameter|argument|field)",
    re.IGNORECASE,
)


def refused_feature(status: int, body: object, sent: Collection[str]) -> str | None:
    """Which of the features in `sent` the server does not know or does not allow, if it says so."""
    if status not in {400, 422}:
        return None
    complaint = _words(body)
    if "context_length_exceeded" in complaint or not _REFUSED.search(complaint):
        return None
    for feature in sent:
        for name in _NAMES[feature]:
            if re.search(rf"(?<![\w]){re.escape(name)}(?![\w])", complaint):
                return feature
    return None


def strict_roles(messages: Sequence[ChatMessage]) -> list[dict[str, Any]]:
    """One system message first, then user and assistant by turns.

    Chat templates of local models (Gemma, Mistral, Llama) raise an error for a late system message
    or for two of one role in a row. A late system message goes in front of the next user's words.
    """
    opening: list[str] = []
    turns: list[tuple[str, list[str]]] = []
    late: list[str] = []
    for message in messages:
        if message.role == "system":
            (late if turns else opening).append(message.content)
            continue
        parts = [message.content]
        if message.role == "user":
            parts = [*late, *parts]
            late = []
        if turns and turns[-1][0] == message.role:
            turns[-1][1].extend(parts)
        else:
            turns.append((message.role, parts))
    opening.extend(late)
    if turns and turns[0][0] == "assistant":
        turns.insert(0, ("user", ["…"]))
    if opening:
        turns.insert(0, ("system", opening))
    return [{"role": role, "content": "\n\n".join(parts)} for role, parts in turns]


def prompt_cache_key(request: ModelRequest) -> str:
    """Sends one person's requests to the machine that remembers their beginning."""
    opening = request.messages[0].content if request.messages else ""
    return hashlib.sha256(f"{request.safety_id}\n{opening}".encode()).hexdigest()[:32]


def _words(body: object) -> str:
    """All texts of an error body but the echo of the request that validators put under `input`."""
    if isinstance(body, Mapping):
        pairs = cast("Mapping[str, object]", body).items()
        return " ".join(_words(value) for key, value in pairs if key not in {"input", "ctx"})
    if isinstance(body, list):
        return " ".join(_words(value) for value in cast("list[object]", body))
    return str(body)
