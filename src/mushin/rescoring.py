"""Compute further metrics of a finished study from its confusion matrices."""

from __future__ import annotations

import json
import warnings
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from mushin.class_selection import ClassSelection, select_classes
from mushin.dataset import FORMAT, IGNORED
from mushin.errors import ConfigError, DataError
from mushin.labelled import ResultsDataset, as_results
from mushin.metrics.class_counts import count_classes
from mushin.wanted_scores import Metrics, WantedScore, read_metrics

_MATRIX = ("target", "prediction")
_COUNTS_AT_ONCE = 2**24  # 128 MiB of counts: the temporaries stay small beside the study itself.


def score(
    ds: xr.Dataset,
    metrics: Metrics,
    *,
    merge_classes: Mapping[str, Iterable[str]] | None = None,
    classes: Iterable[str] | None = None,
) -> ResultsDataset:
    """Score a finished study again, from its confusion matrices and without a model.

    Parameters
    ----------
    ds : Dataset
        With ``confusion``, int64 of dimensions (..., target, prediction), as `mushin.open_results` returns
        it; the leading ones are usually (method, seed) or (dataset, method, seed).
    metrics : str, mapping of str to ScoreFunction, or an iterable of both
        Names of `mushin.available_metrics`, such as ``"mcc"``, ``"f1_weighted"`` or ``"iou_per_class"``, and
        functions of your own by the name that each shall have.
    merge_classes : mapping of str to iterable of str, optional
        New label to the labels of the classes that it replaces, such as ``{"animal": ["cat", "dog"]}``. Their
        counts are added up first, so that taking a cat for a dog is right.
    classes : iterable of str, optional
        Score these classes only, in this order: the rows and columns of all others are dropped, after
        merging. A sample of these classes that was predicted as another is then left out, which flatters;
        a warning says how many. To keep such samples as errors, merge the other classes instead.

    Returns
    -------
    ResultsDataset
        One float64 variable per metric with the leading dimensions of ``confusion``, or with ``class`` after
        them for a metric per class; each with `long_name`, `units`, `valid_range` and `higher_is_better`, as
        `compare_methods` needs. NaN where a cell is missing or counts no sample of the classes, and where a
        metric is undefined. A share of nothing, such as the recall of a class without samples, is 0.

    Raises
    ------
    UnknownNameError
        A metric or a class does not exist.
    ConfigError
        The options contradict themselves, a function does not say its direction, or a metric of
        probabilities is asked for after merging or leaving out classes.
    DataError
        The results hold no counts, or a function returned no scores.

    Warns
    -----
    UserWarning
        `classes` leaves out samples of these classes.

    Examples
    --------
    >>> names = ["cat", "dog", "car"]
    >>> counts = xr.DataArray(
    ...     [[[[5, 1, 0], [2, 4, 1], [0, 1, 6]]]],
    ...     dims=("method", "seed", "target", "prediction"),
    ...     coords={"method": ["cnn"], "seed": [0], "target": names, "prediction": names},
    ... )
    >>> scores = score(counts.to_dataset(name="confusion"), ["accuracy", "recall_per_class"],
    ...     merge_classes={"animal": ["cat", "dog"]})
    >>> float(scores.sel(method="cnn", seed=0)["accuracy"])
    0.9
    >>> float(scores["recall_per_class"].sel({"method": "cnn", "seed": 0, "class": "car"}).round(3))
    0.857
    """
    wanted = read_metrics(metrics)
    confusion = _confusion(ds)
    selection = select_classes(_class_names(confusion), merge_classes, classes)
    _check_computable(wanted, ds, selection)
    values = _compute(wanted, ds, confusion, selection)
    return _label(wanted, values, ds, confusion, selection)


