"""Read the metrics of a results Dataset as checked arrays."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from mushin.errors import DataError, IncompleteStudyError, unknown_name
from mushin.metrics.valid_range import are_outside, put_inside

LISTED_CELLS = 20
"""How many cells a message names."""

_WITHOUT_DATASET = ("method", "seed")
_WITH_DATASET = ("dataset", "method", "seed")
_CLASS = "class"


@dataclass(frozen=True)
class Scores:
    """The scores of one metric.

    Attributes
    ----------
    metric : str
        Its name in the Dataset.
    values : float array, shape (datasets, methods, seeds)
        NaN where a cell is missing, inf where a run diverged; else within `valid_range`, rounding being
        taken off. One dataset where the Dataset has no such dimension.
    higher_is_better : bool
        The direction of the metric.
    valid_range : (float, float)
        Smallest and largest possible score; infinite where the Dataset does not say.
    units : str
        Empty where the Dataset does not say.
    """

    metric: str
    values: NDArray[np.float64]
    higher_is_better: bool
    valid_range: tuple[float, float]
    units: str


@dataclass(frozen=True)
class Labels:
    """The labels of a results Dataset; `datasets` is None where it has no such dimension."""

    datasets: tuple[Hashable, ...] | None
    methods: tuple[Hashable, ...]
    seeds: tuple[Hashable, ...]

    def cell(self, dataset: int, method: int, seed: int) -> str:
        """Name a cell by its labels."""
        of_dataset = f"{self.datasets[dataset]}, " if self.datasets is not None else ""
        return f"{of_dataset}{self.methods[method]}, seed {self.seeds[seed]}"


def read_labels(ds: xr.Dataset) -> Labels:
    """Return the labels along (dataset,) method and seed.

    Raises
    ------
    DataError
        A dimension is absent, empty, without labels, or has a label twice.
    """
    if not isinstance(ds, xr.Dataset):
        raise DataError(f"results must be an xarray.Dataset, got {type(ds).__name__}")
    return Labels(
        datasets=_labels(ds, "dataset") if "dataset" in ds.dims else None,
        methods=_labels(ds, "method"),
        seeds=_labels(ds, "seed"),
    )


def label_array(labels: Sequence[Hashable]) -> NDArray[np.object_]:
    """Return labels as a column that keeps each as it is, tuples too.

    Examples
    --------
    >>> label_array([("cnn", 3), "mlp"]).tolist()
    [('cnn', 3), 'mlp']
    """
    array = np.empty(len(labels), dtype=object)
    array[:] = labels
    return array


def read_scores(ds: xr.Dataset, metrics: Iterable[str] | None = None) -> list[Scores]:
    """Return the scores of the metrics that are asked for, or of all.

    Parameters
    ----------
    ds : Dataset
        With the dimensions (method, seed) or (dataset, method, seed) in any order.
    metrics : iterable of str, optional
        Names of variables. By default every variable with exactly these dimensions: a score per class, as
        `mushin.score` makes them, is no metric of the method before a class is selected.

    Returns
    -------
    list of Scores
        In the order asked for, or in that of the Dataset.

    Raises
    ------
    DataError
        A metric holds no numbers, has other dimensions or no declared direction, or a finite score lies
        outside its `valid_range`; or there is no metric.
    UnknownNameError
        The Dataset has no variable of that name.
    """
    wanted = _WITH_DATASET if "dataset" in ds.dims else _WITHOUT_DATASET
    names = _metric_names(ds, wanted) if metrics is None else _asked_for(ds, metrics)
    if not names:
        raise DataError(
            f"the results hold no metric, that is no variable with the dimensions {wanted}"
            + _hint(ds.dims, wanted)
        )
    return [_scores(ds[name], name, wanted) for name in names]


def refuse_missing(all_scores: list[Scores], labels: Labels) -> None:
    """Raise where a cell is missing, naming each once with the metrics that lack it.

    Raises
    ------
    IncompleteStudyError
        The message lists the cells.
    """
    missing = {
        scores.metric: [labels.cell(*where) for where in np.argwhere(np.isnan(scores.values))]
        for scores in all_scores
    }
    cells = list(dict.fromkeys(cell for of_metric in missing.values() for cell in of_metric))
    if not cells:
        return
    lines = []
    for cell in cells[:LISTED_CELLS]:
        lacking = [metric for metric, of_metric in missing.items() if cell in of_metric]
        what = "" if len(lacking) == len(all_scores) else f" ({', '.join(lacking)})"
        lines.append(f"  {cell}{what}")
    if len(cells) > LISTED_CELLS:
        lines.append(f"  and {len(cells) - LISTED_CELLS} more")
    found = f"{len(cells)} {'cell is' if len(cells) == 1 else 'cells are'} missing:"
    listed = "\n".join(lines)
    raise IncompleteStudyError(
        f"{found}\n{listed}\nrun what is missing, or compare what there is with allow_incomplete=True"
    ).told_as(f"{found} {'; '.join(line.strip() for line in lines)}; run what is missing")


def _labels(ds: xr.Dataset, dim: str) -> tuple[Hashable, ...]:
    """Return the labels of a dimension, each once."""
    if dim not in ds.dims:
        raise DataError(
            f"the results have no dimension {dim!r}, only {tuple(map(str, ds.dims))}; "
            f"rename the one that is, or name it with {dim}= where the function takes that"
        )
    if dim not in ds.coords:
        raise DataError(f"dimension {dim!r} has no labels; name them with ds.assign_coords({dim}=[...])")
    labels = tuple(ds[dim].values.tolist())
    twice = sorted({str(label) for label in labels if labels.count(label) > 1})
    if twice:
        raise DataError(f"dimension {dim!r} has a label more than once: {', '.join(twice)}; name each once")
    if not labels:
        raise DataError(f"dimension {dim!r} is empty")
    return labels


def _metric_names(ds: xr.Dataset, wanted: tuple[str, ...]) -> list[str]:
    """Name the variables that are metrics by their dimensions or by what they declare."""
    return [
        str(name)
        for name, variable in ds.data_vars.items()
        if set(variable.dims) == set(wanted)
        or ("higher_is_better" in variable.attrs and _CLASS not in variable.dims)
    ]


def _asked_for(ds: xr.Dataset, metrics: Iterable[str]) -> list[str]:
    """Check the names that the caller gave."""
    names = [metrics] if isinstance(metrics, str) else list(metrics)
    known = [str(name) for name in ds.data_vars]
    for name in names:
        if name not in known:
            raise unknown_name("metric", name, known)
        if names.count(name) > 1:
            raise DataError(f"metrics: {name!r} appears twice; list each metric once")
    return names


def _hint(dims: Iterable[Hashable], wanted: tuple[str, ...]) -> str:
    """Say what to do about further dimensions: `class` is a word of Python's own, others can have a role."""
    extra = [str(dim) for dim in dims if dim not in wanted]
    if _CLASS in extra:
        return f"; select one class with ds.sel({{{_CLASS!r}: 'NAME'}})"
    if not extra:
        return ""
    return (
        f"; select a label with ds.sel({{{extra[0]!r}: ...}}), or tell compare_methods what {extra[0]!r} is: "
        f"dataset={extra[0]!r} compares within each label, method=('method', {extra[0]!r}) each combination"
    )


