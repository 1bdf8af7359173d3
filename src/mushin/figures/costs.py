"""Draw what a method costs against what it scores."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogFormatter, MaxNLocator
from numpy.typing import NDArray

from mushin.errors import FigureError, unknown_name
from mushin.figures.canvas import add_panels, new_figure, panel_grid
from mushin.figures.metric_axis import metric_label, spread_ticks
from mushin.figures.style import in_house_style, method_styles
from mushin.figures.text_size import widest
from mushin.figures.words import counted, listed, seeds_in
from mushin.score_arrays import Labels, Scores, read_labels, read_scores

_NAMES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "train_seconds": ("training time", "s"),
        "evaluate_seconds": ("evaluation time", "s"),
        "peak_memory_mb": ("peak memory", "MB"),
    }
)
_PANEL_WIDTH, _PANEL_HEIGHT = 2.9, 2.6
_MOST_ON_A_LINEAR_AXIS = 20.0


@in_house_style
def draw_costs(
    ds: xr.Dataset,
    costs: pd.DataFrame,
    *,
    metrics: Iterable[str] | None = None,
    cost: str = "train_seconds",
) -> Figure:
    """Draw the score of every method against its cost: single runs, and the mean of both.

    Parameters
    ----------
    ds : Dataset
        As for `mushin.compare_methods`.
    costs : DataFrame
        As in ``costs.csv``: `dataset`, `method`, `seed` and the measured costs, NaN where nobody measured.
    metrics : iterable of str, optional
        Which metrics, a panel each (and per data set).
    cost : {"train_seconds", "evaluate_seconds", "peak_memory_mb"}
        Which cost.

    Returns
    -------
    Figure
        The axis of costs is logarithmic where they span more than a factor of 20. The mean of a method is
        over the runs with both a cost and a finite score.

    Raises
    ------
    FigureError
        Nobody measured this cost.
    UnknownNameError
        There is no such cost or metric.
    """
    if cost not in _NAMES:
        raise unknown_name("cost", cost, _NAMES)
    labels, all_scores = read_labels(ds), read_scores(ds, metrics)
    measured = _align(costs, cost, labels)
    if np.isnan(measured).all():
        raise FigureError(
            f"no cell has {cost}: a stage notes it in run.train.json and run.evaluate.json where it runs"
        )
    datasets = labels.datasets or (None,)
    panels = [(scores, index) for scores in all_scores for index in range(len(datasets))]
    rows, columns = panel_grid(len(panels), widest_row=len(datasets) if 1 < len(datasets) <= 4 else 3)
    name, unit = _NAMES[cost]
    methods = [str(method) for method in labels.methods]
    figure = new_figure(
        columns * (_PANEL_WIDTH + 0.2) + widest(methods) + 0.6,
        max(rows * (_PANEL_HEIGHT + 0.4), 0.19 * len(methods) + 0.3),
        title=f"Score against {name} of {counted(len(methods), 'method')}",
        note=_note(labels, measured, all_scores, name),
    )
    drawn = add_panels(figure, rows, columns, len(panels))
    for axes, (scores, index) in zip(drawn, panels, strict=True):
        if labels.datasets is not None:
            axes.set_title(str(datasets[index]))
        _draw_methods(axes, measured[index], scores.values[index], labels)
        _scale(axes, measured)
        axes.set_xlabel(f"{name} ({unit})  ← cheaper")
        axes.set_ylabel(metric_label(ds, scores, _PANEL_HEIGHT, along="y"))
        spread_ticks(axes, along="y")
    handles = [line for line in drawn[0].get_lines() if str(line.get_label()).startswith("mean of ")]
    figure.legend(handles=handles, labels=methods, loc="outside right center")
    return figure


def _align(costs: pd.DataFrame, cost: str, labels: Labels) -> NDArray[np.float64]:
    """Return the costs by label, shape (datasets, methods, seeds), NaN where there is none."""
    known: dict[tuple[str, ...], float] = {}
    for row in costs.to_dict("records"):
        cell = (str(row["method"]), str(row["seed"]))
        key = cell if labels.datasets is None else (str(row["dataset"]), *cell)
        known[key] = float(row[cost])
    datasets = labels.datasets or (None,)
    found = [
        [
            [known.get(tuple(map(str, (of, method, seed)[of is None :])), np.nan) for seed in labels.seeds]
            for method in labels.methods
        ]
        for of in datasets
    ]
    return np.array(found)


def _draw_methods(
    axes: Axes, measured: NDArray[np.float64], values: NDArray[np.float64], labels: Labels
) -> None:
    """Draw one panel."""
    for row, (method, style) in enumerate(method_styles(labels.methods).items()):
        usable = np.isfinite(measured[row]) & np.isfinite(values[row])
        x, y = measured[row][usable], values[row][usable]
        look: dict[str, Any] = {"linestyle": "none", "marker": style.marker, "color": style.colour}
        axes.plot(x, y, markersize=3, alpha=0.55, markeredgewidth=0, label=f"runs of {method}", **look)
        mean = (x.mean(), y.mean()) if len(x) else (np.nan, np.nan)
        axes.plot(
            *mean,
            markersize=8,
            markeredgecolor="white",
            markeredgewidth=0.8,
            label=f"mean of {method}",
            **look,
        )
    axes.grid(color="#EEEEEE", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.margins(0.08)


def _scale(axes: Axes, measured: NDArray[np.float64]) -> None:
    """Take a logarithmic axis where costs span orders of magnitude, the same in every panel."""
    known = measured[np.isfinite(measured)]
    if known.min() > 0 and known.max() / known.min() > _MOST_ON_A_LINEAR_AXIS:
        axes.set_xscale("log")
        axes.xaxis.set_minor_formatter(LogFormatter(labelOnlyBase=True))
    else:
        axes.xaxis.set_major_locator(MaxNLocator(nbins=4))


def _note(labels: Labels, measured: NDArray[np.float64], all_scores: list[Scores], name: str) -> str:
    """Say how to read the figure, and what is missing."""
    told = [f"Small points: single runs ({seeds_in(labels)}). Large: the mean of each method's runs."]
    told.append(f"The {name} was measured once per run, where the run took place.")
    unknown = [method for row, method in enumerate(labels.methods) if np.isnan(measured[:, row]).all()]
    if unknown:
        told.append(f"Not measured: {listed(unknown)}.")
    lacking = max(int((~np.isfinite(scores.values)).sum()) for scores in all_scores)
    if lacking:
        told.append(f"{counted(lacking, 'run')} missing or diverged, and not drawn.")
    return " ".join(told)