def _confusion(ds: xr.Dataset) -> xr.DataArray:
    """Return the counts, checked."""
    if not isinstance(ds, xr.Dataset):
        raise DataError(f"results must be an xarray.Dataset, got {type(ds).__name__}")
    if "confusion" not in ds:
        raise DataError(
            "the results hold no confusion matrices; where data sets differ in their classes, each has a"
            " group with its own: mushin.open_results('results/compare.nc', group='NAME')"
        )
    confusion = ds["confusion"]
    if not set(_MATRIX) <= set(confusion.dims):
        raise DataError(f"confusion has the dimensions {confusion.dims}; needed are {_MATRIX}")
    if confusion.dtype.kind not in "iu":
        raise DataError(
            f"confusion holds {confusion.dtype}, not counts; use it as the study wrote it, before any mean"
        )
    return confusion


def _class_names(confusion: xr.DataArray) -> list[str]:
    """Return the labels of the classes, the same along rows and columns."""
    labels = [
        list(map(str, confusion[dim].values.tolist())) if dim in confusion.coords else None for dim in _MATRIX
    ]
    names = labels[0]
    if names is None or labels[1] != names:
        raise DataError(
            f"confusion needs the same labels along {' and '.join(_MATRIX)}, got {labels[0]} and {labels[1]}"
        )
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(f"confusion has the class {', '.join(twice)} twice; name each class differently")
    return names


def _check_computable(wanted: list[WantedScore], ds: xr.Dataset, selection: ClassSelection) -> None:
    """Refuse a metric that these results can't give, or whose name is taken."""
    for one in wanted:
        if one.name in {*map(str, ds.dims), *map(str, ds.coords), "class"}:
            raise ConfigError(f"metrics: {one.name!r} is the name of a dimension; choose another name")
        if one.extra_statistics and not selection.changes_nothing:
            raise ConfigError(
                f"metric {one.name!r} needs probabilities, and none are kept for merged or chosen classes;"
                " leave it out, or leave out merge_classes and classes"
            )
        missing = [name for name in one.extra_statistics if name not in ds]
        if missing:
            raise DataError(
                f"metric {one.name!r} needs {', '.join(missing)}, which these results do not hold; evaluate"
                f" again with a task that lists {one.name!r}"
            )


def _compute(
    wanted: list[WantedScore], ds: xr.Dataset, confusion: xr.DataArray, selection: ClassSelection
) -> dict[str, NDArray[np.float64]]:
    """Compute every metric, a part of the cells at a time."""
    leading = _leading(confusion)
    shape = tuple(confusion.sizes[dim] for dim in leading)
    values: dict[str, NDArray[np.float64]] = {}
    most_left_out = 0.0
    for where in _parts(confusion, leading, alone=ds[IGNORED].dims if IGNORED in ds.coords else ()):
        of_study = _read(confusion, where, _MATRIX).astype(np.int64, copy=False)
        if of_study.min(initial=0) < 0:
            raise DataError("confusion holds negative counts")
        chosen = selection.apply(of_study)
        present = np.asarray(chosen.sum(axis=(-2, -1)) > 0)
        if selection.leaves_out:
            most_left_out = max(most_left_out, _left_out(of_study, chosen, selection))
        if not present.any():
            continue
        counts = count_classes(chosen[present], ignore_index=_ignored(ds, where, selection))
        index = (*(where.get(dim, slice(None)) for dim in leading), ...)
        for one in wanted:
            statistics = {
                name: _read(ds[name], where, _inner(ds[name], leading))[present]
                for name in one.extra_statistics
            }
            scores = one.compute(counts, statistics)
            if one.name not in values:
                values[one.name] = np.full((*shape, *scores.shape[1:]), np.nan)
            values[one.name][index][present] = scores
    for one in wanted:
        inner = (len(selection.names),) if one.is_per_class else ()
        values.setdefault(one.name, np.full((*shape, *inner), np.nan))
    _warn_of_left_out(most_left_out)
    return values


def _leading(confusion: xr.DataArray) -> tuple[str, ...]:
    return tuple(str(dim) for dim in confusion.dims if dim not in _MATRIX)


