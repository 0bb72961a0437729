"""The numbers as CSV files that a spreadsheet opens on a double click."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from core.statistics.figures import DayCalls, DayNumbers

Cell = str | int | float | Decimal | date | None

DAY_COLUMNS = (
    "day", "active_people", "new_people", "messages", "answers", "delay_p50_seconds",
    "delay_p95_seconds", "failed_turns", "failed_deliveries", "heard_minutes", "spoken_minutes",
    "likes", "dislikes", "tokens", "usd", "calls_without_a_price",
)  # fmt: skip
CALL_COLUMNS = (
    "day", "model", "purpose", "calls", "prompt_tokens", "completion_tokens", "tokens", "usd",
    "calls_without_a_price",
)  # fmt: skip

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def days_table(
    days: Iterable[DayNumbers], columns: Sequence[str] = DAY_COLUMNS, *, comma: bool = False
) -> bytes:
    """`columns` are what the columns are called, in this order. `comma` as in `table`."""
    rows = (
        (
            day.day,
            day.totals.active,
            day.totals.newcomers,
            day.totals.messages,
            day.totals.answers,
            day.totals.p50,
            day.totals.p95,
            day.totals.failed_turns,
            day.totals.failed_deliveries,
            round(day.totals.heard_seconds / 60, 2),
            round(day.totals.spoken_seconds / 60, 2),
            day.totals.liked,
            day.totals.disliked,
            day.totals.tokens,
            day.totals.usd,
            day.totals.unpriced,
        )
        for day in days
    )
    return table(columns, rows, comma=comma)


def calls_table(
    calls: Iterable[DayCalls], columns: Sequence[str] = CALL_COLUMNS, *, comma: bool = False
) -> bytes:
    rows = (
        (
            call.day,
            call.model,
            call.purpose,
            call.calls,
            call.prompt_tokens,
            call.completion_tokens,
            call.tokens,
            call.usd,
            call.unpriced,
        )
        for call in calls
    )
    return table(columns, rows, comma=comma)


def table(columns: Sequence[str], rows: Iterable[Sequence[Cell]], *, comma: bool) -> bytes:
    """UTF-8 with its mark, without which Excel reads another encoding.

    `comma`: decimals have one, as in Russian. Excel there takes semicolons between the cells, and
    1.5 for the first of May; elsewhere it takes commas, and 1.5 for a number.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";" if comma else ",", lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_written(cell, comma=comma) for cell in row])
    return text.getvalue().encode("utf-8-sig")


def _written(cell: Cell, *, comma: bool) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        # Names of models come from the model's server, and shall not be run as formulas.
        return f"'{cell}" if cell.lstrip().startswith(_FORMULA) else cell
    if isinstance(cell, date):
        return cell.isoformat()
    number = f"{cell:f}" if isinstance(cell, Decimal) else str(cell)
    return number.replace(".", ",") if comma else number
