"""Label the axis of a metric: its name, its unit, and which way is better."""

from __future__ import annotations

import math
from typing import Literal

import xarray as xr
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from mushin.figures.text_size import wrap_text
from mushin.score_arrays import Scores

_ALONG = {"x": {True: "better →", False: "← better"}, "y": {True: "better ↑", False: "better ↓"}}


def unit_of(scores: Scores) -> str:
    """Return the unit of a metric in words; a share is told by its range.

    Examples
    --------
    >>> import numpy as np
    >>> unit_of(Scores("accuracy", np.ones((1, 1, 1)), True, (0.0, 1.0), "1"))
    'no unit, 0 to 1'
    """
    if scores.units not in ("", "1"):
        return scores.units
    low, high = scores.valid_range
    if math.isfinite(low) and math.isfinite(high):
        return f"no unit, {low:g} to {high:g}"
    return "no unit"


def long_name(ds: xr.Dataset, metric: str) -> str:
    """Return what a metric calls itself, or its name in the Dataset."""
    return str(ds[metric].attrs.get("long_name", metric))


def better(*, higher_is_better: bool, along: Literal["x", "y"]) -> str:
    """Return an arrow that points to better scores.

    Examples
    --------
    >>> better(higher_is_better=False, along="x")
    '← better'
    """
    return _ALONG[along][higher_is_better]


def metric_label(
    ds: xr.Dataset,
    scores: Scores,
    width: float,
    *,
    along: Literal["x", "y"] = "x",
    of: str = "",
    is_inverted: bool = False,
) -> str:
    """Return the label of a metric's axis: its name, wrapped to `width` inches, its unit, the better way.

    `of` stands before the name, such as ``"threshold of "``; an inverted axis turns the arrow.
    """
    name = wrap_text(f"{of}{long_name(ds, scores.metric)}", width)
    arrow = better(higher_is_better=scores.higher_is_better != is_inverted, along=along)
    return f"{name}\n({unit_of(scores)})  {arrow}"


def spread_ticks(axes: Axes, *, along: Literal["x", "y"] = "x") -> None:
    """Keep the ticks of an axis few, so that their labels stay apart."""
    axis = axes.xaxis if along == "x" else axes.yaxis
    axis.set_major_locator(MaxNLocator(nbins=4, steps=[1, 2, 2.5, 5, 10]))
