"""What came of a checkup, for a phone."""

from __future__ import annotations

from collections.abc import Sequence

from bot.texts import Words
from bot.texts.problems import open_problem
from core import Person, Problem, Result

DETAIL_CHARACTERS = 250
MOST_PROBLEMS = 8


def page_of(
    results: Sequence[Result],
    problems: Sequence[Problem] | None,
    person: Person,
    words: Words,
    *,
    seconds: int,
) -> str:
    """HTML. `problems` None: they could not be asked for."""
    failed = [result for result in results if result.status == "failed"]
    warned = [result for result in results if result.status == "warning"]
    if failed or warned:
        head = words("doctor-not-well", failed=len(failed), seconds=seconds)
    else:
        head = words("doctor-well", seconds=seconds)
    paragraphs = [head, *(_trouble(result, words) for result in (*failed, *warned))]
    if well := _names(results, "ok", words):
        paragraphs.append(words("doctor-ok", names=well))
    if passed_over := _names(results, "skipped", words):
        paragraphs.append(words("doctor-skipped", names=passed_over))
    if problems is not None:
        paragraphs.append(_problems(problems, person, words))
    return "\n\n".join(paragraphs)


def _trouble(result: Result, words: Words) -> str:
    name = _name(result, words)
    failed = result.status == "failed"
    head = words("doctor-failed", name=name) if failed else words("doctor-warning", name=name)
    do = words("doctor-do", check=_key(result))
    found = words(
        "doctor-found",
        found=result.found[:DETAIL_CHARACTERS],
        advice=result.advice[:DETAIL_CHARACTERS],
    )
    return f"{head}\n{do}\n{found}"


def _names(results: Sequence[Result], status: str, words: Words) -> str:
    return ", ".join(_name(result, words) for result in results if result.status == status)


def _name(result: Result, words: Words) -> str:
    return words.plain("doctor-name", check=_key(result))


def _key(result: Result) -> str:
    return result.name.replace(" ", "-")


def _problems(problems: Sequence[Problem], person: Person, words: Words) -> str:
    if not problems:
        return words("doctor-no-problems")
    lines = [words("doctor-problems")]
    lines += [open_problem(each, person.timezone, words) for each in problems[:MOST_PROBLEMS]]
    if len(problems) > MOST_PROBLEMS:
        lines.append(words("doctor-and-more", count=len(problems) - MOST_PROBLEMS))
    return "\n".join(lines)
