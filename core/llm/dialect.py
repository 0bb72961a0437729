"""What servers differ in: what they refuse, and in which words."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from typing import Literal, cast

from core.llm import ModelRequest

# What each droppable feature is called in the complaints of servers. The first that is found is
# meant: what is part of something else, or is named together with it, comes before it.
_NAMES: Mapping[str, tuple[str, ...]] = {
    "effort_with_tools": ("tools with reasoning_effort",),
    "encrypted_reasoning": (
        "reasoning.encrypted_content",
        "encrypted_content",
        "encrypted content",
    ),
    "strict": ("strict", "invalid_function_parameters"),
    "parallel_tool_calls": ("parallel_tool_calls",),
    "tools": ("tools", "tool", "function calling", "functions"),
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
    r"|invalid (parameter|argument|field)|invalid_function_parameters"
    r"|requires --|no endpoints found",
    re.IGNORECASE,
)
# Complaints in the same words about something that leaving out wouldn't mend.
_NOT_MEANT = re.compile(r"context_length_exceeded|with role .?tool|thought_signature")
# Where a local server can't run the tools of its model, it calls that an error of its own.
_STATUSES = frozenset({400, 422})
_TOOL_STATUSES = frozenset({404, 500, 501})
_PICTURE_STATUSES = frozenset({None, 400, 404, 415, 422, 500, 501})
_PICTURES = re.compile(r"image|vision|multi-?modal", re.IGNORECASE)
_NOT_SEEN = re.compile(
    r"(not|n't|longer) support|unsupported|only supported|unknown variant|no endpoints found"
    r"|not (a |an )?(vision|multi-?modal)|not (accept|allow|capable)|at most 0|text-only"
    r"|missing data required",
    re.IGNORECASE,
)
_TEXT_ONLY = re.compile(
    r"content\b.{0,40}(must be|expected) (a )?string"
    r"|content\b.{0,80}should be (a valid string|'text')",
    re.IGNORECASE | re.DOTALL,
)
_BAD_PICTURE = re.compile(
    r"(invalid|empty|unsupported)_(base64_)?image|image_(parse_error|(file_)?too_(large|small))"
    r"|unsupported image(?! input)|(invalid|corrupt\w*|malformed|broken) image(?! ?_?(url|input))"
    r"|(cannot|could not|couldn't|failed|unable)( to)? (identify|decode|parse|load|process|read)"
    r" (the |an |this )?image|image: unknown format",
    re.IGNORECASE,
)
# An error that echoes the request would otherwise be searched for as long as its pictures are.
_COMPLAINT_CHARACTERS = 2_000


def refused_feature(status: int, body: object, sent: Collection[str]) -> str | None:
    """Which of the features in `sent` the server does not know or does not allow, if it says so."""
    if status not in _STATUSES | _TOOL_STATUSES:
        return None
    words = complaint(body)
    if _NOT_MEANT.search(words) or not _REFUSED.search(words):
        return None
    if picture_complaint(status, body):
        return None
    for feature, names in _NAMES.items():
        if feature in sent and any(_named(name, words) for name in names):
            return feature if status in _STATUSES or feature == "tools" else None
    return None


def picture_complaint(
    status: int | None, body: object
) -> Literal["pictures", "bad_picture"] | None:
    """Whether the server says that it sees no pictures, or that it can't read one of these.

    `status` None stands for an error inside a stream. Ask only about a request with pictures.
    """
    if status not in _PICTURE_STATUSES:
        return None
    words = complaint(body)
    if _BAD_PICTURE.search(words):
        return "bad_picture"
    blind = _PICTURES.search(words) and _NOT_SEEN.search(words)
    return "pictures" if blind or _TEXT_ONLY.search(words) else None


def prompt_cache_key(request: ModelRequest) -> str:
    """Sends one person's requests to the machine that remembers their beginning."""
    opening = request.messages[0].content if request.messages else ""
    return hashlib.sha256(f"{request.safety_id}\n{opening}".encode()).hexdigest()[:32]


def _named(name: str, words: str) -> bool:
    return bool(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", words, re.IGNORECASE))


def complaint(body: object) -> str:
    """What an error body says, without an echo of the request."""
    return _texts(body)[:_COMPLAINT_CHARACTERS]


def _texts(body: object) -> str:
    """All texts of an error body but the echo of the request that validators put under `input`."""
    if isinstance(body, Mapping):
        pairs = cast("Mapping[str, object]", body).items()
        return " ".join(_texts(value) for key, value in pairs if key not in {"input", "ctx"})
    if isinstance(body, list):
        return " ".join(_texts(value) for value in cast("list[object]", body))
    return str(body)
