"""What calls cost, in US dollars: a table of prices, and the reckoning."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal, InvalidOperation
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

from core.errors import Misconfigured

_MILLION = 1_000_000
_HIGHEST = 1_000_000
_MOST_BYTES = 1_000_000
_FREE = "-"
_LIKE_INPUT = ("cached", "written")


@dataclass(frozen=True, slots=True)
class Used:
    """What one call has used. `cached` and `written` are parts of `prompt`, `audio` one of
    `completion`; where a server says otherwise, no more of them counts than there is."""

    prompt: int = 0
    cached: int = 0
    written: int = 0
    completion: int = 0
    audio: int = 0
    seconds: float = 0.0
    characters: int = 0


@dataclass(frozen=True, slots=True)
class Price:
    """See the head of prices.tsv for the units."""

    input: Decimal
    cached: Decimal
    written: Decimal
    output: Decimal
    audio: Decimal
    minute: Decimal
    characters: Decimal

    def of(self, used: Used) -> Decimal:
        """In US dollars, never negative."""
        prompt, completion = max(used.prompt, 0), max(used.completion, 0)
        cached = _within(used.cached, prompt)
        written = _within(used.written, prompt - cached)
        # Without a price of its own, what is spoken is answer as any other.
        audio = _within(used.audio, completion) if self.audio else 0
        millions = (
            (prompt - cached - written) * self.input
            + cached * self.cached
            + written * self.written
            + (completion - audio) * self.output
            + audio * self.audio
            + max(used.characters, 0) * self.characters
        ) / _MILLION
        return millions + Decimal(max(used.seconds, 0.0)) / 60 * self.minute


class Prices:
    def __init__(self, lines: list[tuple[str, Price]], *, of_openai: bool) -> None:
        """`of_openai`: only of models that OpenAI runs; elsewhere a name means something else."""
        self._lines = lines
        self._of_openai = of_openai

    def of(self, provider: str, *models: str) -> Price | None:
        """Of the first of these names that has one."""
        for model in models:
            if self._of_openai and provider != "openai" and not model.startswith("openai/"):
                continue
            name = model.removeprefix("openai/") if self._of_openai else model
            for pattern, price in self._lines:
                if fnmatchcase(name, pattern):
                    return price
        return None


def read_prices(path: str) -> Prices:
    """The operator's own table, or (empty) the one that comes along. Raises `Misconfigured`."""
    if not path:
        return _of_openai()
    try:
        with Path(path).open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
        if len(content) > _MOST_BYTES:
            raise Misconfigured(f"PRICES_FILE: {path} is too long for a table of prices")
        return Prices(list(_lines(content.decode("utf-8-sig"))), of_openai=False)
    except OSError as error:
        raise Misconfigured(f"PRICES_FILE: {path}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise Misconfigured(f"PRICES_FILE: {path} is not UTF-8 text") from None
    except ValueError as error:
        raise Misconfigured(f"PRICES_FILE: {path}, {error}") from None


def cost(prices: Prices, row: Mapping[str, Any]) -> float | None:
    """Of a row for `log_tokens`; None when its model has no price."""
    meta: Mapping[str, Any] = row["meta"]
    price = prices.of(row["provider"], row["model"], meta["requested_model"])
    if price is None:
        return None
    return float(round(price.of(_used(row, meta)), 9))


def _used(row: Mapping[str, Any], meta: Mapping[str, Any]) -> Used:
    # A text that was not spoken is not billed; its length is in the row all the same.
    spoken = meta["outcome"] == "ok"
    return Used(
        prompt=row["prompttokens"],
        cached=meta.get("cached_tokens") or 0,
        written=meta.get("cache_write_tokens") or 0,
        completion=row["completiontokens"],
        audio=meta.get("audio_tokens") or 0,
        seconds=meta.get("audio_seconds") or 0.0,
        characters=(meta.get("characters") or 0) if spoken else 0,
    )


def _within(part: int, whole: int) -> int:
    return min(max(part, 0), whole)


@cache
def _of_openai() -> Prices:
    text = files("core.tokenscount").joinpath("prices.tsv").read_text("utf-8")
    return Prices(list(_lines(text)), of_openai=True)


def _lines(text: str) -> Iterator[tuple[str, Price]]:
    """Raises ValueError that names the line and what is wrong with it."""
    names = [field.name for field in fields(Price)]
    head: list[str] | None = None
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = [cell.strip() for cell in line.split("\t")]
        if head is None:
            head = cells
            if head[0] != "model" or sorted(head[1:]) != sorted(names):
                raise ValueError(f"line {number}: must name the columns: model, {', '.join(names)}")
            continue
        if len(cells) > len(head) or not cells[0]:
            raise ValueError(f"line {number}: must be a model and {len(names)} prices, with tabs")
        given = dict(zip(head[1:], cells[1:], strict=False))
        yield cells[0], _price(number, {name: given.get(name, "") for name in names})
    if head is None:
        raise ValueError("line 1: must name the columns")


def _price(number: int, cells: dict[str, str]) -> Price:
    read: dict[str, Decimal] = {}
    for name in sorted(cells, key=lambda name: name in _LIKE_INPUT):
        cell = cells[name]
        if not cell and name in _LIKE_INPUT:
            read[name] = read["input"]
        elif cell in ("", _FREE):
            read[name] = Decimal(0)
        else:
            read[name] = _amount(number, name, cell)
    return Price(**cast("dict[str, Any]", read))


def _amount(number: int, name: str, cell: str) -> Decimal:
    try:
        amount = Decimal(cell)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or not 0 <= amount <= _HIGHEST:
        raise ValueError(f"line {number}: {name} must be a price in dollars, such as 0.25")
    return amount
