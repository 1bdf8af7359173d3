"""Draw confusion matrices: the mean over seeds, row by row in shares, or the difference of two methods."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from mushin.errors import ConfigError, FigureError, unknown_name
from mushin.figures.canvas import add_panels, new_figure, panel_grid
from mushin.figures.one_dataset import one_dataset
from mushin.figures.style import SMALL_SIZE, in_house_style
from mushin.figures.text_size import text_width, widest
from mushin.figures.words import counted
from mushin.score_arrays import read_labels

_MOST_NUMBERED = 12
"""Classes up to which each cell carries its number; beyond, numbers would not be legible."""

_SMALLEST_LABEL = 5.0
_PANEL, _LARGEST_PANEL = 2.4, 6.5
_ABSENT = "#D0D0D0"
_DIFFERENCE_NOTE = (
    "Rows: the true class, columns: the predicted one. Colour: the difference of the shares of the row, of "
    "-1 to 1. On the diagonal more is better, beside it less."
)


@in_house_style
def draw_confusion(
    ds: xr.Dataset,
    *,
    difference: tuple[Hashable, Hashable] | None = None,
    dataset: str | None = None,
    groups: Mapping[str, xr.Dataset] | None = None,
) -> Figure:
    """Draw the confusion matrix of every method, or the difference between two.

    Parameters
    ----------
    ds : Dataset
        With ``confusion`` (method, seed, target, prediction): counts.
    difference : (method, method), optional
        Draw the first one's matrix minus the second one's.
    dataset, groups
        See `mushin.figures.one_dataset.one_dataset`.

    Returns
    -------
    Figure
        Each row is the share of a class's samples that was predicted as each class: normalised in every run,
        then averaged over the runs that there are. A class without samples is grey.

    Raises
    ------
    FigureError
        There are no confusion matrices, or several data sets and none is named.
    ConfigError
        `difference` does not name two methods.
    UnknownNameError
        There is no such method or data set.
    """
    ds = one_dataset(ds, "confusion", dataset=dataset, groups=groups, what="confusion matrices")
    labels = read_labels(ds)
    shares, runs = _mean_shares(ds)
    classes = [str(name) for name in ds["target"].values.tolist()]
    on = f" on {dataset}" if dataset else ""
    if difference is not None:
        panels, scale = _difference_panel(shares, labels.methods, difference)
        title = f"Confusion of {difference[0]} minus that of {difference[1]}{on}"
        note = _DIFFERENCE_NOTE
    else:
        panels = {str(method): shares[index] for index, method in enumerate(labels.methods)}
        scale = (0.0, 1.0, "Blues")
        title = f"Confusion of {counted(len(panels), 'method')}, mean over seeds{on}"
        note = "Rows: the true class, columns: the predicted one. Colour: the share of the row, from 0 to 1."
    return _draw(
        panels, classes, scale, title=title, note=f"{note} {_absent(shares)}{_runs(labels.methods, runs)}"
    )


def _mean_shares(ds: xr.Dataset) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return each method's matrix in shares of its rows, and its number of runs.

    Returns
    -------
    (float array, shape (methods, C, C), int array, shape (methods,))
        NaN where a class has no samples.
    """
    counts = ds["confusion"].transpose("method", "seed", "target", "prediction").values.astype(np.float64)
    present = counts.sum(axis=(-2, -1)) > 0
    totals = counts.sum(axis=-1, keepdims=True)
    shares = np.divide(counts, totals, out=np.full(counts.shape, np.nan), where=totals > 0)
    runs = present.sum(axis=1)
    summed = np.where(present[:, :, None, None], shares, 0.0).sum(axis=1)
    if not runs.all():
        absent = ds["method"].values[runs == 0].tolist()
        raise FigureError(
            f"no run of {', '.join(map(str, absent))} has a confusion matrix; run its cells first"
        )
    return summed / runs[:, None, None], runs


def _difference_panel(
    shares: NDArray[np.float64], methods: Sequence[Hashable], difference: Any
) -> tuple[dict[str, NDArray[np.float64]], tuple[float, float, str]]:
    """Return the difference of two methods, and limits that put zero in the middle of the colours."""
    if not isinstance(difference, tuple | list) or len(difference) != 2:
        raise ConfigError(f"difference is {difference!r}; it must name two methods, such as ('cnn', 'mlp')")
    for method in difference:
        if method not in methods:
            raise unknown_name("difference: method", str(method), map(str, methods))
    first, second = (list(methods).index(method) for method in difference)
    found = shares[first] - shares[second]
    largest = float(np.nanmax(np.abs(found), initial=0.0)) or 1.0
    return {f"{difference[0]} \N{MINUS SIGN} {difference[1]}": found}, (-largest, largest, "PuOr")


