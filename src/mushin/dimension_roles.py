"""Say which dimensions of a Dataset are the methods, the seeds and the data sets."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from mushin.errors import ConfigError, DataError, unknown_name

DATASET, METHOD, SEED = "dataset", "method", "seed"


def with_roles(
    ds: xr.Dataset,
    *,
    method: str | Sequence[str] = METHOD,
    seed: str = SEED,
    dataset: str | Sequence[str] | None = None,
    higher_is_better: Mapping[str, bool] | None = None,
) -> xr.Dataset:
    """Return the Dataset with the dimensions (dataset,) method and seed, and with declared directions.

    Parameters
    ----------
    ds : Dataset
        Of any origin, a sweep say.
    method : str or sequence of str
        The dimension of the methods. Several make each combination of their labels a method.
    seed : str
        The dimension along which runs repeat.
    dataset : str or sequence of str, optional
        The dimensions whose labels, or combinations of labels, are never pooled. By default ``dataset``,
        where there is one.
    higher_is_better : mapping of metric to bool, optional
        The direction of metrics that do not declare it themselves.

    Raises
    ------
    UnknownNameError
        There is no such dimension or metric.
    ConfigError
        A dimension has two roles, or a direction contradicts the one that the metric declares.
    DataError
        A dimension has no labels to combine.

    Examples
    --------
    >>> ds = xr.Dataset(coords={"model": ["cnn"], "lr": [0.1, 0.2], "seed": [0, 1]})
    >>> ds["accuracy"] = (("model", "lr", "seed"), [[[0.9, 0.8], [0.7, 0.6]]])
    >>> with_roles(ds, method=("model", "lr"))["method"].values.tolist()
    ['model=cnn, lr=0.1', 'model=cnn, lr=0.2']
    """
    if not isinstance(seed, str):
        raise ConfigError(
            f"seed is {seed!r}; accepted: the name of one dimension, since only its runs are repeats; "
            "give further dimensions to method or dataset"
        )
    roles = {METHOD: _names(method), SEED: (seed,)}
    if dataset is not None:
        roles[DATASET] = _names(dataset)
    if isinstance(ds, xr.Dataset):
        if roles != {METHOD: (METHOD,), SEED: (SEED,)}:
            ds = _renamed(ds, roles)
        ds = _declared(ds, higher_is_better or {})
    return ds


def _names(role: str | Sequence[str]) -> tuple[str, ...]:
    return (role,) if isinstance(role, str) else tuple(role)


def _renamed(ds: xr.Dataset, roles: Mapping[str, tuple[str, ...]]) -> xr.Dataset:
    """Rename the dimension of each role; where a role has several, join them first."""
    _check_roles(ds, roles)
    renaming = {}
    for role, names in roles.items():
        found = names[0]
        if len(names) > 1:
            found = f"{role} of {names}"
            labels = _joined_labels(ds, names)
            ds = ds.stack({found: names}, create_index=False).drop_vars(names)
            ds = ds.assign_coords({found: labels})
        renaming[found] = role
    return ds.rename({old: new for old, new in renaming.items() if old != new})


def _check_roles(ds: xr.Dataset, roles: Mapping[str, tuple[str, ...]]) -> None:
    """Give each dimension one role at most, and none of the roles' names to another dimension."""
    given = [name for names in roles.values() for name in names]
    for role, names in roles.items():
        if not names:
            raise ConfigError(f"{role} names no dimension; accepted: a name or several")
        for name in names:
            if name not in ds.dims:
                raise unknown_name(f"{role}: dimension", str(name), [str(dim) for dim in ds.dims])
            if given.count(name) > 1:
                raise ConfigError(f"dimension {name!r} is given twice; give each dimension one role")
    for role in roles:
        if role in (*ds.dims, *ds.variables) and role not in given:
            raise ConfigError(
                f"{role!r} names something else in these results; give it a role as well, "
                f"or rename it: ds.rename({role}='…')"
            )


def _joined_labels(ds: xr.Dataset, names: Sequence[str]) -> Any:
    for name in names:
        if name not in ds.coords:
            raise DataError(
                f"dimension {name!r} has no labels; name them with ds.assign_coords({{{name!r}: [...]}})"
            )
    combinations = itertools.product(*(ds[name].values.tolist() for name in names))
    return np.array(
        [
            ", ".join(f"{name}={label}" for name, label in zip(names, labels, strict=True))
            for labels in combinations
        ],
        dtype=object,
    )


def _declared(ds: xr.Dataset, directions: Mapping[str, bool]) -> xr.Dataset:
    """Add directions to the metrics that declare none."""
    for name, direction in directions.items():
        if name not in ds.data_vars:
            raise unknown_name("higher_is_better: metric", str(name), [str(known) for known in ds.data_vars])
        if not isinstance(direction, bool | np.bool_):
            raise ConfigError(f"higher_is_better of {name!r} is {direction!r}; accepted: True or False")
        declared = ds[name].attrs.get("higher_is_better", direction)
        if bool(declared) != direction:
            raise ConfigError(
                f"higher_is_better of {name!r} is {direction}, but the metric itself says {bool(declared)}; "
                "leave it out, or change the metric's attribute"
            )
    return ds.assign(
        {
            name: ds[name].assign_attrs(higher_is_better=np.int8(direction))
            for name, direction in directions.items()
        }
    )
