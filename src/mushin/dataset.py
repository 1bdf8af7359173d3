"""Merge cells into one labelled Dataset with the dimensions ``(dataset, method, seed)``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from mushin.cells import DIMENSIONS, Cell, read_cell, score_attributes
from mushin.config.plan import CellName
from mushin.errors import CellError, IncompleteStudyError
from mushin.labelled import ResultsDataset, as_results
from mushin.layout import CELL, cell_folder
from mushin.metrics.catalog import get_metric
from mushin.metrics.metric import RECORDS, VALUES
from mushin.metrics.regression import MOMENTS

FORMAT = "mushin-results/1"
IGNORED = "ignore_index"
"""The coordinate of the ignored label where it differs between data sets; elsewhere it is an attribute."""
_LISTED = 10
_LONG_NAMES = {
    "confusion": "Confusion matrix (rows are targets, columns predictions)",
    "calibration_count": "Samples per bin of confidence",
    "calibration_confidence": "Sum of confidence per bin",
    "calibration_correct": "Correct samples per bin",
    "mann_whitney_u": "Mann-Whitney U of each class against the rest",
    "regression_moments": "Moments of targets and predictions",
}
# As large as the test split for every cell; what needs them is scored cell by cell.
_LEFT_IN_CELLS = frozenset((*VALUES, *RECORDS))


@dataclass(frozen=True, eq=False)
class MergedResults:
    """The cells of a study, merged.

    Attributes
    ----------
    scores : ResultsDataset
        Every metric, and the counts too where all data sets have the same classes.
    groups : dict of str to ResultsDataset
        The counts by data set where the classes differ between data sets; empty otherwise.
    """

    scores: ResultsDataset
    groups: dict[str, ResultsDataset] = field(default_factory=dict)


def aggregate_cells(
    results: Path,
    datasets: Sequence[str],
    methods: Sequence[str],
    seeds: Sequence[int],
    *,
    allow_incomplete: bool = False,
    each: Callable[[Cell], object] | None = None,
) -> MergedResults:
    """Read the cells of a study and merge them by label.

    Parameters
    ----------
    results : Path
        The results folder.
    datasets, methods, seeds : sequence
        The labels of the study, in the order of the result.
    allow_incomplete : bool, default False
        Leave NaN (and zero counts) for a missing cell instead of raising.
    each : callable, optional
        Called with every cell as it is read, in the order of the study.

    Returns
    -------
    MergedResults
        Dimensions ``(method, seed)``, with ``dataset`` before them where there is more than one.

    Raises
    ------
    IncompleteStudyError
        Cells are missing.
    CellError
        A cell is damaged, lies in another cell's folder, or cannot be compared with the others because its
        task, its classes or its test samples differ.
    """
    names = [CellName(dataset, method, seed) for dataset in datasets for method in methods for seed in seeds]
    paths = {name: cell_folder(results, name) / CELL for name in names}
    missing = [name for name in names if not paths[name].is_file()]
    if missing and (not allow_incomplete or len(missing) == len(names)):
        shown = ", ".join(map(str, missing[:_LISTED])) + (", …" if len(missing) > _LISTED else "")
        raise IncompleteStudyError(
            f"{results}: {len(missing)} of {len(names)} cells are missing: {shown}; run them first, or pass"
            " --allow-incomplete to leave gaps"
        )

    def read(name: CellName) -> Cell | None:
        cell = _read_named(paths[name], name)
        if cell is not None and each is not None:
            each(cell)
        return cell

    return merge_cells(read, datasets, methods, seeds)


def merge_cells(
    read: Callable[[CellName], Cell | None],
    datasets: Sequence[str],
    methods: Sequence[str],
    seeds: Sequence[int],
) -> MergedResults:
    """Merge cells by label, whether they lie in files or are evaluated on the way.

    Parameters
    ----------
    read : callable
        Returns the cell of a name, or None where it is missing. It is asked for each once: data sets first,
        seeds last.
    datasets, methods, seeds : sequence
        The labels of the study, in the order of the result.

    Returns
    -------
    MergedResults
        Dimensions ``(method, seed)``, with ``dataset`` before them where there is more than one; NaN (and
        zero counts) for a missing cell.

    Raises
    ------
    IncompleteStudyError
        A data set has no cell at all.
    CellError
        A cell cannot be compared with the others, because its task, its classes or its test samples differ.
    """
    merged = [_merge_dataset(read, dataset, methods, seeds) for dataset in datasets]
    _check_one_task(merged)
    if len(merged) == 1:
        return MergedResults(as_results(merged[0]))
    return _join_datasets(merged, datasets)


def _join_datasets(merged: list[xr.Dataset], datasets: Sequence[str]) -> MergedResults:
    """Put data sets side by side; counts go to groups where the classes differ."""
    classes = [tuple(ds["target"].values) if "target" in ds.coords else () for ds in merged]
    label = xr.DataArray(list(datasets), dims="dataset", name="dataset", attrs={"long_name": "Data set"})
    groups = {}
    if len(set(classes)) > 1:
        _check_group_names(merged[0], datasets)
        groups = {name: as_results(ds) for name, ds in zip(datasets, merged, strict=True)}
        merged = [ds.drop_dims(set(ds.dims) - {"method", "seed"}) for ds in merged]
    joined = xr.concat(merged, label, data_vars="all", coords="minimal", compat="equals", join="exact")
    ignored = [ds.attrs.get("ignore_index") for ds in merged]
    if len(set(ignored)) > 1:
        joined.attrs.pop("ignore_index", None)
        values = np.array([np.nan if label is None else label for label in ignored], dtype=np.float64)
        about = {"long_name": "Ignored label; NaN where there is none"}
        joined = joined.assign_coords({IGNORED: ("dataset", values, about)})
    return MergedResults(as_results(joined), groups)


def _check_group_names(ds: xr.Dataset, datasets: Sequence[str]) -> None:
    """Refuse a data set whose group would have the name of a variable."""
    for name in datasets:
        if name in ds.variables:
            raise CellError(
                f"data set {name!r} has the name of a variable of the results; rename its file in conf/data/"
            )


def _merge_dataset(
    read: Callable[[CellName], Cell | None], dataset: str, methods: Sequence[str], seeds: Sequence[int]
) -> xr.Dataset:
    """Merge the cells of one data set, each read once."""
    first: Cell | None = None
    arrays: dict[str, np.ndarray[Any, Any]] = {}
    alone: dict[str, np.ndarray[Any, Any]] = {}
    present = np.zeros((len(methods), len(seeds)), dtype=bool)
    for row, method in enumerate(methods):
        for column, seed in enumerate(seeds):
            cell = read(CellName(dataset, method, seed))
            if cell is None:
                continue
            first = first or cell
            _check_comparable(cell, first)
            for variable, values in cell.statistics.arrays().items():
                if variable in _LEFT_IN_CELLS:
                    continue
                if variable not in arrays:
                    arrays[variable] = np.zeros((len(methods), len(seeds), *values.shape), values.dtype)
                arrays[variable][row, column] = values
            for metric, score in _scores_of_cell(cell).items():
                alone.setdefault(metric, np.full(present.shape, np.nan))[row, column] = score
            present[row, column] = True
    if first is None:
        raise IncompleteStudyError(f"no cell of data set {dataset!r} exists; run at least one")
    for metric in first.metrics:
        if metric not in alone:
            scores = get_metric(metric).score(arrays, ignore_index=first.ignore_index)
            alone[metric] = np.where(present, scores, np.nan)
    return _label(first, alone, arrays, methods, seeds)


def _scores_of_cell(cell: Cell) -> dict[str, float]:
    """Return the scores that one cell has by itself: of the user's metrics, and of those of all samples."""
    own = cell.statistics.scores
    found = {name: own[name].value for name in cell.metrics if name in own}
    for name in cell.metrics:
        if name not in own and not _LEFT_IN_CELLS.isdisjoint(get_metric(name).requires):
            found[name] = float(get_metric(name).score(cell.statistics.arrays()))
    return found


