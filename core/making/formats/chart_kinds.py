"""The kinds of charts, drawn into axes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import nan
from typing import Any

from matplotlib.ticker import FuncFormatter, MaxNLocator

from core.making.formats.chart_look import COLOURS, INK, PALE, darker, number_text, short
from core.making.request import Chart, Series

_TICKS = 12
_MARKED = 31
_SHOWN_VALUES = 16
_DIRECT_LABELS = 5
_ROOM_FOR_VALUES = 0.14


def _line(axes: Any, chart: Chart, language: str) -> None:
    places = range(len(chart.labels))
    marker = "o" if len(places) <= _MARKED else None
    for series, colour in zip(chart.series, COLOURS, strict=False):
        axes.plot(
            places,
            _values(series),
            color=colour,
            lw=2.6,
            marker=marker,
            ms=6,
            label=series.name or " ",
        )
    _label_ticks(axes, chart)
    _number_axis(axes.yaxis, chart, language)
    if len(places) > 1:
        axes.margins(x=0.03)
    _name_series(axes, chart)


def _bars(axes: Any, chart: Chart, language: str) -> None:
    width = 0.8 / len(chart.series)
    for number, (series, colour) in enumerate(zip(chart.series, COLOURS, strict=False)):
        shift = (number - (len(chart.series) - 1) / 2) * width
        places = [place + shift for place in range(len(chart.labels))]
        drawn = axes.bar(
            places, _values(series), width * 0.94, color=colour, label=series.name or " "
        )
        _show_values(axes, drawn, chart, series, language, way="y")
    _label_ticks(axes, chart)
    _number_axis(axes.yaxis, chart, language)
    _zero_line(axes.axhline, chart)
    _legend(axes, chart)


def _stacked_bars(axes: Any, chart: Chart, language: str) -> None:
    floor = [0.0] * len(chart.labels)
    for series, colour in zip(chart.series, COLOURS, strict=False):
        values = [value or 0.0 for value in series.values]
        axes.bar(
            range(len(floor)), values, 0.76, bottom=floor, color=colour, label=series.name or " "
        )
        floor = [low + value for low, value in zip(floor, values, strict=True)]
    if len(floor) <= _SHOWN_VALUES:
        for place, total in enumerate(floor):
            text = number_text(total, language)
            axes.annotate(text, (place, total), (0, 4), textcoords="offset points", ha="center")
        # Margins would do, but that bars stick to the places where they begin.
        axes.set_ylim(0, (max(floor) or 1.0) * (1 + _ROOM_FOR_VALUES))
    _label_ticks(axes, chart)
    _number_axis(axes.yaxis, chart, language)
    _legend(axes, chart)


def _horizontal_bars(axes: Any, chart: Chart, language: str) -> None:
    width = 0.8 / len(chart.series)
    for number, (series, colour) in enumerate(zip(chart.series, COLOURS, strict=False)):
        shift = (number - (len(chart.series) - 1) / 2) * width
        places = [place + shift for place in range(len(chart.labels))]
        drawn = axes.barh(
            places, _values(series), width * 0.94, color=colour, label=series.name or " "
        )
        _show_values(axes, drawn, chart, series, language, way="x")
    axes.invert_yaxis()
    step = max(1, -(-len(chart.labels) // 30))
    places = range(0, len(chart.labels), step)
    size = 12 if len(places) <= 14 else 9
    axes.set_yticks(places, [short(chart.labels[place], 24) for place in places], fontsize=size)
    axes.grid(visible=False, axis="y")
    _number_axis(axes.xaxis, chart, language)
    _zero_line(axes.axvline, chart)
    _legend(axes, chart)


def _pie(axes: Any, chart: Chart, language: str) -> None:
    """A ring, the words beside it: slices are often too thin to write on."""
    values = [value or 0.0 for value in chart.series[0].values]
    total = sum(values)
    wedges, _ = axes.pie(
        values,
        colors=COLOURS,
        startangle=90,
        counterclock=False,
        wedgeprops={"width": 0.42, "edgecolor": "white", "linewidth": 2},
    )
    lines = [
        f"{short(label, 26)}\n{_with_unit(value, chart, language)} · {value / total:.0%}"
        for label, value in zip(chart.labels, values, strict=True)
    ]
    axes.legend(
        wedges, lines, loc="center left", bbox_to_anchor=(1.02, 0.5),
        fontsize=13 if len(lines) <= 7 else 10, labelspacing=0.7,
    )  # fmt: skip
    axes.text(0, 0, _with_unit(total, chart, language), ha="center", va="center", fontsize=16,
              fontweight="bold")  # fmt: skip


DRAWN: Mapping[str, Callable[[Any, Chart, str], None]] = {
    "line": _line,
    "bar": _bars,
    "stacked_bar": _stacked_bars,
    "horizontal_bar": _horizontal_bars,
    "pie": _pie,
}


def _values(series: Series) -> list[float]:
    return [nan if value is None else value for value in series.values]


def _with_unit(value: float, chart: Chart, language: str) -> str:
    return f"{number_text(value, language)} {chart.unit}".strip()


def _number_axis(axis: Any, chart: Chart, language: str) -> None:
    def tick(value: float, _: int) -> str:
        return number_text(value, language)

    axis.set_major_formatter(FuncFormatter(tick))
    axis.set_major_locator(MaxNLocator(6))
    alone = chart.series[0].name if len(chart.series) == 1 else ""
    axis.axes.set_title(short(", ".join(filter(None, (alone, chart.unit))), 60))


def _label_ticks(axes: Any, chart: Chart) -> None:
    step = max(1, -(-len(chart.labels) // _TICKS))
    places = range(0, len(chart.labels), step)
    labels = [chart.labels[place] for place in places]
    room = 62 // max(1, len(labels))
    turned = max(map(len, labels)) > room * 2 or (
        max(len(word) for label in labels for word in label.split() or [""]) > room
    )
    if turned:
        axes.set_xticks(places, [short(label, 18) for label in labels], rotation=35, ha="right",
                        rotation_mode="anchor")  # fmt: skip
    else:
        axes.set_xticks(places, [short(label, max(6, room), 3) for label in labels])
    axes.grid(visible=False, axis="x")


def _show_values(
    axes: Any, drawn: Any, chart: Chart, series: Series, language: str, *, way: str
) -> None:
    if len(chart.labels) * len(chart.series) <= _SHOWN_VALUES:
        texts = ["" if value is None else number_text(value, language) for value in series.values]
        axes.bar_label(drawn, texts, padding=4, fontsize=12, color=INK)
        axes.margins(**{way: _ROOM_FOR_VALUES})


def _zero_line(draw: Callable[..., Any], chart: Chart) -> None:
    if any((value or 0) < 0 for series in chart.series for value in series.values):
        draw(0, color=PALE, lw=1)


def _name_series(axes: Any, chart: Chart) -> None:
    """At the ends of the lines, pushed apart where they meet; in a legend if they are many."""
    if not 1 < len(chart.series) <= _DIRECT_LABELS:
        _legend(axes, chart)
        return
    low, high = axes.get_ylim()
    free = low
    for value, series, colour in sorted(_ends(chart), key=lambda end: end[0]):
        height = max(value, free)
        free = height + (high - low) * 0.075
        axes.annotate(
            short(series.name, 16), (len(chart.labels) - 1, height), (12, 0),
            textcoords="offset points", va="center", color=darker(colour), fontweight="bold",
            annotation_clip=False,
        )  # fmt: skip


def _ends(chart: Chart) -> list[tuple[float, Series, str]]:
    return [
        (
            next((value for value in reversed(series.values) if value is not None), 0.0),
            series,
            colour,
        )
        for series, colour in zip(chart.series, COLOURS, strict=False)
    ]


def _legend(axes: Any, chart: Chart) -> None:
    if len(chart.series) > 1:
        handles, names = axes.get_legend_handles_labels()
        axes.figure.legend(
            handles, [short(name, 24) for name in names], loc="outside lower left", ncols=3
        )
