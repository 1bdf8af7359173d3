"""Name every kind of figure, and draw one by its name."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import pandas as pd
import xarray as xr
from matplotlib.figure import Figure

from mushin.config.plan import CellName
from mushin.errors import ConfigError, FigureError, did_you_mean, unknown_name
from mushin.figures.confusion import draw_confusion
from mushin.figures.costs import draw_costs
from mushin.figures.critical_difference import draw_critical_difference
from mushin.figures.differences import draw_differences
from mushin.figures.learning_curves import History, draw_learning_curves
from mushin.figures.performance_profiles import draw_performance_profiles
from mushin.figures.power_curve import draw_power_curve
from mushin.figures.reliability import draw_reliability
from mushin.figures.scores import draw_scores


@dataclass(frozen=True)
class FigureKind:
    """One kind of figure.

    Attributes
    ----------
    draw : callable
        Takes what it needs by position and its options by keyword.
    needs : tuple of str
        Of ``ds``, ``comparisons``, ``histories`` and ``costs``, in the order of the function.
    shows : str
        In a line.
    is_for_one_dataset : bool
        Whether each data set has a figure of its own, chosen with ``dataset=``.
    """

    draw: Callable[..., Figure]
    needs: tuple[str, ...]
    shows: str
    is_for_one_dataset: bool = False


FIGURES: Mapping[str, FigureKind] = MappingProxyType(
    {
        "scores": FigureKind(draw_scores, ("ds",), "every run's score, with mean and interval, by metric"),
        "differences": FigureKind(
            draw_differences,
            ("comparisons",),
            "differences with simultaneous intervals, and what can be claimed",
        ),
        "confusion": FigureKind(
            draw_confusion, ("ds",), "which classes are taken for which others", is_for_one_dataset=True
        ),
        "reliability": FigureKind(
            draw_reliability, ("ds",), "accuracy against confidence", is_for_one_dataset=True
        ),
        "learning_curves": FigureKind(draw_learning_curves, ("histories",), "training loss per epoch"),
        "power_curve": FigureKind(draw_power_curve, ("comparisons",), "the power of the design, by seeds"),
        "critical_difference": FigureKind(
            draw_critical_difference, ("ds",), "mean ranks over several data sets"
        ),
        "performance_profiles": FigureKind(
            draw_performance_profiles, ("ds",), "the share of runs that do better than each score"
        ),
        "costs": FigureKind(draw_costs, ("ds", "costs"), "score against what a run costs"),
    }
)
"""Every kind of figure by its name."""

_SOURCES = {
    "ds": "results, as open_results reads them",
    "comparisons": "the table of compare_methods, which 'mushin stats' writes",
    "histories": "the training histories of the cells, which train.json holds",
    "costs": "the costs of the cells, which costs.csv holds",
}

_LACKING = {
    "ds": "there are no merged results; 'mushin aggregate' writes compare.nc",
    "comparisons": "there are no comparisons; 'mushin stats' writes comparisons.csv",
    "histories": "there are no training histories, which train.json of each cell holds",
    "costs": "nobody noted what the cells cost; 'mushin aggregate' writes costs.csv from what was measured",
}


def available_figures() -> tuple[str, ...]:
    """Return the names of the kinds of figures.

    Examples
    --------
    >>> available_figures()[:2]
    ('scores', 'differences')
    """
    return tuple(FIGURES)


def find_figure(kind: str) -> FigureKind:
    """Return a kind of figure by its name.

    Raises
    ------
    UnknownNameError
        There is no such kind; the message suggests one.
    """
    if kind not in FIGURES:
        raise unknown_name("figure", kind, FIGURES)
    return FIGURES[kind]


def plot(
    kind: str,
    ds: xr.Dataset,
    *,
    comparisons: pd.DataFrame | None = None,
    histories: Mapping[CellName, History] | None = None,
    costs: pd.DataFrame | None = None,
    groups: Mapping[str, xr.Dataset] | None = None,
    **options: Any,
) -> Figure:
    """Draw one figure of a study.

    Parameters
    ----------
    kind : str
        One of `available_figures`.
    ds : Dataset
        Results, as `mushin.open_results` reads them.
    comparisons : DataFrame, optional
        From `mushin.compare_methods`.
    histories : mapping of CellName to history, optional
        Of the trained cells: values per epoch by name, such as ``loss``.
    costs : DataFrame, optional
        As in ``costs.csv``.
    groups : mapping of str to Dataset, optional
        The counts by data set, where each has classes of its own.
    **options
        Of the kind: see its function, such as ``metrics=["accuracy"]`` or ``difference=("cnn", "mlp")``.

    Returns
    -------
    Figure
        To be saved with `mushin.figures.save.save_figure`.

    Raises
    ------
    UnknownNameError
        There is no such kind.
    FigureError
        The study lacks what the figure shows; the message says what.
    ConfigError
        The figure has no such option.

    Examples
    --------
    >>> scores = xr.DataArray(
    ...     [[0.91, 0.92, 0.94], [0.80, 0.83, 0.81]],
    ...     coords={"method": ["cnn", "mlp"], "seed": [0, 1, 2]},
    ...     dims=("method", "seed"),
    ...     attrs={"higher_is_better": True},
    ... )
    >>> figure = plot("scores", xr.Dataset({"accuracy": scores}))
    >>> figure.get_suptitle()
    'Scores of 2 methods under 3 seeds'
    """
    found = find_figure(kind)
    given = {"ds": ds, "comparisons": comparisons, "histories": histories, "costs": costs}
    for need in found.needs:
        if given[need] is None:
            raise FigureError(f"figure {kind!r} needs {need}: {_SOURCES[need]}; pass {need}=...").told_as(
                _LACKING[need]
            )
    accepted = list(inspect.signature(found.draw).parameters)[len(found.needs) :]
    for name in options:
        if name not in accepted:
            known = [option for option in accepted if option != "groups"]
            hint = did_you_mean(name, known)
            accepts = f"Accepted: {', '.join(known)}"
            raise ConfigError(f"figure {kind!r} has no option {name!r}{hint or ';'} {accepts}")
    if "groups" in accepted:
        options["groups"] = groups
    return found.draw(*(given[need] for need in found.needs), **options)
