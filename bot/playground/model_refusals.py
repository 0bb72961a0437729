"""How the scripted model says no."""

from __future__ import annotations


class ModelRefusal(Exception):
    """An error in OpenAI's own shape."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        param: str | None = None,
        code: str | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.param = param
        self.code = code
        self.retry_after = retry_after


class CutOff(Exception):
    """The connection is to be closed in the middle of the answer."""
