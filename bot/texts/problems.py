"""Problems as admins read of them."""

from __future__ import annotations

from collections.abc import Mapping

from bot.texts import Words
from bot.texts.dates import clock, date_day
from core import Problem, ProblemWord, zone_of

_WORDS: Mapping[str, tuple[str, str, str]] = {
    "model_key": ("problem-model-key", "problem-model-key-do", "problem-model-key-over"),
    "model_quota": ("problem-model-quota", "problem-model-quota-do", "problem-model-quota-over"),
    "model_gone": ("problem-model-gone", "problem-model-gone-do", "problem-model-gone-over"),
    "model_request": (
        "problem-model-request",
        "problem-model-request-do",
        "problem-model-request-over",
    ),
    "model_down": ("problem-model-down", "problem-model-down-do", "problem-model-down-over"),
    "turn_failed": ("problem-turn-failed", "problem-turn-failed-do", "problem-turn-failed-over"),
    "update_failed": (
        "problem-update-failed",
        "problem-update-failed-do",
        "problem-update-failed-over",
    ),
    "second_poller": (
        "problem-second-poller",
        "problem-second-poller-do",
        "problem-second-poller-over",
    ),
    "webhook_elsewhere": (
        "problem-webhook-elsewhere",
        "problem-webhook-elsewhere-do",
        "problem-webhook-elsewhere-over",
    ),
    "queue_grows": ("problem-queue-grows", "problem-queue-grows-do", "problem-queue-grows-over"),
    "deliveries_fail": (
        "problem-deliveries-fail",
        "problem-deliveries-fail-do",
        "problem-deliveries-fail-over",
    ),
    "disk_full": ("problem-disk-full", "problem-disk-full-do", "problem-disk-full-over"),
    "database_full": (
        "problem-database-full",
        "problem-database-full-do",
        "problem-database-full-over",
    ),
    "database_away": (
        "problem-database-away",
        "problem-database-away-do",
        "problem-database-away-over",
    ),
    "budget_near": ("problem-budget-near", "problem-budget-near-do", "problem-budget-near-over"),
    "budget_spent": (
        "problem-budget-spent",
        "problem-budget-spent-do",
        "problem-budget-spent-over",
    ),
    "clock_off": ("problem-clock-off", "problem-clock-off-do", "problem-clock-off-over"),
}
_OTHER = ("problem-other", "problem-other-do", "problem-other-over")
"""For what a newer version in another process knows."""

_DETAILS = (
    *("host", "code", "model", "error", "who", "waiting", "seconds"),
    *("troubled", "tried", "free_gb", "percent"),
)


def words_for_problem(word: ProblemWord, words: Words) -> str:
    """HTML. Moments are told in the admin's own zone."""
    problem = word.problem
    there, to_do, over = _WORDS.get(problem.name, _OTHER)
    told = _arguments(problem)
    if not word.open:
        lasted = lasting(problem.seconds, words)
        return words("problem-over", what=words.plain(over, **told), lasted=lasted)
    moment = problem.since.astimezone(zone_of(word.timezone, words.language))
    since = words("problem-since", date=date_day(moment, words), time=clock(moment))
    return "\n\n".join((f"{words(there, **told)}\n{since}", words(to_do, **told)))


def open_problem(problem: Problem, timezone: str | None, words: Words) -> str:
    """HTML, in a list of those that are there."""
    there, *_ = _WORDS.get(problem.name, _OTHER)
    moment = problem.since.astimezone(zone_of(timezone, words.language))
    since = words(
        "problem-since-lasted",
        date=date_day(moment, words),
        time=clock(moment),
        lasted=lasting(problem.seconds, words),
    )
    return f"{words(there, **_arguments(problem))} {since}"


def lasting(seconds: int, words: Words) -> str:
    minutes = max(0, seconds) // 60
    return words.plain(
        "problem-lasted",
        days=minutes // 1440,
        hours=minutes % 1440 // 60,
        minutes=minutes % 60,
    )


def _arguments(problem: Problem) -> dict[str, str | int]:
    """Whatever any of the texts may ask for."""
    told: dict[str, str | int] = dict.fromkeys(_DETAILS, "?")
    for name, value in problem.details.items():
        told[name] = value if isinstance(value, int) else str(value)[:100]
    return told | {"name": problem.name, "about": problem.about}
