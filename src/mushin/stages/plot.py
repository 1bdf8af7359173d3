"""Draw the figures of a finished study: the stage behind ``mushin plot``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import xarray as xr

from mushin.config.plan import CellName
from mushin.errors import CellError, FigureError, IncompleteStudyError, unknown_name
from mushin.figures.learning_curves import History
from mushin.figures.registry import available_figures, find_figure, plot
from mushin.figures.save import FORMATS, save_figure
from mushin.layout import COSTS, RESULTS, TRAINING_RECORD, cell_folder
from mushin.report.read_table import read_table
from mushin.results_file import open_results
from mushin.score_arrays import read_labels
from mushin.stages.record import read_record


@dataclass(frozen=True, eq=False)
class StudyFiles:
    """What a results folder holds for figures.

    Attributes
    ----------
    ds : Dataset
        ``compare.nc``.
    groups : dict of str to Dataset
        Its groups, where data sets have classes of their own.
    comparisons, costs : DataFrame or None
        ``comparisons.csv`` and ``costs.csv``; None where there is none.
    histories : dict of CellName to history
        Of every cell that has a ``train.json``.
    datasets : tuple of str
        All of the study; empty where nothing names the only one.
    """

    ds: xr.Dataset
    groups: dict[str, xr.Dataset]
    comparisons: pd.DataFrame | None
    costs: pd.DataFrame | None
    histories: dict[CellName, History]
    datasets: tuple[str, ...]


@dataclass(frozen=True)
class Drawn:
    """What `plot_study` did: the files written, and why other figures were left out, by kind."""

    written: tuple[Path, ...]
    left_out: dict[str, str]


def read_study(results: Path) -> StudyFiles:
    """Read what the figures of a study are drawn from.

    Parameters
    ----------
    results : Path
        The results folder.

    Raises
    ------
    CellError
        ``compare.nc`` is missing or damaged.
    CheckpointError
        A ``train.json`` is damaged.
    """
    ds = open_results(results / RESULTS)
    labels = read_labels(ds)
    costs = read_table_if_any(results / COSTS)
    datasets = [str(name) for name in labels.datasets] if labels.datasets else _only_dataset(results, costs)
    groups: dict[str, xr.Dataset] = {}
    if labels.datasets and "target" not in ds.dims:
        groups = _read_groups(results / RESULTS, datasets)
    histories: dict[CellName, History] = {}
    for dataset in datasets:
        for method in labels.methods:
            for seed in labels.seeds:
                cell = CellName(dataset, str(method), int(str(seed)))
                path = cell_folder(results, cell) / TRAINING_RECORD
                if path.is_file():
                    histories[cell] = read_record(path).history
    return StudyFiles(
        ds, groups, read_table_if_any(results / "comparisons.csv"), costs, histories, tuple(datasets)
    )


def plot_study(
    results: Path, *, kinds: Sequence[str] | None = None, ending: str = "svg", folder: Path | None = None
) -> Drawn:
    """Draw the figures of a study into a folder, one file each.

    Parameters
    ----------
    results : Path
        The results folder, with ``compare.nc`` and what ``mushin stats`` writes.
    kinds : sequence of str, optional
        Which; by default all that the study has the data for.
    ending : {"svg", "png", "pdf"}
        Format of the files.
    folder : Path, optional
        Where they go; ``figures`` in the results folder by default.

    Returns
    -------
    Drawn
        A kind that is for one data set gives a file per data set, such as ``confusion-wine.svg``.

    Raises
    ------
    UnknownNameError
        There is no such kind or format.
    FigureError, IncompleteStudyError
        A kind that was asked for cannot be drawn.
    CellError, CheckpointError
        See `read_study`.
    """
    for kind in kinds or ():
        find_figure(kind)
    if ending not in FORMATS:
        raise unknown_name("format", ending, FORMATS)
    study = read_study(results)
    target = folder if folder is not None else results / "figures"
    written: list[Path] = []
    left_out: dict[str, str] = {}
    for kind in dict.fromkeys(kinds or available_figures()):
        try:
            written += _draw(kind, study, target, ending)
        except (FigureError, IncompleteStudyError) as error:
            if kinds:
                raise type(error)(f"figure {kind!r} cannot be drawn: {error.reason}") from None
            left_out[kind] = error.reason
    return Drawn(tuple(written), left_out)


def _draw(kind: str, study: StudyFiles, folder: Path, ending: str) -> list[Path]:
    """Draw one kind, for each data set where it needs one."""
    datasets = read_labels(study.ds).datasets
    of_each: list[str | None] = [None]
    if datasets is not None and find_figure(kind).is_for_one_dataset:
        of_each = [str(dataset) for dataset in datasets]
    paths = []
    for dataset in of_each:
        figure = plot(
            kind,
            study.ds,
            comparisons=study.comparisons,
            histories=study.histories,
            costs=study.costs,
            groups=study.groups,
            **({} if dataset is None else {"dataset": dataset}),
        )
        name = kind if dataset is None else f"{kind}-{dataset}"
        paths.append(save_figure(figure, folder / f"{name}.{ending}"))
    return paths


def _only_dataset(results: Path, costs: pd.DataFrame | None) -> list[str]:
    """Name the one data set of a study, which ``compare.nc`` does not: by its costs, or by its cells."""
    if costs is not None:
        return sorted(set(costs["dataset"]))
    return sorted({path.parents[2].name for path in results.glob(f"*/*/*/{TRAINING_RECORD}")})


def _read_groups(path: Path, datasets: Sequence[str]) -> dict[str, xr.Dataset]:
    """Read the groups; metrics without counts have none."""
    groups: dict[str, xr.Dataset] = {}
    for dataset in datasets:
        try:
            groups[dataset] = open_results(path, group=dataset)
        except CellError:
            return {}
    return groups


def read_table_if_any(path: Path) -> pd.DataFrame | None:
    """Return a table of a study, or None where there is none."""
    return read_table(path) if path.is_file() else None
