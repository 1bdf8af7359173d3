"""Draw reliability diagrams: how often the predicted class is right, by how confident the model is."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from mushin.figures.canvas import new_figure, panel_grid
from mushin.figures.one_dataset import one_dataset
from mushin.figures.style import PALE, MethodStyle, in_house_style, method_styles
from mushin.figures.text_size import wrap_text
from mushin.figures.words import counted, listed
from mushin.score_arrays import read_labels

Counts = NDArray[np.float64]
FEW_SAMPLES = 10
"""Bins that hold fewer are drawn hollow: their accuracy is mostly chance."""

_PANEL = 2.4
_HISTOGRAM = 0.28
"""Height of the histogram in heights of the diagram above it."""


@in_house_style
def draw_reliability(
    ds: xr.Dataset, *, dataset: str | None = None, groups: Mapping[str, xr.Dataset] | None = None
) -> Figure:
    """Draw, for every method, accuracy against confidence, bin by bin.

    Parameters
    ----------
    ds : Dataset
        With ``calibration_count``, ``calibration_confidence`` (sum) and ``calibration_correct``, each
        (method, seed, bin).
    dataset, groups
        See `mushin.figures.one_dataset.one_dataset`.

    Returns
    -------
    Figure
        A point per bin that holds samples: mean confidence and accuracy of the samples of all runs, and a
        grey line per run through the bins that hold 10 at least. Below, the share of samples in each bin.

    Raises
    ------
    FigureError
        There are no calibration bins, or several data sets and none is named.
    UnknownNameError
        There is no such data set.

    References
    ----------
    Guo et al. 2017, arXiv:1706.04599; Niculescu-Mizil & Caruana 2005, doi:10.1145/1102351.1102430.
    """
    what = "calibration bins, which need probabilities"
    ds = one_dataset(ds, "calibration_count", dataset=dataset, groups=groups, what=what)
    labels = read_labels(ds)
    count, confidence, correct = (
        _bins(ds, f"calibration_{name}") for name in ("count", "confidence", "correct")
    )
    runs = (count.sum(axis=-1) > 0).sum(axis=1)
    rows, columns = panel_grid(len(labels.methods))
    on = f" on {dataset}" if dataset else ""
    figure = new_figure(
        columns * (_PANEL + 0.25) + 0.5,
        rows * (_PANEL * (1 + _HISTOGRAM) + 0.75),
        title=f"Reliability of {counted(len(labels.methods), 'method')}: accuracy against confidence{on}",
        note=_note(labels.methods, runs, count),
    )
    grid = figure.add_gridspec(2 * rows, columns, height_ratios=[1.0, _HISTOGRAM] * rows)
    styles = method_styles(labels.methods)
    for index, method in enumerate(labels.methods):
        row, column = divmod(index, columns)
        diagram = figure.add_subplot(grid[2 * row, column])
        histogram = figure.add_subplot(grid[2 * row + 1, column], sharex=diagram)
        diagram.set_title(wrap_text(f"{method}{_ece(ds, index)}", _PANEL, bold=True))
        _draw_diagram(diagram, count[index], confidence[index], correct[index], styles[method])
        _draw_histogram(histogram, count[index].sum(axis=0), styles[method])
        if column == 0:
            diagram.set_ylabel("accuracy (share)")
            histogram.set_ylabel("samples\n(share)")
        else:
            diagram.tick_params(labelleft=False)
            histogram.tick_params(labelleft=False)
    return figure


def _bins(ds: xr.Dataset, name: str) -> Counts:
    """Return one variable, shape (methods, seeds, bins)."""
    return np.asarray(ds[name].transpose("method", "seed", "bin").values, dtype=np.float64)


def _draw_diagram(axes: Axes, count: Counts, confidence: Counts, correct: Counts, style: MethodStyle) -> None:
    """Draw the diagonal, a line per run, and the points of all runs together."""
    axes.plot([0, 1], [0, 1], color="black", linewidth=0.8, linestyle="--", label="calibrated")
    for run in range(len(count)):
        told = count[run] >= FEW_SAMPLES
        axes.plot(
            confidence[run][told] / count[run][told],
            correct[run][told] / count[run][told],
            color=PALE,
            linewidth=0.7,
            zorder=1,
            label=f"run {run}",
        )
    totals = count.sum(axis=0)
    for held, fill, line, label in (
        (totals >= FEW_SAMPLES, style.colour, "-", "bins"),
        ((totals > 0) & (totals < FEW_SAMPLES), "white", "none", "bins of few samples"),
    ):
        if not held.any():  # A line without points, not clipped, would take part in the layout at the corner.
            continue
        axes.plot(
            confidence.sum(axis=0)[held] / totals[held],
            correct.sum(axis=0)[held] / totals[held],
            color=style.colour,
            marker=style.marker,
            markersize=4,
            markerfacecolor=fill,
            linestyle=line,
            linewidth=1.2,
            clip_on=False,
            label=label,
        )
    axes.set_xlim(0, 1.02)
    axes.set_ylim(0, 1.02)
    axes.set_xticks([0, 0.5, 1])
    axes.set_yticks([0, 0.5, 1])
    axes.set_aspect("equal")
    axes.tick_params(labelbottom=False)


def _draw_histogram(axes: Axes, count: Counts, style: MethodStyle) -> None:
    """Draw the share of samples in each bin; the last bin holds confidence 1 alone."""
    width = 1 / (len(count) - 1)
    centres = (np.arange(len(count)) + 0.5) * width
    # The bin of confidence 1 has no width: it is drawn at its place, narrow.
    centres[-1] = 1.0
    widths = np.full(len(count), 0.9 * width)
    widths[-1] = 0.3 * width
    axes.bar(centres, count / max(count.sum(), 1.0), width=widths, color=style.colour, alpha=0.8)
    axes.set_ylim(0, 1.0)
    axes.set_yticks([0, 1])
    axes.set_xlabel("confidence (share)")
    axes.tick_params(axis="x", labelbottom=True)
    axes.grid(axis="y", color="#E5E5E5", linewidth=0.6)
    axes.set_axisbelow(True)


def _ece(ds: xr.Dataset, method: int) -> str:
    """Return the mean calibration error of a method, where the results hold it."""
    if "ece" not in ds:
        return ""
    values = ds["ece"].transpose("method", "seed").values[method]
    return f" (mean ECE {np.nanmean(values):.3g})" if np.isfinite(values).any() else ""


def _note(methods: tuple[Hashable, ...], runs: NDArray[np.int64], count: Counts) -> str:
    """Say how to read the figure."""
    empty = [method for method, n in zip(methods, runs, strict=True) if n == 0]
    fewest, most = int(runs.min()), int(runs.max())
    n = f"n = {most}" if fewest == most else f"n = {fewest} to {most}"
    samples = int(count.sum(axis=-1).max())
    told = (
        f"Points: all samples of all runs ({n} runs of {samples} samples for each method), hollow where a "
        f"bin holds fewer than {FEW_SAMPLES}; grey lines: single runs. "
        "On the dashed line a model is right as often as it is confident; below it, it is too confident. "
        f"Confidence is cut into {count.shape[-1] - 1} bins of equal width, and one for confidence 1."
    )
    return f"{told} Without any run: {listed(empty)}." if empty else told
