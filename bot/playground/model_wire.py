"""What the two wire formats have in common."""

from __future__ import annotations

import secrets
from typing import Protocol

from bot.playground.model_answer import Answer, Piece
from bot.playground.shapes import Json


class Wire(Protocol):
    """One answer, whole or as server-sent events: `opening`, each `piece`, `closing`."""

    def opening(self) -> bytes: ...

    def piece(self, piece: Piece) -> bytes: ...

    def closing(self, answer: Answer) -> bytes: ...

    def whole(self, answer: Answer) -> Json: ...


def new_id(prefix: str) -> str:
    return f"{prefix}_{secrets.token_hex(16)}"


def cached(prompt_tokens: int) -> int:
    """Caching works from 1024 tokens on, in steps of 128."""
    return prompt_tokens // 128 * 128 if prompt_tokens >= 1024 else 0
