"""How charts look, whatever their kind."""

from __future__ import annotations

from textwrap import wrap
from typing import Any

INCHES = (8.0, 6.0)
DPI = 160
INK, PALE, GRID = "#1F2A30", "#5B6B74", "#DDE4E7"
# Okabe and Ito's colours without their yellow, which is lost on white; then darker ones.
COLOURS = (
    "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9",
    "#5E3C99", "#7A6F00", "#004B75", "#8A4A70", "#00573F", "#6B6B6B",
)  # fmt: skip
LOOK: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 13,
    "text.color": INK,
    "text.parse_math": False,
    "axes.edgecolor": GRID,
    "axes.labelcolor": PALE,
    "axes.titlecolor": PALE,
    "axes.titlelocation": "left",
    "axes.titlesize": 12,
    "axes.titlepad": 10,
    "legend.frameon": False,
    "legend.fontsize": 12,
    "legend.handlelength": 1,
    "legend.handleheight": 1,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "grid.color": GRID,
    "grid.linewidth": 0.9,
    "xtick.color": PALE,
    "ytick.color": PALE,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "figure.constrained_layout.h_pad": 0.14,
    "figure.constrained_layout.w_pad": 0.14,
}


def number_text(value: float, language: str) -> str:
    """At most two decimals, thousands apart, as people of this language write them."""
    value, size = value or 0.0, abs(value)  # never minus zero
    if size and not 0.005 <= size < 1e9:
        text = f"{value:.3g}"
    else:
        text = f"{value:,.2f}".rstrip("0").rstrip(".")
    if language == "ru":
        text = text.replace(",", "\u202f").replace(".", ",")
    return text.replace("-", "−")


def short(text: str, width: int, lines: int = 2) -> str:
    """At most so many lines of this width, the rest left out."""
    wrapped = wrap(text, width)
    if len(wrapped) > lines:
        wrapped[lines - 1] = wrapped[lines - 1][: width - 1] + "…"
    return "\n".join(wrapped[:lines])


def darker(colour: str) -> str:
    """For words, which need more contrast than areas."""
    return "#" + "".join(f"{int(colour[i : i + 2], 16) * 3 // 4:02x}" for i in (1, 3, 5))
