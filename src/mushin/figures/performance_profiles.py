"""Draw the share of runs that do better than each score, by method."""

from __future__ import annotations

import warnings
from collections.abc import Iterable

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mushin.errors import FigureError
from mushin.figures.canvas import add_panels, new_figure, panel_grid
from mushin.figures.metric_axis import metric_label, spread_ticks
from mushin.figures.style import in_house_style, method_styles
from mushin.figures.text_size import text_height, widest
from mushin.figures.words import counted, listed, seeds_in
from mushin.run_aggregates import FEWEST_RUNS, performance_profiles
from mushin.score_arrays import Labels, Scores, read_labels, read_scores

_PANEL_WIDTH, _PANEL_HEIGHT = 3.2, 2.3


@in_house_style
def draw_performance_profiles(
    ds: xr.Dataset, *, metrics: Iterable[str] | None = None, alpha: float = 0.05, resamples: int = 2_000
) -> Figure:
    """Draw the performance profile of every method, with its pointwise bootstrap interval.

    Parameters
    ----------
    ds : Dataset
        As for `mushin.performance_profiles`; the data sets share a scale.
    metrics : iterable of str, optional
        Which metrics, a panel each.
    alpha, resamples
        As for `mushin.performance_profiles`.

    Returns
    -------
    Figure
        A curve that lies above another's everywhere belongs to the better method. A metric on which every run
        diverged has no panel; the note names it.

    Raises
    ------
    FigureError
        There are fewer than two seeds, or every run diverged on every metric.
    IncompleteStudyError, DataError, UnknownNameError, ConfigError
        As for `mushin.performance_profiles`.
    """
    labels = read_labels(ds)
    if len(labels.seeds) < 2:
        raise FigureError("performance profiles need two seeds at least, for their intervals; there is one")
    all_scores, left_out = _usable(read_scores(ds, metrics))
    profiles = _profiles(ds, all_scores, alpha, resamples)
    rows, columns = panel_grid(len(all_scores))
    axis_labels = [
        metric_label(ds, scores, _PANEL_WIDTH, of="threshold of ", is_inverted=not scores.higher_is_better)
        for scores in all_scores
    ]
    methods = [str(method) for method in labels.methods]
    height = rows * (_PANEL_HEIGHT + max(map(text_height, axis_labels)))
    figure = new_figure(
        columns * (_PANEL_WIDTH + 0.1) + widest(methods) + 0.8,
        max(height, 0.19 * len(methods) + 0.3),
        title=f"Performance profiles of {counted(len(methods), 'method')}: the share of runs that do better",
        note=_note(labels, alpha, left_out),
    )
    drawn = add_panels(figure, rows, columns, len(all_scores))
    for number, (axes, profile, label) in enumerate(zip(drawn, profiles, axis_labels, strict=True)):
        _draw_profile(axes, profile, labels)
        axes.set_xlabel(label)
        spread_ticks(axes)
        if number % columns == 0:
            axes.set_ylabel("share of runs that do better")
        if not profile.attrs["higher_is_better"]:
            axes.invert_xaxis()
    handles = drawn[0].get_lines()
    figure.legend(handles=handles, loc="outside right center")
    return figure


def _usable(all_scores: list[Scores]) -> tuple[list[Scores], list[str]]:
    """Return the metrics on which some run did not diverge, and the names of the others."""
    diverged = [scores.metric for scores in all_scores if np.isinf(scores.values).all()]
    if len(diverged) == len(all_scores):
        raise FigureError(f"every run diverged on {listed(diverged)}, so there is no share to draw")
    return [scores for scores in all_scores if scores.metric not in diverged], diverged


def _profiles(ds: xr.Dataset, all_scores: list[Scores], alpha: float, resamples: int) -> list[xr.Dataset]:
    with warnings.catch_warnings():
        # The note says what the warning would.
        warnings.filterwarnings(
            "ignore", message=".*bootstrap intervals are too narrow", category=UserWarning
        )
        return [
            performance_profiles(ds, scores.metric, alpha=alpha, resamples=resamples) for scores in all_scores
        ]


def _draw_profile(axes: Axes, profile: xr.Dataset, labels: Labels) -> None:
    """Draw one metric: a curve with its band for every method."""
    thresholds = profile["threshold"].values
    for method, style in method_styles(labels.methods).items():
        of_method = profile.sel({"method": method})
        low, high = of_method["ci_low"].values, of_method["ci_high"].values
        axes.fill_between(thresholds, low, high, color=style.colour, alpha=0.12, linewidth=0, step="mid")
        axes.step(
            thresholds,
            of_method["share"].values,
            where="mid",
            color=style.colour,
            linestyle=style.line,
            marker=style.marker,
            markersize=4,
            markevery=max(1, len(thresholds) // 7),
            label=str(method),
        )
    axes.set_ylim(-0.02, 1.02)
    axes.grid(color="#EEEEEE", linewidth=0.6)
    axes.set_axisbelow(True)


def _note(labels: Labels, alpha: float, left_out: list[str]) -> str:
    """Say how to read the figure."""
    runs = len(labels.seeds) * len(labels.datasets or (None,))
    told = (
        f"Each curve: n = {runs} runs ({seeds_in(labels)}), all data sets on one scale; band: "
        f"pointwise {100 * (1 - alpha):g}% bootstrap interval. Thresholds become harder from left to right; "
        "a curve above another's everywhere is better on the whole distribution. A diverged run passes none."
    )
    if len(labels.seeds) < FEWEST_RUNS:
        told += f" With fewer than {FEWEST_RUNS} runs per data set the bands are too narrow."
    if left_out:
        told += f" Left out, since every run diverged: {listed(left_out)}."
    return told
