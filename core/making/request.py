"""The arguments of `create_document`, checked; nothing in them is trusted."""

from __future__ import annotations

import re
from datetime import date, datetime
from math import isfinite
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    model_validator,
)

Format = Literal["md", "docx", "pdf", "xlsx", "csv", "ics", "png"]
TEXT_FORMATS = frozenset({"md", "docx", "pdf"})
ROWS = 5_000
CELLS = 60_000
CELL_CHARACTERS = 8_000
PIE_SLICES = 12

# What no file format can hold: controls, halves of surrogate pairs, non-characters.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\ufeff]"
)
# More marks over one letter than any language has choke whoever draws them.
_MARKS = re.compile(
    "([\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]{6})[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]+"
)


def _clean(value: str) -> str:
    value = value.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n")
    value = _MARKS.sub(r"\1", value)
    return _UNPRINTABLE.sub("", value).replace("\x85", "\n").replace("\u2029", "\n\n")


def _line(value: str) -> str:
    return " ".join(value.split())


def _at_most(limit: int) -> AfterValidator:
    def check(value: str) -> str:
        if len(value) > limit:
            raise ValueError(f"has {len(value)} characters, at most {limit} are possible")
        return value

    return AfterValidator(check)


def _none_is_empty(value: Any) -> Any:
    return "" if value is None else value


def _nothing_is_none(value: Any) -> Any:
    return None if value in ("", [], {}) else value


def _moment(value: Any) -> Any:
    if not isinstance(value, str):
        return value if isinstance(value, date) else None
    try:
        text = value.strip()
        return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("write it as 2026-12-31T18:30, or 2026-12-31 for a whole day") from None


def _day(value: Any) -> Any:
    moment = _moment(_nothing_is_none(value))
    return moment.date() if isinstance(moment, datetime) else moment


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        if len(value) > CELL_CHARACTERS:
            raise ValueError(f"a cell holds at most {CELL_CHARACTERS} characters")
        return _clean(value)
    if isinstance(value, float) and not isfinite(value):
        raise ValueError("a cell holds no NaN or infinity; use null")
    if value is None or isinstance(value, bool | int | float):
        return value
    raise ValueError("a cell is text, a number or null")


Text = Annotated[str, BeforeValidator(_none_is_empty), AfterValidator(_clean)]
Line = Annotated[Text, AfterValidator(_line)]
Number = Annotated[float, Field(allow_inf_nan=False, ge=-1e15, le=1e15)]
Cell = Annotated[str | int | float | bool | None, PlainValidator(_cell)]
Moment = Annotated[datetime | date, BeforeValidator(_moment)]
Weekday = Literal["MO", "TU", "WE", "TH", "FR", "SA", "SU"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Table(_Part):
    name: Annotated[Line, _at_most(200)] = ""
    columns: list[Annotated[Line, _at_most(300)]] = Field(min_length=1, max_length=50)
    rows: list[list[Cell]] = Field(max_length=ROWS)

    @model_validator(mode="after")
    def _fits(self) -> Table:
        for number, row in enumerate(self.rows, 1):
            if len(row) > len(self.columns):
                raise ValueError(
                    f"row {number} has {len(row)} cells, but there are {len(self.columns)} columns"
                )
        return self


class Event(_Part):
    """`start` and `end` are dates where the event takes whole days; the last day is included."""

    title: Annotated[Line, Field(min_length=1), _at_most(300)]
    start: Moment
    end: Annotated[Moment | None, BeforeValidator(_nothing_is_none)] = None
    all_day: bool | None = None
    location: Annotated[Line, _at_most(500)] = ""
    description: Annotated[Text, _at_most(5_000)] = ""
    reminder_minutes: Annotated[int, Field(ge=0, le=40_320)] | None = None
    repeat: Literal["daily", "weekly", "monthly", "yearly"] | None = None
    every: Annotated[int, Field(ge=1, le=99)] | None = None
    weekdays: Annotated[list[Weekday], Field(max_length=7)] | None = None
    times: Annotated[int, Field(ge=1, le=1_000)] | None = None
    until: Annotated[date | None, BeforeValidator(_day)] = None

    @model_validator(mode="after")
    def _is_in_order(self) -> Event:
        start, end = _day(self.start), _day(self.end)
        if end and end < start:
            raise ValueError("end is before start")
        if self.until and self.until < start:
            raise ValueError("until is before start")
        if not 1970 <= start.year <= 2200:
            raise ValueError("start is not within the years 1970 to 2200")
        return self

    @property
    def whole_days(self) -> bool:
        return bool(self.all_day) or not isinstance(self.start, datetime)


class Series(_Part):
    name: Annotated[Line, _at_most(80)] = ""
    values: list[Number | None] = Field(min_length=1, max_length=400)


class Chart(_Part):
    kind: Literal["line", "bar", "horizontal_bar", "stacked_bar", "pie"]
    labels: list[Annotated[Line, _at_most(120)]] = Field(min_length=1, max_length=400)
    series: list[Series] = Field(min_length=1, max_length=12)
    unit: Annotated[Line, _at_most(40)] = ""

    @model_validator(mode="after")
    def _fits(self) -> Chart:
        for each in self.series:
            if len(each.values) != len(self.labels):
                raise ValueError(
                    f"series {each.name!r} has {len(each.values)} values for {len(self.labels)} "
                    "labels; give one value (or null) for each label"
                )
        values = [value for each in self.series for value in each.values if value is not None]
        if not values:
            raise ValueError("there is no value at all")
        if self.kind == "pie" and (
            len(self.series) > 1 or len(values) > PIE_SLICES or min(values) < 0 or not any(values)
        ):
            raise ValueError(
                f"a pie takes one series of at most {PIE_SLICES} values, none below zero, "
                "not all zero; choose bar or horizontal_bar"
            )
        if self.kind == "stacked_bar" and min(values) < 0:
            raise ValueError("stacked_bar takes no values below zero; choose bar")
        return self


class Request(_Part):
    format: Format
    name: Annotated[Line, _at_most(500)] = ""
    title: Annotated[Line, _at_most(300)] = ""
    caption: Text = ""
    content: Annotated[Text, _at_most(100_000)] = ""
    tables: Annotated[
        Annotated[list[Table], Field(max_length=20)] | None, BeforeValidator(_nothing_is_none)
    ] = None
    events: Annotated[
        Annotated[list[Event], Field(max_length=200)] | None, BeforeValidator(_nothing_is_none)
    ] = None
    chart: Annotated[Chart | None, BeforeValidator(_nothing_is_none)] = None

    @model_validator(mode="after")
    def _has_what_its_format_needs(self) -> Request:
        if self.format in TEXT_FORMATS and not self.content.strip():
            raise ValueError(f"{self.format} needs content: the text as Markdown, tables included")
        if self.format in {"xlsx", "csv"} and not self.tables:
            raise ValueError(f"{self.format} needs tables")
        if self.format == "csv" and len(self.tables or ()) > 1:
            raise ValueError("csv holds one table; choose xlsx for several")
        if self.format == "ics" and not self.events:
            raise ValueError("ics needs events")
        if self.format == "png" and not self.chart:
            raise ValueError("png needs chart")
        if sum(len(each.rows) for each in self.tables or ()) > ROWS:
            raise ValueError(f"the tables have more than {ROWS} rows together")
        if sum(len(row) for each in self.tables or () for row in each.rows) > CELLS:
            raise ValueError(f"the tables have more than {CELLS} cells together")
        return self
