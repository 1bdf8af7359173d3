"""Xarray objects on which ``sel(method="cnn")`` selects a label.

In xarray ``method=`` of `sel` names a way to look up inexact labels, so a plain Dataset with a dimension called
``method`` returns every method, silently. These subclasses take it as a label wherever the object has such a
coordinate, and keep doing so after arithmetic, indexing and reductions.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable, Mapping
from typing import Any, Self

import xarray as xr

# Methods that xarray computes through apply_ufunc or builds from its own classes, losing the subclass.
_REBUILDING = (
    "__array_ufunc__",
    "astype",
    "clip",
    "combine_first",
    "fillna",
    "isin",
    "isnull",
    "notnull",
    "round",
    "to_array",
    "to_dataarray",
    "to_dataset",
    "where",
)
_INEXACT = frozenset({"nearest", "pad", "ffill", "backfill", "bfill"})


class ResultsArray(xr.DataArray):  # type: ignore[no-untyped-call]
    """A DataArray whose ``sel(method=…)`` selects the label of the dimension ``method``."""

    __slots__ = ()

    def sel(
        self,
        indexers: Mapping[Any, Any] | None = None,
        method: Any = None,
        tolerance: Any = None,
        drop: bool = False,
        **indexers_kwargs: Any,
    ) -> Self:
        """Select by label, as `xarray.DataArray.sel` does; ``method=`` is a label where there are methods.

        Raises
        ------
        KeyError
            If a label is unknown; for ``method=`` the message lists the methods.
        """
        labels, inexact = _split(self, indexers, method, indexers_kwargs)
        return super().sel(labels, method=inexact, tolerance=tolerance, drop=drop)


class ResultsDataset(xr.Dataset):  # type: ignore[no-untyped-call]
    """A Dataset whose ``sel(method=…)`` selects the label of the dimension ``method``.

    Examples
    --------
    >>> ds = ResultsDataset({"accuracy": (("method", "seed"), [[0.9, 0.8], [0.7, 0.6]])},
    ...                     coords={"method": ["cnn", "mlp"], "seed": [0, 1]})
    >>> ds.sel(method="cnn")["accuracy"].values.tolist()
    [0.9, 0.8]
    """

    __slots__ = ()

    def sel(
        self,
        indexers: Mapping[Any, Any] | None = None,
        method: Any = None,
        tolerance: Any = None,
        drop: bool = False,
        **indexers_kwargs: Any,
    ) -> Self:
        """Select by label, as `xarray.Dataset.sel` does; ``method=`` is a label where there are methods.

        Raises
        ------
        KeyError
            If a label is unknown; for ``method=`` the message lists the methods.
        """
        labels, inexact = _split(self, indexers, method, indexers_kwargs)
        return super().sel(labels, method=inexact, tolerance=tolerance, drop=drop)

    def _construct_dataarray(self, name: Hashable) -> ResultsArray:
        """Build the DataArray of a variable; the one place where xarray makes one from a Dataset."""
        return _as_results_array(super()._construct_dataarray(name))


def _as_results_array(array: xr.DataArray) -> ResultsArray:
    return ResultsArray(array.variable, array._coords, name=array.name, indexes=array._indexes, fastpath=True)


def as_results(found: Any) -> Any:
    """Return a Dataset or a DataArray as one of ours; anything else as it is.

    Examples
    --------
    >>> type(as_results(xr.Dataset())).__name__
    'ResultsDataset'
    """
    if isinstance(found, xr.Dataset) and not isinstance(found, ResultsDataset):
        return ResultsDataset._construct_direct(
            found._variables,
            found._coord_names,
            found._dims,
            found._attrs,
            found._indexes,
            found._encoding,
            found._close,
        )
    if isinstance(found, xr.DataArray) and not isinstance(found, ResultsArray):
        return _as_results_array(found)
    return found


def _keep_type(base: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(base)
    def method(*args: Any, **kwargs: Any) -> Any:
        return as_results(base(*args, **kwargs))

    return method


for _class, _base in ((ResultsArray, xr.DataArray), (ResultsDataset, xr.Dataset)):
    for _name in _REBUILDING:
        if hasattr(_base, _name):
            setattr(_class, _name, _keep_type(getattr(_base, _name)))


def _split(
    labelled: xr.DataArray | xr.Dataset,
    indexers: Mapping[Any, Any] | None,
    method: Any,
    keywords: Mapping[str, Any],
) -> tuple[dict[Any, Any], str | None]:
    """Tell labels from xarray's own keyword ``method``."""
    labels = {**(indexers or {}), **keywords}
    if method is None:
        return labels, None
    if "method" not in labelled.dims:
        return labels, method
    if isinstance(method, str):
        known = [str(name) for name in labelled.indexes["method"]] if "method" in labelled.indexes else []
        if method not in known:
            if method in _INEXACT:
                return labels, method
            raise KeyError(f"method {method!r} is not among {known}")
    return {**labels, "method": method}, None
