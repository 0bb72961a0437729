"""What a model server did instead of answering, in one shape for retries, accounts and admins."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Literal

from core.errors import ModelError
from core.llm.dialect import picture_complaint

if TYPE_CHECKING:
    from core.llm import Usage

log = logging.getLogger(__name__)

Outcome = Literal["failed", "cut", "timeout"]
Rejection = Literal["quota", "key", "model", "request"]

_DETAIL_CHARACTERS = 200
_SECRET = re.compile(r"\b(sk|key|pk)-[\w*.-]+")
_NAME = re.compile(r"[\w.:/-]{1,64}", re.ASCII)
# Servers that complain of a request may repeat it, its pictures included.
_BASE64 = re.compile(r"[A-Za-z0-9+/=]{60,}")

# Codes outrank the HTTP status: OpenAI says `insufficient_quota` with the 429 of a rate limit.
_REJECTED_BY_CODE: dict[str, Rejection] = {
    "insufficient_quota": "quota",
    "billing_hard_limit_reached": "quota",
    "billing_not_active": "quota",
    "account_deactivated": "key",
    "invalid_api_key": "key",
    "model_not_found": "model",
    "context_length_exceeded": "request",
    "invalid_prompt": "request",
    "invalid_request_error": "request",
    "image_content_policy_violation": "request",
}
_REJECTED_BY_STATUS: dict[int, Rejection] = {401: "key", 402: "quota", 403: "key", 404: "model"}
_TRANSIENT_STATUSES = frozenset({408, 409, 425, 429})


class CallFailed(ModelError):
    """One attempt gave no finished answer.

    `rejected` is set where repeating can't help. `retry_after` is in seconds, as the server asked.
    `spent` says that the server had begun to work, so tokens may have been billed; `usage` is what
    it told about them, if anything. `detail` are the server's own words: they may quote the
    request, so they are no part of the message.

    Codes of our own: `pictures` where the model sees none, `bad_picture` where it can't read one
    of them.
    """

    def __init__(
        self,
        outcome: Outcome,
        code: str,
        detail: str = "",
        *,
        rejected: Rejection | None = None,
        retry_after: float | None = None,
        spent: bool = True,
        usage: Usage | None = None,
        request_id: str | None = None,
    ) -> None:
        self.outcome: Outcome = outcome
        self.code = code
        shown = _BASE64.sub("…", detail[: 10 * _DETAIL_CHARACTERS])
        self.detail = _SECRET.sub(r"\1-…", shown)[:_DETAIL_CHARACTERS]
        self.rejected: Rejection | None = rejected
        self.retry_after = retry_after
        self.spent = spent
        self.usage = usage
        self.request_id = request_id
        super().__init__(f"{outcome}: {code}")


def failure(error: Exception, *, pictures: bool = False) -> CallFailed:
    """The failure that an exception of the `openai` or `httpx2` library stands for.

    `pictures` says that the request had some, so that complaints may be about them. The exceptions
    hold whole bodies, so raise what this returns `from None`: no log should print them.
    """
    from openai import APIConnectionError, APIStatusError

    if isinstance(error, CallFailed):
        return error
    if isinstance(error, APIStatusError):
        return _from_status(error, pictures)
    # The library wraps the connection errors of the request, not those of reading the stream.
    if isinstance(error, APIConnectionError):
        return _from_transport(error.__cause__ or error, sending=True)
    return _from_transport(error, sending=False)


def failure_in_body(
    error: object, usage: Usage | None = None, *, pictures: bool = False
) -> CallFailed:
    """The failure told by an `error` object inside a body or a stream with status 200."""
    fields: Mapping[str, Any] = error if isinstance(error, Mapping) else {"message": error}  # pyright: ignore[reportUnknownVariableType]  # JSON from outside
    code = fields.get("code") or fields.get("type") or "server_error"
    status = int(code) if str(code).isdigit() else None
    rejected = _REJECTED_BY_CODE.get(str(code)) or _REJECTED_BY_CODE.get(str(fields.get("type")))
    if status is not None and rejected is None:
        rejected = _rejected_by(status)
    if pictures and (complaint := picture_complaint(status, fields)):
        code, rejected = complaint, "request"
    return CallFailed(
        "failed",
        _machine_name(str(code), "server_error"),
        str(fields.get("message") or ""),
        rejected=rejected,
        usage=usage,
    )


def _from_transport(error: BaseException, *, sending: bool) -> CallFailed:
    import httpx2

    name = type(error).__name__
    if isinstance(error, (httpx2.ConnectTimeout, httpx2.PoolTimeout)):
        return CallFailed("timeout", "connection", name, spent=False)
    if isinstance(error, httpx2.TimeoutException):
        return CallFailed("timeout", "read", name)
    if sending:
        return CallFailed("failed", "connection", name, spent=False)
    if isinstance(error, httpx2.TransportError):
        return CallFailed("cut", "connection_lost", name)
    log.error("unexpected error in a model call", exc_info=error)
    return CallFailed("failed", "protocol", name)


def _from_status(error: Any, pictures: bool) -> CallFailed:
    headers: Mapping[str, str] = error.response.headers
    status: int = error.status_code
    code = str(error.code or error.type or "")
    rejected = _REJECTED_BY_CODE.get(str(error.code))
    if rejected is None and headers.get("x-should-retry") != "true":
        rejected = _rejected_by(status)
        if rejected is None and headers.get("x-should-retry") == "false":
            rejected = "request"
    if pictures and (complaint := picture_complaint(status, error.body)):
        code, rejected = complaint, "request"
    return CallFailed(
        "failed",
        f"http_{status}" if code.isdigit() else _machine_name(code, f"http_{status}"),
        str(error.message),
        rejected=rejected,
        retry_after=_retry_after(headers),
        spent=False,
        request_id=error.request_id,
    )


def _rejected_by(status: int) -> Rejection | None:
    if status >= 500 or status in _TRANSIENT_STATUSES:
        return None
    return _REJECTED_BY_STATUS.get(status, "request")


def _retry_after(headers: Mapping[str, str]) -> float | None:
    for name, units in (("retry-after-ms", 1000), ("retry-after", 1)):
        try:
            return max(0.0, float(headers[name]) / units)
        except (KeyError, ValueError):
            continue
    try:
        moment = parsedate_to_datetime(headers["retry-after"])
    except (KeyError, ValueError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _machine_name(code: str, other: str) -> str:
    """What is none may be the request's own words, from a server that repeats them."""
    return code if _NAME.fullmatch(code) else other
