"""PNG: what happened day by day, one panel under the other, to be read on a phone."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from typing import Any, cast

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from core.making.formats.chart_look import COLOURS, GRID, INK, LOOK, PALE, darker, number_text
from core.statistics.drawing import ChartPanel, DaysChart

JOBS = ("draw",)

_WIDE, _HEAD, _EACH, _DPI = 7.2, 1.05, 2.5, 160
"""Inches: the picture, its head and each panel."""

_MARGIN = 0.04
_LEFT, _RIGHT = 0.158, 0.945
_PAPER = "#FFFFFF"
_TICKS = 7
_VALUES_SHOWN = 7
_WIDE_CHARACTERS = 6
_ROOM_ABOVE = 1.22
_TOWERING = 5.0
"""A day so many times higher than any other is cut off, so that the others can be seen."""


def draw(arguments: dict[str, Any]) -> dict[str, Any]:
    """`arguments` is a `DaysChart` as a dict; the result is {"png": base64}."""
    picture = DaysChart.of(arguments)
    with cast("Any", mpl).rc_context(LOOK):
        height = _HEAD + _EACH * len(picture.panels)
        figure: Any = Figure(figsize=(_WIDE, height), dpi=_DPI, facecolor=_PAPER)
        FigureCanvasAgg(figure)
        _head(figure, picture, height)
        for number, panel in enumerate(picture.panels):
            top = height - _HEAD - number * _EACH
            at = (_LEFT, (top - _EACH + 0.42) / height, _RIGHT - _LEFT, (_EACH - 0.95) / height)
            figure.text(_MARGIN, (top - 0.32) / height, panel.name, fontsize=16, fontweight="bold",
                        color=darker(COLOURS[number]))  # fmt: skip
            figure.text(1 - _MARGIN, (top - 0.32) / height, panel.summary, fontsize=14, ha="right",
                        color=INK)  # fmt: skip
            _panel(figure.add_axes(at), panel, picture, COLOURS[number])
        out = io.BytesIO()
        figure.savefig(out, format="png", facecolor=_PAPER, metadata={"Software": None})
    return {"png": base64.b64encode(out.getvalue()).decode()}


def _head(figure: Any, picture: DaysChart, height: float) -> None:
    figure.text(_MARGIN, 1 - 0.30 / height, picture.title, fontsize=21, fontweight="bold",
                va="top", color=INK)  # fmt: skip
    figure.text(_MARGIN, 1 - 0.68 / height, picture.subtitle, fontsize=13, va="top", color=PALE)


def _panel(axes: Any, panel: ChartPanel, picture: DaysChart, colour: str) -> None:
    values = panel.values
    roof, tower = _roof(values)
    width = min(0.8, 0.1 * len(values) + 0.1)
    colours = [colour] * (len(values) - 1) + [_paler(colour)]
    axes.bar(range(len(values)), [min(value, roof) for value in values], width, color=colours)
    axes.set_ylim(0, roof * (_ROOM_ABOVE if tower is None else 1.0))
    axes.set_xlim(-0.6, len(values) - 0.4)
    _ticks(axes, panel, picture)
    if tower is not None:
        _cut(axes, tower, panel, picture, roof)
    # The value of every bar where there are few, of the highest one where there are many.
    few = len(values) <= _VALUES_SHOWN
    told = {
        place: _text(values[place], panel, picture)
        for place in (range(len(values)) if few else [values.index(max(values))])
        if values[place] and place != tower
    }
    wide = len(told) > 1 and max(map(len, told.values())) > _WIDE_CHARACTERS
    for place, text in told.items():
        axes.annotate(
            text, (place, values[place]), (0, 6), textcoords="offset points", ha="center",
            fontsize=10.5 if wide else 13, color=INK, annotation_clip=False,
            bbox={"pad": 1, "fc": _PAPER, "ec": "none"},
        )  # fmt: skip


def _paler(colour: str) -> str:
    return "#" + "".join(f"{255 - (255 - int(colour[i : i + 2], 16)) // 2:02x}" for i in (1, 3, 5))


def _roof(values: Sequence[float]) -> tuple[float, int | None]:
    """How high the panel reaches, and the day that reaches beyond it."""
    highest, *others = sorted(values, reverse=True)
    second = others[0] if others else 0.0
    if second > 0 and highest > second * _TOWERING:
        return second * 2, values.index(highest)
    return highest or 1.0, None


def _cut(axes: Any, place: int, panel: ChartPanel, picture: DaysChart, roof: float) -> None:
    side = -1 if place > len(panel.values) / 2 else 1
    axes.plot([place - 0.5, place + 0.5], [roof * 0.80, roof * 0.86], color=_PAPER, lw=5)
    axes.annotate(
        f"▲ {_text(panel.values[place], panel, picture)}", (place, roof), (side * 12, -4),
        textcoords="offset points", ha="left" if side > 0 else "right", va="top", fontsize=13,
        fontweight="bold", color=INK, bbox={"pad": 1, "fc": _PAPER, "ec": "none"},
    )  # fmt: skip


def _ticks(axes: Any, panel: ChartPanel, picture: DaysChart) -> None:
    step = max(1, -(-len(picture.days) // _TICKS))
    # Counted from today, which is what everybody looks for.
    places = range((len(picture.days) - 1) % step, len(picture.days), step)
    axes.set_xticks(places, [picture.days[place] for place in places], fontsize=12.5)
    axes.grid(visible=False, axis="x")
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=not panel.money))
    if not any(panel.values):
        axes.set_yticks([0])

    def tick(value: float, _: int) -> str:
        return _text(value, panel, picture)

    axes.yaxis.set_major_formatter(FuncFormatter(tick))
    axes.tick_params(axis="y", labelsize=12.5)
    axes.spines["bottom"].set_color(GRID)


def _text(value: float, panel: ChartPanel, picture: DaysChart) -> str:
    sign = "$" if panel.money else ""
    for scale, least, unit in (
        (1e9, 0.9995e9, picture.billions),
        (1e6, 0.9995e6, picture.millions),
        (1e3, 1e4, picture.thousands),
    ):
        if round(value) >= least:
            scaled = value / scale
            text = number_text(round(scaled, 0 if scaled >= 100 else 1), picture.language)
            return f"{sign}{text}\u00a0{unit}"
    if panel.money and value % 1:
        text = f"{value:.{2 if value >= 0.1 else 4}f}"
        return sign + (text.replace(".", ",") if picture.language == "ru" else text)
    return sign + number_text(value, picture.language)
