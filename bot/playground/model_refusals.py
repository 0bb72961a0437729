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


def missing(where: str) -> ModelRefusal:
    return ModelRefusal(
        400,
        f"Missing required parameter: '{where}'.",
        param=where,
        code="missing_required_parameter",
    )


def invalid(where: str) -> ModelRefusal:
    return ModelRefusal(400, f"Invalid value for '{where}'.", param=where, code="invalid_value")


def unknown(where: str) -> ModelRefusal:
    return ModelRefusal(
        400, f"Unknown parameter: '{where}'.", param=where, code="unknown_parameter"
    )


def unsupported(where: str) -> ModelRefusal:
    return ModelRefusal(
        400,
        f"Unsupported parameter: '{where}' is not supported with this model.",
        param=where,
        code="unsupported_parameter",
    )
