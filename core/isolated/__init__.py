"""Work on files from outside in a process of its own, with limits on memory and time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

Failure = Literal["memory", "time", "crash"]


@dataclass(frozen=True, slots=True)
class Limits:
    """`seconds` of wall clock, `megabytes` of address space beyond what libraries take."""

    seconds: float = 30.0
    megabytes: int = 512


class JobRefused(Exception):
    """The job itself said no; `reason` is a machine name such as `locked` or `broken`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class JobFailed(Exception):
    """The job was ended by its limits, or died."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure)
        self.failure: Failure = failure


class Isolated(Protocol):
    async def run(
        self, job: str, arguments: Mapping[str, Any], limits: Limits = Limits()
    ) -> dict[str, Any]:
        """`job` is `module:function` inside `core`; arguments and result are JSON.

        The function gets `arguments` as one dict and may raise `JobRefused`; any other exception
        is a `JobFailed("crash")`. Jobs run in the order asked, a few at a time.
        """
        ...

    async def close(self) -> None: ...