def _label(
    first: Cell,
    scores: dict[str, np.ndarray[Any, Any]],
    arrays: dict[str, np.ndarray[Any, Any]],
    methods: Sequence[str],
    seeds: Sequence[int],
) -> xr.Dataset:
    """Add labels and attributes to the scores and the stacked counts."""
    grid = ("method", "seed")
    variables: dict[str, Any] = {}
    for name in first.metrics:
        described = score_attributes(first.statistics.scores.get(name) or get_metric(name))
        variables[name] = (grid, scores[name], described)
    for name, values in arrays.items():
        dims = grid + DIMENSIONS[name]
        variables[name] = (dims, values, {"long_name": _LONG_NAMES[name], "units": "1"})
    coordinates: dict[str, Any] = {
        "method": ("method", list(methods), {"long_name": "Method"}),
        "seed": ("seed", np.array(seeds, dtype=np.int64), {"long_name": "Seed"}),
    }
    if "confusion" in arrays:
        names = list(first.class_names)
        coordinates["target"] = ("target", names, {"long_name": "Target class"})
        coordinates["prediction"] = ("prediction", names, {"long_name": "Predicted class"})
    else:
        coordinates["moment"] = ("moment", list(MOMENTS), {"long_name": "Moment"})
    attributes: dict[str, Any] = {"format": FORMAT, "task": first.task, "metrics": " ".join(first.metrics)}
    if first.ignore_index is not None:
        attributes["ignore_index"] = np.int64(first.ignore_index)
    return xr.Dataset(variables, coords=coordinates, attrs=attributes)


def _read_named(path: Path, name: CellName) -> Cell | None:
    if not path.is_file():
        return None
    cell = read_cell(path)
    if cell.name != name:
        raise CellError(f"{path}: holds the cell {cell.name}, not {name}; delete it and run the cell again")
    return cell


def _samples_per_class(cell: Cell) -> list[int]:
    confusion = cell.statistics.confusion
    return [cell.statistics.n_samples] if confusion is None else confusion.sum(axis=1).tolist()


def _directions(cell: Cell) -> dict[str, bool]:
    return {name: score.higher_is_better for name, score in cell.statistics.scores.items()}


def _check_comparable(cell: Cell, first: Cell) -> None:
    """Refuse cells whose scores would not mean the same."""
    same: dict[str, Callable[[Cell], Any]] = {
        "task": lambda c: c.task,
        "metrics": lambda c: c.metrics,
        "class names": lambda c: c.class_names,
        "kinds of counts": lambda c: sorted(c.statistics.arrays()),
        "ignore_index": lambda c: c.ignore_index,
        "directions of metrics": _directions,
        "samples per class": _samples_per_class,
    }
    digests = [c.provenance.get("targets_digest") for c in (cell, first)]
    if None not in digests:  # A cell of a shuffling loader has none.
        same["test targets"] = lambda c: c.provenance["targets_digest"]
    for what, value in same.items():
        if value(cell) != value(first):
            raise CellError(
                f"{cell.name}: {what} differ from those of {first.name}, so their scores cannot be compared;"
                f" evaluate both on the same test split ({value(cell)!r} against {value(first)!r})"
            )


def _check_one_task(merged: Sequence[xr.Dataset]) -> None:
    tasks = {str(ds.attrs["task"]) for ds in merged}
    if len(tasks) > 1:
        raise CellError(
            f"data sets of different tasks ({', '.join(sorted(tasks))}) have no common table; study each task"
            " by itself"
        )
