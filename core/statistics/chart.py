"""PNG: what happened day by day, one panel under the other, to be read on a phone."""

from __future__ import annotations

import base64
import io
from typing import Any, cast

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from core.making.formats.chart_look import COLOURS, GRID, INK, LOOK, PALE, darker, number_text
from core.statistics.drawing import Panel, Picture

JOBS = ("draw",)

_INCHES_WIDE, _INCHES_HEAD, _INCHES_PANEL, _DPI = 7.2, 1.05, 2.5, 160
_PAPER = "#FFFFFF"
_TICKS = 6
_VALUES_SHOWN = 10
_ROOM_ABOVE = 1.22
_TOWERING = 5.0
"""A day so many times higher than any other is cut off, so that the others can be seen."""

_SCALES = ((1e9, 2), (1e6, 1), (1e4, 0))


def draw(arguments: dict[str, Any]) -> dict[str, Any]:
    """`arguments` is a `Picture` as a dict; the result is {"png": base64}."""
    panels = [Panel(**panel) for panel in arguments["panels"]]
    picture = Picture(**(arguments | {"panels": panels}))
    with cast("Any", mpl).rc_context(LOOK):
        height = _INCHES_HEAD + _INCHES_PANEL * len(panels)
        figure: Any = Figure(figsize=(_INCHES_WIDE, height), dpi=_DPI, facecolor=_PAPER)
        FigureCanvasAgg(figure)
        _head(figure, picture, height)
        top = 1 - _INCHES_HEAD / height
        for number, panel in enumerate(panels):
            floor = top - (number + 1) * _INCHES_PANEL / height
            axes = figure.add_axes(
                (0.115, floor + 0.42 / height, 0.845, (_INCHES_PANEL - 0.95) / height)
            )
            _panel(axes, panel, picture, COLOURS[number])
        out = io.BytesIO()
        figure.savefig(out, format="png", facecolor=_PAPER, metadata={"Software": None})
    return {"png": base64.b64encode(out.getvalue()).decode()}


def _head(figure: Any, picture: Picture, height: float) -> None:
    left = 0.04
    figure.text(left, 1 - 0.30 / height, picture.title, fontsize=21, fontweight="bold", va="top",
                color=INK)  # fmt: skip
    figure.text(left, 1 - 0.68 / height, picture.subtitle, fontsize=13, va="top", color=PALE)


def _panel(axes: Any, panel: Panel, picture: Picture, colour: str) -> None:
    values = panel.values
    roof, towers = _roof(values)
    shown = [min(value, roof) for value in values]
    bars = axes.bar(range(len(values)), shown, min(0.8, 0.1 * len(values) + 0.1), color=colour)
    bars[-1].set_alpha(0.45)
    axes.set_ylim(0, roof * (1.0 if towers else _ROOM_ABOVE))
    axes.set_xlim(-0.6, max(len(values) - 0.4, 0.6))
    axes.set_title("")
    axes.annotate(panel.name, (0, 1), (-0.078, 1.08), xycoords="axes fraction",
                  textcoords="axes fraction", fontsize=16, fontweight="bold",
                  color=darker(colour), annotation_clip=False)  # fmt: skip
    axes.annotate(panel.summary, (1, 1), (1.0, 1.08), xycoords="axes fraction",
                  textcoords="axes fraction", ha="right", fontsize=14, color=INK,
                  annotation_clip=False)  # fmt: skip
    _ticks(axes, panel, picture)
    _values(axes, panel, picture, roof, towers)


def _roof(values: list[float]) -> tuple[float, set[int]]:
    """How high the panel reaches, and which days reach beyond it."""
    highest, *others = sorted(values, reverse=True)
    second = others[0] if others else 0.0
    if second > 0 and highest > second * _TOWERING:
        return second * 2, {values.index(highest)}
    return highest or 1.0, set()


def _ticks(axes: Any, panel: Panel, picture: Picture) -> None:
    step = max(1, -(-len(picture.days) // _TICKS))
    # Counted from today, which is what everybody looks for.
    places = range((len(picture.days) - 1) % step, len(picture.days), step)
    axes.set_xticks(places, [picture.days[place] for place in places], fontsize=12.5)
    axes.grid(visible=False, axis="x")
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=not panel.money))

    def tick(value: float, _: int) -> str:
        return _text(value, panel, picture)

    axes.yaxis.set_major_formatter(FuncFormatter(tick))
    axes.tick_params(axis="y", labelsize=12.5)
    axes.spines["bottom"].set_color(GRID)


def _values(axes: Any, panel: Panel, picture: Picture, roof: float, towers: set[int]) -> None:
    """On every bar where there are few, on the highest one where there are many."""
    values = panel.values
    few = len(values) <= _VALUES_SHOWN
    told = range(len(values)) if few else {values.index(max(values)), *towers}
    for place in told:
        value = values[place]
        if not value:
            continue
        height = min(value, roof)
        if place in towers:
            side = -1 if place > len(values) / 2 else 1
            text = f"▲ {_text(value, panel, picture)}"
            axes.annotate(text, (place, roof), (side * 12, -4), textcoords="offset points",
                          ha="right" if side < 0 else "left", va="top", fontsize=13,
                          fontweight="bold", color=INK)  # fmt: skip
            axes.plot([place - 0.5, place + 0.5], [roof * 0.80, roof * 0.86], color=_PAPER, lw=5)
            continue
        axes.annotate(_text(value, panel, picture), (place, height), (0, 4),
                      textcoords="offset points", ha="center", fontsize=13, color=INK,
                      annotation_clip=False)  # fmt: skip


def _text(value: float, panel: Panel, picture: Picture) -> str:
    size = abs(value)
    for (scale, unit), number in zip(
        ((1e9, picture.billions), (1e6, picture.millions), (1e4, picture.thousands)),
        range(3), strict=True,
    ):  # fmt: skip
        if size >= scale:
            whole = value / (1e3 if number == 2 else scale)
            text = number_text(round(whole, 0 if whole >= 100 else 1), picture.language)
            return f"{'$' if panel.money else ''}{text}\u00a0{unit}"
    if panel.money:
        return f"${number_text(round(value, 2), picture.language)}"
    return number_text(value, picture.language)
