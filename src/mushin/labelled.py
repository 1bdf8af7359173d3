"""Xarray objects on which ``sel(method="cnn")`` selects a label.

In xarray ``method=`` of `sel` names a way to look up inexact labels, so a plain Dataset with a dimension
called ``method`` returns every method, silently. These subclasses take it as a label, refuse a label where
there is none to select, and stay what they are through every method and operator that returns a Dataset or a
DataArray.

The functions of xarray itself (`xarray.merge`, `xarray.where`, `xarray.apply_ufunc`, …) and its windows
(``rolling``, ``coarsen``) return plain objects; `as_results` makes them ours again.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Hashable, Mapping
from typing import Any, Self

import numpy as np
import xarray as xr

_ARITHMETIC = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul")
_BITWISE = ("lshift", "rshift", "and", "or", "xor")
_OPERATORS = {
    "__array_ufunc__",
    *(f"__{name}__" for name in ("neg", "pos", "abs", "invert", "eq", "ne", "lt", "le", "gt", "ge")),
    *(f"__{kind}{name}__" for name in _ARITHMETIC + _BITWISE for kind in ("", "r", "i")),
}
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
    for _name, _function in inspect.getmembers(_base, inspect.isfunction):
        if _name not in vars(_class) and (_name in _OPERATORS or not _name.startswith("_")):
            setattr(_class, _name, _keep_type(_function))


def _split(
    labelled: xr.DataArray | xr.Dataset,
    indexers: Mapping[Any, Any] | None,
    method: Any,
    keywords: Mapping[str, Any],
) -> tuple[dict[Any, Any], str | None]:
    """Tell labels from xarray's own keyword ``method``."""
    labels = {**(indexers or {}), **keywords}
    is_indexed = "method" in labelled.indexes
    known = list(dict.fromkeys(labelled.coords["method"].values.tolist())) if is_indexed else []
    if isinstance(method, str) and method in _INEXACT and method not in known:
        return labels, method
    if method is not None:
        if "method" in labels:
            raise ValueError(f"method is given twice: {labels['method']!r} and {method!r}")
        _check_selectable(labelled, method)
        labels["method"] = method
    if is_indexed and "method" in labels:
        _check_known(labels["method"], known)
    return labels, None


def _check_selectable(labelled: xr.DataArray | xr.Dataset, method: Any) -> None:
    """Refuse a label where xarray would ignore it."""
    if "method" in labelled.dims or "method" in labelled.indexes:
        return
    if "method" in labelled.coords:
        selected = labelled.coords["method"].values
        raise KeyError(f"method {method!r} cannot be selected: {str(selected)!r} is selected already")
    raise KeyError(f"method {method!r} cannot be selected: there is no dimension 'method'")


def _check_known(wanted: Any, known: list[Any]) -> None:
    """Name the methods there are; xarray's KeyError does not."""
    if isinstance(wanted, slice):
        return
    for label in np.ravel(np.asarray(wanted, dtype=object)):
        if not isinstance(label, (bool, np.bool_)) and label not in known:
            raise KeyError(f"method {label!r} is not among {known}")
