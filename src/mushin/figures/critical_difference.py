"""Draw mean ranks over data sets, with bars over methods that cannot be told apart."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mushin.dataset_comparisons import compare_over_datasets
from mushin.errors import FigureError
from mushin.figures.canvas import add_panels, new_figure
from mushin.figures.style import SMALL_SIZE, TEXT_SIZE, in_house_style, method_styles
from mushin.figures.text_size import widest
from mushin.figures.words import counted, format_p
from mushin.score_arrays import read_labels
from mushin.statistics.ranks import groups_of_equals

_AXIS_WIDTH = 3.6
_LINE, _BAR = 0.21, 0.12
_ABOVE = 0.45
"""Inches: a line of labels, a bar of a group, and what stands above the axis."""


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
    n_datasets = len(labels.datasets or (None,))
    if n_datasets < 2:
        raise FigureError("mean ranks need two data sets at least; the results hold one")
    if len(labels.methods) < 2:
        raise FigureError(f"mean ranks need two methods at least, got only {labels.methods[0]!r}")
    found = compare_over_datasets(ds, metrics=metrics, alpha=alpha, allow_incomplete=allow_incomplete)
    tests: list[dict[str, Any]] = [
        {str(key): value for key, value in row.items()} for row in found.tests.to_dict("records")
    ]
    panels = [(test, found.ranks[found.ranks["metric"] == test["metric"]]) for test in tests]
    n_methods = len(labels.methods)
    longest = widest(f"{method} (0.00)" for method in labels.methods) + 0.15
    widest_difference = max(test["critical_difference"] for test in tests)
    span = max(n_methods - 1.0, widest_difference)
    groups = [
        groups_of_equals(ranks["mean_rank"].to_numpy(), test["critical_difference"]) for test, ranks in panels
    ]
    tallest = _ABOVE + max(len(each) for each in groups) * _BAR + (n_methods + 1) // 2 * _LINE + 0.1
    width = 2 * longest + _AXIS_WIDTH
    shown = f"{counted(n_methods, 'method')} over {counted(n_datasets, 'data set')}"
    figure = new_figure(
        width + 0.3,
        len(panels) * (tallest + 0.35),
        title=f"Mean ranks of {shown} (rank 1 is best)",
        note=_note(tests[0], len(labels.seeds)),
    )
    drawn = add_panels(figure, len(panels), 1, len(panels))
    colours = {method: style.colour for method, style in method_styles(labels.methods).items()}
    for axes, (test, ranks), of_panel in zip(drawn, panels, groups, strict=True):
        arrow = "higher" if ranks["higher_is_better"].iloc[0] else "lower"
        axes.set_title(f"{test['metric']} ({arrow} is better; Friedman p {format_p(test['friedman_p'])})")
        inch = span / _AXIS_WIDTH
        axes.set_xlim(1 - longest * inch, 1 + span + longest * inch)
        axes.set_ylim(tallest, 0)
        axes.set_axis_off()
        _draw_axis(axes, n_methods, test["critical_difference"])
        mean_ranks = ranks["mean_rank"].to_numpy()
        _draw_groups(axes, mean_ranks, of_panel, inch)
        first_label = _ABOVE + len(of_panel) * _BAR + 0.16
        _draw_labels(axes, list(ranks["method"]), mean_ranks, colours, first_label, 1 + span, inch)
    return figure


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


def _draw_groups(axes: Axes, mean_ranks: Any, groups: list[tuple[int, ...]], inch: float) -> None:
    """Draw a bar over each group of methods that are not told apart."""
    for level, group in enumerate(groups):
        y = _ABOVE + 0.1 + level * _BAR
        low, high = mean_ranks[list(group)].min(), mean_ranks[list(group)].max()
        axes.plot(
            [low - 0.03 * inch, high + 0.03 * inch],
            [y, y],
            color="black",
            linewidth=3,
            solid_capstyle="butt",
            label="not told apart",
        )


def _draw_labels(
    axes: Axes,
    methods: list[Any],
    mean_ranks: Any,
    colours: dict[Any, str],
    first: float,
    right_end: float,
    inch: float,
) -> None:
    """Lead from each mean rank to its method: the better half to the left, the others to the right."""
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


def _note(test: dict[str, Any], n_seeds: int) -> str:
    """Say how to read the figure."""
    return (
        f"n = {test['n_datasets']} data sets, each counted once with its mean over "
        f"{counted(n_seeds, 'seed')}; in brackets the mean rank. Thick bars join methods whose mean ranks "
        f"differ by less than the critical difference CD (Nemenyi, alpha {test['alpha']:g}): these data sets "
        "do not tell them apart, which is no proof that they are alike. The claim is about new data sets "
        "like these."
    )
