"""Give figures their look: colours that the colour-blind can tell apart, markers that survive grey print."""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Any, ParamSpec

import matplotlib as mpl
from matplotlib.figure import Figure

P = ParamSpec("P")

TITLE_SIZE = 11.0
TEXT_SIZE = 8.5
SMALL_SIZE = 7.0
"""Sizes of text in points."""

# Okabe & Ito 2008, "Color Universal Design"; without yellow, which is too pale for lines on white.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
GREY = "#666666"
PALE = "#BBBBBB"
GOOD, BAD = COLOURS[0], COLOURS[1]
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "p", "h", "*", "d", "8", "H")
_LINES: tuple[Any, ...] = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))

# Names are text, whatever signs they hold; a reader's own matplotlibrc does not change what is drawn.
_SETTINGS: dict[Any, Any] = {
    "text.usetex": False,
    "text.parse_math": False,
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": TEXT_SIZE,
    "axes.titlesize": TEXT_SIZE + 1,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": TEXT_SIZE,
    "axes.facecolor": "white",
    "axes.edgecolor": "black",
    "axes.labelcolor": "black",
    "axes.grid": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.formatter.useoffset": False,
    "axes.unicode_minus": True,
    "xtick.labelsize": TEXT_SIZE - 1,
    "ytick.labelsize": TEXT_SIZE - 1,
    "xtick.color": "black",
    "ytick.color": "black",
    "text.color": "black",
    "legend.fontsize": TEXT_SIZE - 1,
    "legend.frameon": False,
    "figure.facecolor": "white",
    "figure.dpi": 100.0,
    "savefig.dpi": "figure",
    "savefig.bbox": None,
    "savefig.facecolor": "auto",
    "lines.linewidth": 1.5,
    "path.simplify": True,
}


@dataclass(frozen=True)
class MethodStyle:
    """How one method is drawn wherever it appears."""

    colour: str
    marker: str
    line: Any


def method_styles(methods: Iterable[Hashable]) -> dict[Hashable, MethodStyle]:
    """Give each method a colour and a marker of its own; no two of fifteen share both.

    Examples
    --------
    >>> styles = method_styles(["cnn", "mlp"])
    >>> styles["cnn"].marker, styles["mlp"].marker
    ('o', 's')
    """
    return {
        method: MethodStyle(
            COLOURS[index % len(COLOURS)],
            _MARKERS[index % len(_MARKERS)],
            _LINES[index // len(COLOURS) % len(_LINES)],
        )
        for index, method in enumerate(methods)
    }


def in_house_style(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """Run a drawing function under the settings of the house, and leave those of the caller as they were."""

    @functools.wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> Figure:
        with mpl.rc_context(_SETTINGS):
            return draw(*args, **kwargs)

    return drawn
