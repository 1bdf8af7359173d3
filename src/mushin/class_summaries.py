"""Summarise the runs of every method on every class, with labels."""

from __future__ import annotations

from collections.abc import Hashable

import pandas as pd
import xarray as xr

from mushin.summaries import summarise_methods


def summarise_classes(ds: xr.Dataset, *, alpha: float = 0.05) -> pd.DataFrame:
    """Describe the runs of every method by class: `summarise_methods` for scores per class.

    Parameters
    ----------
    ds : Dataset
        From `mushin.score`, with one metric per class at least; its other metrics are left alone.
    alpha : float
        In (0, 1); the interval of each mean covers it with chance 1 - alpha.

    Returns
    -------
    DataFrame
        One row per metric, (dataset), class and method, with the columns of `summarise_methods` and `class`
        before `method`.

    Examples
    --------
    >>> iou = xr.DataArray(
    ...     [[[0.5, 0.9], [0.7, 0.9]]],
    ...     coords={"method": ["cnn"], "seed": [0, 1], "class": ["cat", "dog"]},
    ...     dims=("method", "seed", "class"),
    ...     attrs={"higher_is_better": True, "valid_range": (0, 1)},
    ... )
    >>> table = summarise_classes(xr.Dataset({"iou_per_class": iou}))
    >>> table[["class", "method", "mean"]].round(3).values.tolist()
    [['cat', 'cnn', 0.6], ['dog', 'cnn', 0.9]]
    """
    of_classes = ds[[name for name, variable in ds.data_vars.items() if "class" in variable.dims]]
    if "dataset" not in ds.dims:
        return _by_class(of_classes, alpha)
    tables: dict[Hashable, pd.DataFrame] = {
        name: _by_class(of_classes.sel({"dataset": name}, drop=True), alpha)
        for name in ds["dataset"].values.tolist()
    }
    joined = pd.concat(tables, names=["dataset"]).reset_index("dataset").reset_index(drop=True)
    dataset = joined.pop("dataset")
    joined.insert(list(joined.columns).index("class"), "dataset", dataset)
    return joined


def _by_class(ds: xr.Dataset, alpha: float) -> pd.DataFrame:
    """Summarise a class as if it were a data set: both stand before the methods."""
    table = summarise_methods(
        ds.drop_vars("dataset", errors="ignore").rename({"class": "dataset"}), alpha=alpha
    )
    return table.rename(columns={"dataset": "class"})
