"""Words for the model, kept as text files in `core/prompts`."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from string import Template

LANGUAGES = ("ru", "en")


@cache
def prompt(name: str, language: str) -> str:
    """The text `<name>.<language>.md`, in English for a language that we don't speak.

    The same bytes for everybody and every day: servers cache a prompt by its unchanged beginning.
    """
    known = language if language in LANGUAGES else "en"
    path = files("core").joinpath("prompts", f"{name}.{known}.md")
    return path.read_text(encoding="utf-8").strip()


def filled(name: str, language: str, /, **values: str | None) -> str:
    """The prompt with its `$names` filled in; a line that needs a value which is None is left out.

    Values are inserted as they are, so what comes from people must be quoted by the caller.
    """
    lines: list[str] = []
    for line in prompt(name, language).splitlines():
        template = Template(line)
        if all(values[key] is not None for key in template.get_identifiers()):
            lines.append(template.substitute(values))
    return "\n".join(lines)


@cache
def phrases(name: str, language: str) -> dict[str, str]:
    """Short phrases of `<name>.<language>.md`, a line each: `key = words`."""
    lines = prompt(name, language).splitlines()
    return {key.strip(): words.strip() for key, _, words in (line.partition("=") for line in lines)}
