"""How Telegram says no: a code and a description that client libraries turn into exceptions."""

from __future__ import annotations


class Refusal(Exception):
    """`retry_after` is in whole seconds and goes into `parameters`, as flood waits do."""

    def __init__(self, code: int, description: str, retry_after: int | None = None) -> None:
        super().__init__(f"{code}: {description}")
        self.code = code
        self.description = description
        self.retry_after = retry_after


def bad_request(what: str) -> Refusal:
    return Refusal(400, f"Bad Request: {what}")


def conflict(what: str) -> Refusal:
    return Refusal(409, f"Conflict: {what}")


def too_many(seconds: int) -> Refusal:
    return Refusal(429, f"Too Many Requests: retry after {seconds}", seconds)
