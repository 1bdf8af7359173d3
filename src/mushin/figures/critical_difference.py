"""Draw mean ranks over data sets, with bars over methods that cannot be told apart."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from mushin.dataset_comparisons import compare_over_datasets
from mushin.errors import FigureError
from mushin.figures.canvas import add_panels, new_figure
from mushin.figures.style import SMALL_SIZE, TEXT_SIZE, in_house_style, method_styles
from mushin.figures.text_size import widest
from mushin.figures.words import counted
from mushin.p_text import format_p
from mushin.score_arrays import read_labels
from mushin.statistics.ranks import groups_of_equals

_AXIS_WIDTH = 3.6
_LINE, _BAR = 0.21, 0.12
_ABOVE = 0.45
"""Inches: a line of labels, a bar of a group, and what stands above the axis."""


@dataclass(frozen=True, eq=False)
class _Panel:
    """The tests of one metric and the mean ranks of its methods."""

    test: dict[str, Any]
    ranks: pd.DataFrame

    @property
    def difference(self) -> float:
        return float(self.test["critical_difference"])

    @property
    def mean_ranks(self) -> NDArray[np.float64]:
        return self.ranks["mean_rank"].to_numpy(dtype=np.float64)

    @cached_property
    def groups(self) -> list[tuple[int, ...]]:
        return groups_of_equals(self.mean_ranks, self.difference)

    def title(self, *, with_n: bool) -> str:
        better = "higher" if self.ranks["higher_is_better"].iloc[0] else "lower"
        n = f"n = {self.test['n_datasets']}; " if with_n else ""
        p = format_p(self.test["friedman_p"])
        return f"{self.test['metric']} ({better} is better; {n}Friedman p {p})"


@in_house_style
def draw_critical_difference(
    ds: xr.Dataset,
    *,
    metrics: Iterable[str] | None = None,
    alpha: float = 0.05,
    allow_incomplete: bool = False,
) -> Figure:
    """Draw a critical-difference diagram for every metric.

    Parameters
    ----------
    ds : Dataset
        As for `mushin.compare_over_datasets`: with several data sets.
    metrics : iterable of str, optional
        Which metrics, a panel each.
    alpha : float
        In (0, 1), of Nemenyi's test.
    allow_incomplete : bool
        Average over the seeds that there are.

    Returns
    -------
    Figure
        Methods at their mean ranks, the best on the left. A bar joins methods whose mean ranks differ by less
        than the critical difference.

    Raises
    ------
    FigureError
        There are fewer than two data sets or methods.
    IncompleteStudyError, DataError, UnknownNameError, ConfigError
        As for `mushin.compare_over_datasets`.

    References
    ----------
    Demšar 2006, JMLR 7:1, figure 1.
    """
    labels = read_labels(ds)
    if len(labels.datasets or (None,)) < 2:
        raise FigureError("mean ranks need two data sets at least; the results hold one")
    if len(labels.methods) < 2:
        raise FigureError(f"mean ranks need two methods at least, got only {labels.methods[0]!r}")
    found = compare_over_datasets(ds, metrics=metrics, alpha=alpha, allow_incomplete=allow_incomplete)
    tests: list[dict[str, Any]] = [
        {str(key): value for key, value in row.items()} for row in found.tests.to_dict("records")
    ]
    panels = [_Panel(test, found.ranks[found.ranks["metric"] == test["metric"]]) for test in tests]
    n_methods = len(labels.methods)
    longest = widest(f"{method} (0.00)" for method in labels.methods) + 0.15
    span = max(n_methods - 1.0, *(panel.difference for panel in panels))
    tallest = _ABOVE + max(len(panel.groups) for panel in panels) * _BAR + (n_methods + 1) // 2 * _LINE + 0.1
    datasets = _range_of_datasets(tests)
    figure = new_figure(
        2 * longest + _AXIS_WIDTH + 0.3,
        len(panels) * (tallest + 0.35),
        title=f"Mean ranks of {counted(n_methods, 'method')} over {datasets} data sets (rank 1 is best)",
        note=_note(datasets, alpha, len(labels.seeds)),
    )
    colours = {method: style.colour for method, style in method_styles(labels.methods).items()}
    inch = span / _AXIS_WIDTH
    for axes, panel in zip(add_panels(figure, len(panels), 1, len(panels)), panels, strict=True):
        axes.set_title(panel.title(with_n=not datasets.isdecimal()))
        axes.set_xlim(1 - longest * inch, 1 + span + longest * inch)
        axes.set_ylim(tallest, 0)
        axes.set_axis_off()
        _draw_axis(axes, n_methods, panel.difference)
        _draw_groups(axes, panel, inch)
        _draw_labels(axes, panel, colours, 1 + span, inch)
    return figure


def _range_of_datasets(tests: list[dict[str, Any]]) -> str:
    """Return how many data sets the metrics rest on: ``8``, or ``5 to 8`` where they differ."""
    numbers = sorted({int(test["n_datasets"]) for test in tests})
    return f"{numbers[0]}" if len(numbers) == 1 else f"{numbers[0]} to {numbers[-1]}"


def _draw_axis(axes: Axes, n_methods: int, difference: float) -> None:
    """Draw the scale of ranks, and the critical difference above it."""
    axes.plot([1, n_methods], [_ABOVE, _ABOVE], color="black", linewidth=1.0, label="axis")
    for rank in range(1, n_methods + 1):
        axes.plot([rank, rank], [_ABOVE, _ABOVE - 0.05], color="black", linewidth=1.0)
        axes.text(rank, _ABOVE - 0.07, str(rank), ha="center", va="bottom", fontsize=SMALL_SIZE)
    axes.plot(
        [1, 1 + difference],
        [0.14, 0.14],
        color="black",
        linewidth=1.4,
        marker="|",
        label="critical difference",
    )
    axes.text(
        1 + difference / 2, 0.11, f"CD = {difference:.2f}", ha="center", va="bottom", fontsize=SMALL_SIZE
    )


def _draw_groups(axes: Axes, panel: _Panel, inch: float) -> None:
    """Draw a bar over each group of methods that are not told apart."""
    for level, group in enumerate(panel.groups):
        y = _ABOVE + 0.1 + level * _BAR
        of_group = panel.mean_ranks[list(group)]
        low, high = of_group.min(), of_group.max()
        axes.plot(
            [low - 0.03 * inch, high + 0.03 * inch],
            [y, y],
            color="black",
            linewidth=3,
            solid_capstyle="butt",
            label="not told apart",
        )


def _draw_labels(
    axes: Axes, panel: _Panel, colours: dict[Hashable, str], right_end: float, inch: float
) -> None:
    """Lead from each mean rank to its method: the better half to the left, the others to the right."""
    methods, mean_ranks = list(panel.ranks["method"]), panel.mean_ranks
    first = _ABOVE + len(panel.groups) * _BAR + 0.16
    order = np.argsort(mean_ranks, kind="stable")
    half = (len(order) + 1) // 2
    for position, index in enumerate(order):
        on_left = position < half
        y = first + (position if on_left else len(order) - 1 - position) * _LINE
        end = 1 - 0.04 * inch if on_left else right_end + 0.04 * inch
        rank, method = mean_ranks[index], methods[index]
        axes.plot(
            [rank, rank, end], [_ABOVE, y, y], color=colours[method], linewidth=1.0, label=f"rank of {method}"
        )
        text = f"{method} ({rank:.2f})" if on_left else f"({rank:.2f}) {method}"
        away = -0.04 * inch if on_left else 0.04 * inch
        axes.text(end + away, y, text, ha="right" if on_left else "left", va="center", fontsize=TEXT_SIZE)


def _note(datasets: str, alpha: float, n_seeds: int) -> str:
    """Say how to read the figure."""
    return (
        f"n = {datasets} data sets, each counted once with its mean over "
        f"{counted(n_seeds, 'seed')}; in brackets the mean rank. Thick bars join methods whose mean ranks "
        f"differ by less than the critical difference CD (Nemenyi, alpha {alpha:g}): these data sets "
        "do not tell them apart, which is no proof that they are alike. The claim is about new data sets "
        "like these."
    )
