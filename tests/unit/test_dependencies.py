"""What the bot is built of: every part held by its hash, under a licence that goes with ours."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent.parent
ALL = "requirements.lock"
RUNNING = "requirements-run.lock"

# The libraries of the LGPL and MPL stand beside our code as they came, which is all these ask.
GOES_WITH_APACHE_2 = {
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "LGPL-3.0-only",
    "MIT", "MIT-0", "MIT-CMU", "MPL-2.0", "PSF-2.0", "Unlicense", "Zlib",
}  # fmt: skip
CLASSIFIERS = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
SAID_ONLY_IN_THEIR_FILES = {"pyromark": "MIT"}


def locked(name: str) -> dict[str, tuple[Requirement, frozenset[str]]]:
    """Name with marker → the requirement and its hashes."""
    text = (ROOT / name).read_text("utf-8").replace("\\\n", " ")
    found: dict[str, tuple[Requirement, frozenset[str]]] = {}
    for line in text.splitlines():
        if line and line.strip()[:1] != "#":
            wanted, *hashes = line.split("--hash=")
            requirement = Requirement(wanted.strip())
            found[str(requirement)] = requirement, frozenset(each.strip() for each in hashes)
    return found


def names(name: str) -> set[str]:
    return {canonicalize_name(requirement.name) for requirement, _ in locked(name).values()}


@pytest.mark.parametrize("lock", [ALL, RUNNING])
def test_every_part_is_held_by_version_and_hash(lock: str) -> None:
    assert "--index-url" not in (ROOT / lock).read_text("utf-8")
    for text, (requirement, hashes) in locked(lock).items():
        assert re.fullmatch(r"==[^*,]+", str(requirement.specifier)), text
        assert requirement.url is None, text
        assert hashes, text
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", each) for each in hashes), text


def test_a_container_gets_the_very_same_without_the_tools_of_development() -> None:
    everything = {
        (requirement.name, str(requirement.specifier)): hashes
        for requirement, hashes in locked(ALL).values()
    }
    for requirement, hashes in locked(RUNNING).values():
        assert everything[requirement.name, str(requirement.specifier)] == hashes

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    needed = {canonicalize_name(Requirement(each).name) for each in project["dependencies"]}
    tools = {
        canonicalize_name(Requirement(each).name)
        for each in project["optional-dependencies"]["dev"]
    }
    assert needed <= names(RUNNING)
    assert not (tools - needed) & names(RUNNING)


def licences(name: str) -> Iterator[str]:
    told = metadata.metadata(name)
    if expression := told.get("License-Expression"):
        yield from set(re.findall(r"[\w.+-]+", expression)) - {"AND", "OR", "WITH"}
        return
    for classifier in told.get_all("Classifier") or ():
        if classifier.startswith("License ::"):
            yield CLASSIFIERS.get(classifier.rpartition(" :: ")[2], classifier)
    yield from re.findall(r"[A-Za-z]+-[\w.-]+|MIT", (told.get("License") or "").partition("\n")[0])
    if name in SAID_ONLY_IN_THEIR_FILES:
        yield SAID_ONLY_IN_THEIR_FILES[name]


def test_every_licence_goes_with_ours() -> None:
    for requirement, _ in locked(RUNNING).values():
        if requirement.marker is None or requirement.marker.evaluate():
            found = set(licences(canonicalize_name(requirement.name)))
            assert found, f"{requirement.name} names no licence"
            assert found <= GOES_WITH_APACHE_2, f"{requirement.name}: {found}"