def _inner(variable: xr.DataArray, leading: Sequence[str]) -> tuple[str, ...]:
    return tuple(str(dim) for dim in variable.dims if dim not in leading)


def _parts(
    confusion: xr.DataArray, leading: tuple[str, ...], *, alone: Sequence[Hashable]
) -> Iterator[dict[str, Any]]:
    """Yield positions that together cover all cells, few enough at once for the memory.

    A part has one position along each dimension of `alone`.
    """
    sliced = [dim for dim in leading if dim not in alone][-1:]
    outer = [dim for dim in leading if dim not in sliced]
    step = max(1, _COUNTS_AT_ONCE // max(1, confusion.sizes["target"] ** 2))
    for place in np.ndindex(*(confusion.sizes[dim] for dim in outer)):
        one = dict(zip(outer, place, strict=True))
        for start in range(0, confusion.sizes[sliced[0]] if sliced else 1, step):
            yield {**one, **{dim: slice(start, start + step) for dim in sliced}}


def _read(variable: xr.DataArray, where: dict[str, Any], inner: tuple[str, ...]) -> NDArray[Any]:
    """Read a part of a variable; one that lies in a file is read no further."""
    values: NDArray[Any] = variable.isel(where).transpose(..., *inner).values
    return values


def _ignored(ds: xr.Dataset, where: dict[str, Any], selection: ClassSelection) -> int | None:
    """Return where the class that a part of the cells ignores stands among those to score."""
    ignored = ds.attrs.get("ignore_index")
    if IGNORED in ds.coords:
        label = float(ds[IGNORED].isel({dim: where[str(dim)] for dim in ds[IGNORED].dims}))
        ignored = None if np.isnan(label) else label
    return None if ignored is None else selection.position_of(int(ignored))


def _left_out(of_study: NDArray[np.int64], chosen: NDArray[np.int64], selection: ClassSelection) -> float:
    """Return the largest share of the samples of the chosen classes that were predicted as another."""
    kept = [place for members in selection.members for place in members]
    samples = of_study[..., kept, :].sum(axis=(-2, -1))
    outside = samples - chosen.sum(axis=(-2, -1))
    return float(np.max(outside / np.maximum(samples, 1), initial=0.0))


def _warn_of_left_out(most: float) -> None:
    if most > 0:
        warnings.warn(
            f"classes: up to {100 * most:.3g} % of a cell's samples of these classes were predicted as"
            " another class and are left out, which flatters the scores; to count them as errors, merge the"
            " other classes into one and keep it",
            UserWarning,
            stacklevel=4,
        )


def _label(
    wanted: list[WantedScore],
    values: dict[str, NDArray[np.float64]],
    ds: xr.Dataset,
    confusion: xr.DataArray,
    selection: ClassSelection,
) -> ResultsDataset:
    """Add labels and attributes."""
    leading = _leading(confusion)
    of_cells = ds.drop_dims(set(ds.dims) - set(leading))
    labels = of_cells.drop_vars([*of_cells.data_vars, *({IGNORED} & set(of_cells.coords))])
    variables: dict[str, Any] = {}
    for one in wanted:
        of_metric = values[one.name]
        dims = (*leading, "class") if of_metric.ndim > len(leading) else leading
        variables[one.name] = (dims, of_metric, one.attributes())
    if any("class" in dims for dims, _, _ in variables.values()):
        variables["class"] = ("class", list(selection.names), {"long_name": "Class"})
    scored: ResultsDataset = as_results(
        labels.assign(variables).set_coords([n for n in variables if n == "class"])
    )
    scored.attrs = {"format": FORMAT, "metrics": " ".join(one.name for one in wanted)}
    if "task" in ds.attrs:
        scored.attrs["task"] = ds.attrs["task"]
    if not selection.changes_nothing:
        names = _class_names(confusion)
        merged = {
            label: [names[place] for place in places]
            for label, places in zip(selection.names, selection.members, strict=True)
        }
        scored.attrs["classes"] = json.dumps(merged, ensure_ascii=False)
    return scored
