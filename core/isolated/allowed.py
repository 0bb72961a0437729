"""Which functions may be run as jobs."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, cast

Job = Callable[[dict[str, Any]], dict[str, Any]]

_NAME = re.compile(r"([a-z_][a-z0-9_]*(?:\.[a-z_][a-z0-9_]*)+):([a-z_][a-z0-9_]*)")


class UnknownJob(ValueError):
    """The name is not `module:function` of an allowed package, or its module does not list it."""


def split(name: str, packages: Sequence[str]) -> tuple[str, str]:
    """`packages` are prefixes of module names, with their last dot."""
    found = _NAME.fullmatch(name)
    if found is None or not found[1].startswith(tuple(packages)):
        raise UnknownJob(name)
    return found[1], found[2]


def find(name: str, packages: Sequence[str]) -> Job:
    """Import the module; the function has to stand in its `JOBS`: a mapping of names to
    functions, or a collection of functions or of their names."""
    module_name, function_name = split(name, packages)
    module = importlib.import_module(module_name)
    jobs: object = getattr(module, "JOBS", ())
    if isinstance(jobs, Mapping):
        listed = dict(cast("Mapping[str, Any]", jobs))
    else:
        listed = {
            entry if isinstance(entry, str) else entry.__name__: (
                getattr(module, entry, None) if isinstance(entry, str) else entry
            )
            for entry in cast("Iterable[Any]", jobs)
        }
    job = listed.get(function_name)
    if not callable(job):
        raise UnknownJob(name)
    return cast("Job", job)