def _draw(
    panels: Mapping[str, NDArray[np.float64]],
    classes: Sequence[str],
    scale: tuple[float, float, str],
    *,
    title: str,
    note: str,
) -> Figure:
    """Draw matrices with the classes along both sides."""
    size = _panel_size(len(classes))
    rows, columns = panel_grid(len(panels), widest_row=3 if size < 4 else 2)
    text_size = _label_size(classes, size)
    side = widest(_thinned(classes, size, text_size), text_size) + 0.35
    figure = new_figure(
        columns * (size + 0.15) + side + 0.9,
        rows * (size + side + 0.35),
        title=title,
        note=note,
    )
    axes_list = add_panels(figure, rows, columns, len(panels))
    image = None
    colours = mpl.colormaps[scale[2]].with_extremes(bad=_ABSENT)
    for number, (axes, (name, matrix)) in enumerate(zip(axes_list, panels.items(), strict=True)):
        image = axes.imshow(matrix, cmap=colours, vmin=scale[0], vmax=scale[1], interpolation="nearest")
        axes.set_title(name)
        _label_classes(axes, classes, size, text_size, show_targets=number % columns == 0)
        if len(classes) <= _MOST_NUMBERED:
            _write_numbers(axes, matrix, scale, signed=scale[0] < 0)
    assert image is not None
    bar = figure.colorbar(image, ax=axes_list, shrink=0.8, aspect=20 * rows, pad=0.02)
    bar.set_label(
        "difference of shares" if scale[0] < 0 else "share of the true class", fontsize=SMALL_SIZE + 0.5
    )
    return figure


def _panel_size(n_classes: int) -> float:
    """Return the side of a matrix in inches."""
    per_class = 0.34 if n_classes <= _MOST_NUMBERED else 0.17
    return float(np.clip(n_classes * per_class, _PANEL, _LARGEST_PANEL))


def _label_size(classes: Sequence[str], size: float) -> float:
    """Return a size of text at which the classes stand apart, or the smallest legible one."""
    return float(np.clip(size / len(classes) * 72 / 1.3, _SMALLEST_LABEL, SMALL_SIZE + 0.5))


def _step(n_classes: int, size: float, text_size: float) -> int:
    """Return how many classes one label stands for."""
    return max(1, int(np.ceil(text_size * 1.2 / 72 / (size / n_classes))))


def _thinned(classes: Sequence[str], size: float, text_size: float) -> list[str]:
    return list(classes[:: _step(len(classes), size, text_size)])


def _label_classes(
    axes: Axes, classes: Sequence[str], size: float, text_size: float, *, show_targets: bool
) -> None:
    """Write the classes along the sides, every so many where they are too many."""
    shown = _thinned(classes, size, text_size)
    positions = range(0, len(classes), _step(len(classes), size, text_size))
    fits = widest(shown, text_size) < 0.9 * size / len(classes)
    axes.set_xticks(positions, shown, rotation=0 if fits else 90, fontsize=text_size)
    axes.set_yticks(positions, shown if show_targets else [""] * len(shown), fontsize=text_size)
    axes.tick_params(length=1.5)
    axes.set_xlabel("predicted class")
    if show_targets:
        axes.set_ylabel("true class")
    for spine in axes.spines.values():
        spine.set_visible(False)


def _write_numbers(
    axes: Axes, matrix: NDArray[np.float64], scale: tuple[float, float, str], *, signed: bool
) -> None:
    """Write the share into each cell, without its zero; an empty cell says nothing."""
    for (row, column), value in np.ndenumerate(matrix):
        text = _number(value, signed=signed)
        if text:
            strong = abs(value) > 0.6 * max(abs(scale[0]), abs(scale[1]))
            axes.text(
                column,
                row,
                text,
                ha="center",
                va="center",
                fontsize=SMALL_SIZE - (1.5 if text_width(text, SMALL_SIZE) > 0.3 else 0.5),
                color="white" if strong else "black",
            )


def _number(value: float, *, signed: bool) -> str:
    """Return a share in two digits; nothing where it would read as zero."""
    if not np.isfinite(value) or abs(value) < 0.005:
        return ""
    text = f"{value:+.2f}" if signed else f"{value:.2f}"
    return text.replace("0.", ".", 1).replace("-", "\N{MINUS SIGN}")


def _runs(methods: Sequence[Hashable], runs: NDArray[np.int64]) -> str:
    """Say over how many runs each matrix is a mean."""
    if len(set(runs.tolist())) == 1:
        return f"Mean over n = {runs[0]} runs (seeds) of each method."
    each = ", ".join(f"{method} {n}" for method, n in zip(methods, runs, strict=True))
    return f"Mean over the runs (seeds) that there are: n = {each}."


def _absent(shares: NDArray[np.float64]) -> str:
    """Explain grey rows, where there are any."""
    return "Grey: a class without samples. " if np.isnan(shares).any() else ""
