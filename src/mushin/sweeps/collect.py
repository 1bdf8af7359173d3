"""Assemble what the jobs of a sweep returned into one labelled Dataset."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from mushin.errors import ConfigError, DataError, unknown_name
from mushin.labelled import ResultsDataset, as_results
from mushin.sweeps.coordinates import coordinate
from mushin.sweeps.manifest import Manifest
from mushin.sweeps.returned import Metric
from mushin.sweeps.stack_metrics import stack_metric
from mushin.sweeps.values import canonical_text

_PREFIX = "mushin_"


def collect(
    manifest: Manifest,
    returned: Sequence[Mapping[str, Metric] | None],
    *,
    metrics: Iterable[str] | None,
    dims: Mapping[str, str | Sequence[str]] | None,
    higher_is_better: Mapping[str, bool] | None,
) -> ResultsDataset:
    """Return the Dataset of a sweep; see `SweepResult.to_xarray`.

    Parameters
    ----------
    manifest : Manifest
        What the sweep is made of.
    returned : sequence
        What each job of the grid returned; None where there is no result.
    """
    grid = manifest.grid
    known = list(dict.fromkeys(name for of_job in returned if of_job is not None for name in of_job))
    names = known if metrics is None else _chosen(metrics, known)
    dims, directions = dict(dims or {}), dict(higher_is_better or {})
    for option, given in (("dims", dims), ("higher_is_better", directions)):
        for name in given:
            if name not in names:
                raise unknown_name(f"{option}: metric", name, names)
    variables = {}
    for name in names:
        if name in grid.swept:
            raise DataError(
                f"metric {name!r} has the name of a swept parameter; return it under another name, "
                "or leave it out with metrics=[...]"
            )
        stacked = stack_metric(name, [None if of_job is None else of_job.get(name) for of_job in returned])
        inner = _inner_dims(name, stacked.ndim - 1, dims.get(name), [*grid.swept, *names])
        values = stacked.reshape((*grid.shape, *stacked.shape[1:]))
        variables[name] = ((*grid.swept, *inner), values, _attributes(name, directions))
    coords = {name: coordinate(values) for name, values in grid.swept.items()}
    dataset: ResultsDataset = as_results(xr.Dataset(variables, coords=coords, attrs=_facts(manifest)))
    return dataset


def _chosen(metrics: Iterable[str], known: Sequence[str]) -> list[str]:
    names = [metrics] if isinstance(metrics, str) else list(metrics)
    for name in names:
        if name not in known:
            raise unknown_name("metric", name, known)
    return names


def _inner_dims(
    name: str, count: int, given: str | Sequence[str] | None, taken: Sequence[str]
) -> tuple[str, ...]:
    """Name the dimensions of an array that a task returned."""
    if given is None:
        return tuple(f"{name}_dim{i}" for i in range(count))
    named = (given,) if isinstance(given, str) else tuple(given)
    if len(named) != count:
        raise ConfigError(f"dims: {name!r} has {count} dimensions of its own, got the names {named}")
    for dim in named:
        if dim in taken or named.count(dim) > 1:
            raise ConfigError(f"dims: {dim!r} of {name!r} is the name of something else already")
    return named


def _attributes(name: str, directions: Mapping[str, Any]) -> dict[str, Any]:
    if name not in directions:
        return {"long_name": name}
    direction = directions[name]
    if not isinstance(direction, bool | np.bool_):
        raise ConfigError(f"higher_is_better of {name!r} is {direction!r}; accepted: True or False")
    # As every file of mushin stores it: netCDF has no bool.
    return {"long_name": name, "higher_is_better": np.int8(direction)}


def _facts(manifest: Manifest) -> dict[str, Any]:
    """Return the attributes of the Dataset: the fixed parameters, and all of them as exact text."""
    grid = manifest.grid
    return {
        **{name: _attribute(value) for name, value in grid.fixed.items()},
        f"{_PREFIX}task": manifest.task,
        f"{_PREFIX}source": manifest.source,
        f"{_PREFIX}parameters": canonical_text({"swept": grid.swept, "fixed": grid.fixed}),
    }


def _attribute(value: Any) -> Any:
    """Return a value as netCDF's attributes can hold it: what is no number or str becomes JSON."""
    is_small = isinstance(value, float) or (isinstance(value, int) and abs(value) < 2**63)
    if isinstance(value, str) or (is_small and not isinstance(value, bool)):
        return value
    return canonical_text(value)
