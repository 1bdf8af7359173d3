"""Draw every run's score, with mean and interval, by method and metric."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mushin.figures.canvas import add_panels, new_figure, panel_grid, set_rows
from mushin.figures.metric_axis import metric_label, spread_ticks
from mushin.figures.style import BAD, SMALL_SIZE, MethodStyle, in_house_style, method_styles
from mushin.figures.text_size import text_height, widest
from mushin.figures.words import counted, runs_note, seeds_in
from mushin.score_arrays import Labels, read_labels, read_scores
from mushin.summaries import summarise_methods

_PANEL_WIDTH = 2.7
_ROW_HEIGHT = 0.42
_RUNS_AT, _MEAN_AT, _SPREAD = -0.14, 0.17, 0.09


@in_house_style
def draw_scores(ds: xr.Dataset, *, metrics: Iterable[str] | None = None, alpha: float = 0.05) -> Figure:
    """Draw the runs of every method as points, with their mean and its t interval.

    Parameters
    ----------
    ds : Dataset
        As for `mushin.compare_methods`.
    metrics : iterable of str, optional
        Which metrics, a panel each; with several data sets, a panel per metric and data set.
    alpha : float
        In (0, 1); the intervals cover each mean with chance 1 - alpha.

    Returns
    -------
    Figure
        Methods as rows. Missing and diverged runs are said in the row.

    Raises
    ------
    DataError, UnknownNameError, ConfigError
        As for `mushin.summarise_methods`.
    """
    names = None if metrics is None else list(metrics)
    labels, all_scores = read_labels(ds), read_scores(ds, names)
    summary = summarise_methods(ds, metrics=names, alpha=alpha)
    datasets = labels.datasets or (None,)
    panels = [(scores, index) for scores in all_scores for index in range(len(datasets))]
    rows, columns = panel_grid(len(panels), widest_row=len(datasets) if 1 < len(datasets) <= 4 else 3)
    methods = [str(method) for method in labels.methods]
    axis_labels = {scores.metric: metric_label(ds, scores, _PANEL_WIDTH) for scores in all_scores}
    around = 0.3 + max(map(text_height, axis_labels.values())) + (0.25 if labels.datasets else 0.0)
    height = rows * (len(methods) * _ROW_HEIGHT + around)
    figure = new_figure(
        widest(methods) + columns * (_PANEL_WIDTH + 0.15),
        height,
        title=f"Scores of {counted(len(methods), 'method')} under {seeds_in(labels)}",
        note=_note(summary, alpha),
    )
    for number, (axes, (scores, index)) in enumerate(
        zip(add_panels(figure, rows, columns, len(panels)), panels, strict=True)
    ):
        of_panel = summary[summary["metric"] == scores.metric]
        if labels.datasets is not None:
            of_panel = of_panel[of_panel["dataset"] == datasets[index]]
            axes.set_title(str(datasets[index]))
        set_rows(axes, methods, show=number % columns == 0)
        _draw_runs(axes, scores.values[index], labels, of_panel)
        axes.set_xlabel(axis_labels[scores.metric])
        spread_ticks(axes)
    return figure


def _draw_runs(axes: Axes, values: Any, labels: Labels, summary: pd.DataFrame) -> None:
    """Draw one panel: the runs above, the mean with its interval below."""
    axes.grid(axis="x", color="#E5E5E5", linewidth=0.6)
    axes.set_axisbelow(True)
    styles = method_styles(labels.methods)
    for row, (method, of_method) in enumerate(zip(labels.methods, summary.to_dict("records"), strict=True)):
        runs = values[row]
        finite = np.isfinite(runs)
        # Runs are spread by the order of their seeds, so that equal scores stay visible.
        offsets = row + _RUNS_AT + np.linspace(-_SPREAD, _SPREAD, len(runs))
        style = styles[method]
        axes.plot(
            runs[finite],
            offsets[finite],
            linestyle="none",
            marker=style.marker,
            markersize=3.2,
            color=style.colour,
            alpha=0.75,
            markeredgewidth=0,
            label=f"runs of {method}",
        )
        _draw_mean(axes, row + _MEAN_AT, {str(key): value for key, value in of_method.items()}, style)


def _draw_mean(axes: Axes, y: float, summary: dict[str, Any], style: MethodStyle) -> None:
    """Draw the mean of one method with its interval, and say what is unusual about its runs."""
    method = summary["method"]
    if np.isfinite(summary["ci_low"]):
        axes.plot(
            [summary["ci_low"], summary["ci_high"]],
            [y, y],
            color=style.colour,
            linewidth=1.6,
            marker="|",
            markersize=5,
            label=f"interval of {method}",
        )
    if np.isfinite(summary["mean"]):
        axes.plot(
            summary["mean"],
            y,
            marker=style.marker,
            markersize=5,
            color=style.colour,
            markeredgewidth=0,
            linestyle="none",
            label=f"mean of {method}",
        )
    unusual = runs_note(summary)
    if unusual:
        axes.annotate(
            unusual,
            (1.0, y + 0.3),
            xycoords=axes.get_yaxis_transform(),
            ha="right",
            va="bottom",
            fontsize=SMALL_SIZE - 0.5,
            color=BAD,
        )


def _note(summary: pd.DataFrame, alpha: float) -> str:
    """Say how to read the figure."""
    fewest, most = int(summary["n"].min()), int(summary["n"].max())
    n = f"n = {most}" if fewest == most else f"n = {fewest} to {most}"
    told = (
        f"Small points: the runs, one per seed ({n} per method). Large marker and bar: their mean and its "
        f"{100 * (1 - alpha):g}% t interval, for each mean by itself; whether two methods differ is said by "
        "the comparisons, not by overlap."
    )
    if summary["ci_low"].isna().any():
        told += " Without a bar: fewer than two runs, runs that are all the same, or a diverged one."
    return told
