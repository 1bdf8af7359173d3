"""Find the counts of one data set, wherever the results keep them."""

from __future__ import annotations

from collections.abc import Mapping

import xarray as xr

from mushin.errors import FigureError, unknown_name
from mushin.score_arrays import read_labels


def one_dataset(
    ds: xr.Dataset,
    variable: str,
    *,
    dataset: str | None = None,
    groups: Mapping[str, xr.Dataset] | None = None,
    what: str,
) -> xr.Dataset:
    """Return the results of one data set that hold a variable.

    Parameters
    ----------
    ds : Dataset
        Merged results, with or without a dimension ``dataset``.
    variable : str
        What is needed, such as ``"confusion"``.
    dataset : str, optional
        Which data set; needed where there are several.
    groups : mapping of str to Dataset, optional
        The counts by data set where the classes differ between data sets.
    what : str
        The variable in words, for the error.

    Returns
    -------
    Dataset
        Without the dimension ``dataset``.

    Raises
    ------
    FigureError
        The variable is not there, or there are several data sets and none is named.
    UnknownNameError
        There is no such data set.
    """
    datasets = read_labels(ds).datasets
    if datasets is not None:
        names = [str(name) for name in datasets]
        if dataset is None:
            raise FigureError(f"there are {len(names)} data sets; name one: dataset={names[0]!r}")
        if dataset not in names:
            raise unknown_name("data set", dataset, names)
        ds = ds.sel({"dataset": dataset}) if variable in ds else (groups or {}).get(dataset, ds)
    elif dataset is not None:
        raise FigureError(f"dataset is {dataset!r}, but the results hold one data set only; leave it out")
    if variable not in ds:
        task = ds.attrs.get("task")
        of_task = f" (task {task!r})" if task else ""
        raise FigureError(f"the results hold no {what}{of_task}")
    return ds