def _scores(variable: xr.DataArray, name: str, wanted: tuple[str, ...]) -> Scores:
    """Check one variable and read it."""
    if set(variable.dims) != set(wanted):
        extra = [str(dim) for dim in variable.dims if dim not in wanted]
        absent = [dim for dim in wanted if dim not in variable.dims]
        what = f"the extra dimension {extra[0]!r}" if extra else f"no dimension {absent[0]!r}"
        raise DataError(
            f"metric {name!r} has {what}; a metric has exactly {wanted}: "
            f"select or average first, or leave it out with metrics=[...]{_hint(extra, wanted)}"
        )
    if variable.dtype.kind not in "fiub":
        raise DataError(
            f"variable {name!r} holds {variable.dtype} values, not numbers; leave it out with metrics=[...]"
        )
    valid_range = _valid_range(variable.attrs, name)
    _refuse_outside(variable.transpose(*wanted), name, valid_range)
    values = put_inside(variable.transpose(*wanted).values.astype(np.float64), valid_range)
    return Scores(
        metric=name,
        values=values if "dataset" in wanted else values[None],
        higher_is_better=_direction(variable.attrs, name),
        valid_range=valid_range,
        units=str(variable.attrs.get("units", "")),
    )


def _refuse_outside(variable: xr.DataArray, name: str, valid_range: tuple[float, float]) -> None:
    """Refuse scores that the metric cannot have; a run that diverged (inf) is another matter."""
    values = variable.values.astype(np.float64)
    outside = np.argwhere(are_outside(values, valid_range) & np.isfinite(values))
    if not len(outside):
        return
    first = variable[tuple(outside[0])]
    cell = ", ".join(f"{dim} {first[dim].item()}" for dim in variable.dims if dim in first.coords)
    more = f" and {len(outside) - 1} more lie" if len(outside) > 1 else " lies"
    raise DataError(
        f"metric {name!r}: {first.item():g} ({cell}){more} outside its valid_range {valid_range}; correct the"
        f" scores, declare the range that they have, ds[{name!r}].attrs['valid_range'] = (lowest, highest),"
        " or leave it out with metrics=[...]"
    )


def _direction(attrs: dict[str, Any], name: str) -> bool:
    """Read `higher_is_better`, which netCDF stores as 0 or 1."""
    declared = attrs.get("higher_is_better")
    if declared is None:
        raise DataError(
            f"metric {name!r} does not say which direction is better; declare it: "
            f"higher_is_better={{{name!r}: True}} (or False) here or in a sweep's to_xarray, or "
            f"ds[{name!r}].attrs['higher_is_better'] = True; or leave it out with metrics=[...]"
        )
    if not isinstance(declared, bool | np.bool_ | int | np.integer) or int(declared) not in (0, 1):
        raise DataError(f"metric {name!r}: higher_is_better must be True or False, got {declared!r}")
    return bool(declared)


def _valid_range(attrs: dict[str, Any], name: str) -> tuple[float, float]:
    """Read `valid_range`."""
    declared = attrs.get("valid_range", (-np.inf, np.inf))
    bounds = np.asarray(declared, dtype=np.float64)
    if bounds.shape != (2,) or not bounds[0] < bounds[1]:
        raise DataError(f"metric {name!r}: valid_range must be (smallest, largest), got {declared!r}")
    return float(bounds[0]), float(bounds[1])
