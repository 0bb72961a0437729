"""PNG: one chart, readable on a phone, by colours that any eyes tell apart."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any, cast

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath

from core.isolated import JobRefused
from core.making.formats.chart_kinds import DRAWN
from core.making.formats.chart_look import DPI, INCHES, INK, LOOK, short
from core.making.glyphs import fitted, has_letters, lacking, our_characters
from core.making.request import Chart, Request, Series

JOBS = ("make",)

_TITLE: dict[str, Any] = {"fontsize": 17, "fontweight": "bold"}


def make(arguments: dict[str, Any]) -> dict[str, Any]:
    request = Request.model_validate(arguments["request"])
    if request.chart is None:
        raise JobRefused("empty")
    title, chart = _words_fitted(request.title, request.chart)
    with cast("Any", mpl).rc_context(LOOK):
        figure = Figure(figsize=INCHES, dpi=DPI, layout="constrained")
        FigureCanvasAgg(figure)
        axes: Any = figure.add_subplot()
        if title:
            cast("Any", figure).suptitle(_lines(title), x=0.02, ha="left", color=INK, **_TITLE)
        DRAWN[chart.kind](axes, chart, str(arguments["language"]))
        with warnings.catch_warnings():
            # Words that leave no room for the axes are drawn all the same, only less neatly.
            warnings.filterwarnings("ignore", "constrained_layout not applied")
            cast("Any", figure).savefig(Path(arguments["path"]), metadata={"Software": None})
    return {}


def _lines(title: str) -> str:
    """At most three that fit into the width of the picture, whatever their letters."""
    look = FontProperties(size=_TITLE["fontsize"], weight=_TITLE["fontweight"])
    for width in (48, 42, 36, 30):
        lines = short(title, width, 3)
        paths = [cast("Any", TextPath)((0, 0), line, prop=look) for line in lines.split("\n")]
        if max(path.get_extents().width for path in paths) < INCHES[0] * 72 * 0.95:
            break
    return lines


def _words_fitted(title: str, chart: Chart) -> tuple[str, Chart]:
    known = our_characters()
    words = [title, chart.unit, *chart.labels, *(each.name for each in chart.series)]
    if has_letters(lacking("".join(words), known)):
        raise JobRefused("letters")
    return fitted(title, known), chart.model_copy(
        update={
            "unit": fitted(chart.unit, known),
            "labels": [fitted(label, known) for label in chart.labels],
            "series": [
                Series(name=fitted(each.name, known), values=each.values) for each in chart.series
            ],
        }
    )
