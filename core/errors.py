"""What can go wrong, as callers see it. One base, so that a front end can catch them all."""

from __future__ import annotations


class CoreError(Exception):
    """Base of every error that core raises on purpose."""


class Misconfigured(CoreError):
    """The operator has to change something; the message is one line that says what."""


class Unavailable(CoreError):
    """The database can't be reached or asked to wait. Repeat the same call: all are idempotent."""


class FetchFailed(Unavailable):
    """The front end could not hand a file over just now; later it may work."""


class TooLarge(CoreError):
    """A file has more bytes than may be kept."""


class FetchRefused(CoreError):
    """The front end can't hand a file over, now or later: `too_big` for it, or `gone`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class DomainError(CoreError):
    """A rule of the product said no. `name` is the machine name that the SQL function raised."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Forbidden(DomainError):
    """The object belongs to somebody else (PT403)."""


class NotFound(DomainError):
    """No such object, or none that this person may know of (PT404)."""


class FileMissing(NotFound):
    """The file store has nothing at this path."""

    def __init__(self) -> None:
        super().__init__("file_missing")


class Conflict(DomainError):
    """The object's state does not allow this, e.g. `vision_frozen` (PT409)."""


class Gone(DomainError):
    """The vision has been deleted (PT410)."""


class LeaseLost(DomainError):
    """Another worker has taken the turn or the delivery over (PT423)."""


_BY_SQLSTATE: dict[str, type[DomainError]] = {
    "PT403": Forbidden,
    "PT404": NotFound,
    "PT409": Conflict,
    "PT410": Gone,
    "PT423": LeaseLost,
}


def domain_error(sqlstate: str, name: str) -> DomainError | None:
    """The typed error for a SQLSTATE of migrations' `raise`, None for any other code."""
    kind = _BY_SQLSTATE.get(sqlstate)
    return kind(name) if kind else None


class ModelError(CoreError):
    """A model call did not give an answer."""


class ModelDown(ModelError):
    """All tries are used up: overload, time-outs, broken streams. Trying later may help."""


class Filtered(ModelError):
    """The server's content filter left nothing of the answer, and would do so again."""


class ModelRejected(ModelError):
    """Repeating can't help until the operator acts.

    `kind` is one of `quota`, `key`, `model`, `request`, `code` the server's machine name for it.
    `detail` are its own words, for operators but not for logs: they may quote the request.
    """

    def __init__(self, kind: str, detail: str, code: str = "") -> None:
        super().__init__(f"{kind}: {code}" if code else kind)
        self.kind = kind
        self.detail = detail
