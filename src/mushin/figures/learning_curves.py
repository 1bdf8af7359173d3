"""Draw what training recorded per epoch, with a band over the seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from mushin.config.plan import CellName
from mushin.errors import FigureError, unknown_name
from mushin.figures.canvas import add_panels, new_figure, panel_grid
from mushin.figures.style import MethodStyle, in_house_style, method_styles
from mushin.figures.text_size import widest
from mushin.figures.words import counted, listed

History = Mapping[str, Sequence[float]]
_PANEL_WIDTH, _PANEL_HEIGHT = 3.4, 2.6
_LARGEST = float(np.finfo(np.float32).max)
"""Single precision, in which most models train, holds nothing beyond."""

_MOST_ON_A_LINEAR_AXIS = 20.0
"""Ratio of largest to smallest value beyond which the axis is logarithmic."""


@in_house_style
def draw_learning_curves(
    histories: Mapping[CellName, History], *, quantity: str = "loss", unit: str = "no unit"
) -> Figure:
    """Draw, for every method, the mean over seeds of a recorded quantity, and its range.

    Parameters
    ----------
    histories : mapping of CellName to mapping of str to sequence of float
        For each trained cell the values per epoch by name, as ``train.json`` holds them. A cell whose
        method trains by itself has none.
    quantity : str
        What to draw.
    unit : str
        Its unit.

    Returns
    -------
    Figure
        A panel per data set. The axis is logarithmic where the values span more than a factor of 20. Where
        runs are of different lengths, mean and band are over those that reach the epoch. Epochs at which a
        value is not finite are left out and said.

    Raises
    ------
    FigureError
        No cell recorded anything.
    UnknownNameError
        No cell recorded such a quantity.
    """
    curves = _curves(histories, quantity)
    methods = list(dict.fromkeys(cell.method for cell in histories))
    datasets = list(dict.fromkeys(dataset for dataset, _ in curves))
    rows, columns = panel_grid(len(datasets))
    drawn = [method for method in methods if any((dataset, method) in curves for dataset in datasets)]
    what = "training loss" if quantity == "loss" else quantity
    figure = new_figure(
        columns * _PANEL_WIDTH + widest(drawn) + 0.9,
        max(rows * _PANEL_HEIGHT, 0.19 * len(drawn) + 0.3),
        title=f"Learning curves: {what} per epoch, mean and range over seeds",
        note=_note(curves, methods, drawn),
    )
    styles = method_styles(methods)
    handles: dict[str, Line2D] = {}
    for axes, dataset in zip(add_panels(figure, rows, columns, len(datasets)), datasets, strict=True):
        axes.set_title(dataset)
        for method in drawn:
            if (dataset, method) in curves:
                _draw_curve(axes, curves[dataset, method], styles[method], method)
        _scale(axes, [runs for (of, _), runs in curves.items() if of == dataset])
        axes.set_xlabel("epoch")
        axes.set_ylabel(f"{quantity} ({unit})")
        handles |= {str(line.get_label()): line for line in axes.get_lines()}
    figure.legend(handles=[handles[method] for method in drawn], loc="outside right center")
    return figure


Curves = dict[tuple[str, str], NDArray[np.float64]]


def _curves(histories: Mapping[CellName, History], quantity: str) -> Curves:
    """Return the runs of each data set and method, shape (seeds, epochs), NaN after a run's end."""
    known = sorted({name for history in histories.values() for name in history})
    if not known:
        raise FigureError(
            "no cell recorded a learning curve: its methods train by themselves, or its train.json are gone"
        )
    if quantity not in known:
        raise unknown_name("quantity", quantity, known)
    runs: dict[tuple[str, str], list[Sequence[float]]] = {}
    for cell, history in histories.items():
        if history.get(quantity):
            runs.setdefault((cell.dataset, cell.method), []).append(history[quantity])
    curves: Curves = {}
    for key, of_method in runs.items():
        table = np.full((len(of_method), max(map(len, of_method))), np.nan)
        for row, values in zip(table, of_method, strict=True):
            row[: len(values)] = values
        curves[key] = np.where(np.abs(table) <= _LARGEST, table, np.nan)
    return curves


def _draw_curve(axes: Axes, runs: NDArray[np.float64], style: MethodStyle, method: str) -> None:
    """Draw the mean over runs with the band from the smallest to the largest."""
    reached = ~np.isnan(runs).all(axis=0)
    epochs = np.flatnonzero(reached) + 1
    kept = runs[:, reached]
    if kept.shape[0] > 1:
        axes.fill_between(
            epochs,
            np.nanmin(kept, axis=0),
            np.nanmax(kept, axis=0),
            color=style.colour,
            alpha=0.18,
            linewidth=0,
        )
    axes.plot(
        epochs,
        np.nanmean(kept, axis=0),
        color=style.colour,
        linestyle=style.line,
        marker=style.marker,
        markersize=4,
        markevery=max(1, len(epochs) // 8),
        label=method,
    )


def _scale(axes: Axes, of_panel: Sequence[NDArray[np.float64]]) -> None:
    """Take a logarithmic axis where the values span orders of magnitude, and whole epochs."""
    values = np.concatenate([runs.ravel() for runs in of_panel])
    values = values[~np.isnan(values)]
    if len(values) and values.min() > 0 and values.max() / values.min() > _MOST_ON_A_LINEAR_AXIS:
        axes.set_yscale("log")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(axis="y", color="#E5E5E5", linewidth=0.6)
    axes.set_axisbelow(True)


def _note(curves: Curves, methods: Sequence[str], drawn: Sequence[str]) -> str:
    """Say how to read the figure, and what is missing."""
    seeds = [len(runs) for runs in curves.values()]
    n = f"n = {seeds[0]}" if len(set(seeds)) == 1 else f"n = {min(seeds)} to {max(seeds)}"
    told = [
        f"Line: mean of the runs (seeds), {n} for each method. Band: from the smallest to the largest run."
    ]
    if any(np.isnan(runs).any() for runs in curves.values()):
        cut = sum(int(np.isnan(runs).any(axis=1).sum()) for runs in curves.values())
        told.append(
            f"{counted(cut, 'run')} ended earlier or diverged (not finite): mean and band are over the "
            "others there."
        )
    without = [method for method in methods if method not in drawn]
    if without:
        told.append(f"Without a record: {listed(without)}.")
    return " ".join(told)
