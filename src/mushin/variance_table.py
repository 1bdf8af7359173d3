"""Split the spread of accuracy into what seeds bring and what the finite test set brings."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from mushin.errors import DataError
from mushin.score_arrays import Labels, read_labels, read_scores
from mushin.statistics.moments import moments

_METRIC = "accuracy"
_COUNTS = "confusion"


def variance_components(ds: xr.Dataset) -> pd.DataFrame:
    """Say how far accuracy scatters over seeds, and how far over test sets of this size.

    Seeds share one test set, so their spread says nothing about another test set. What such a set would
    change follows from the confusion matrices: n items are right with chance p each, so that accuracy has
    the variance p (1 - p) / n over test sets. For other metrics this would need a record per item.

    Parameters
    ----------
    ds : Dataset
        With `accuracy` and the counts `confusion`, as `open_results` returns it. Missing cells (NaN) are
        left out.

    Returns
    -------
    DataFrame
        One row per (dataset) and method. `sd_seeds`: the observed sd over seeds on this test set.
        `sd_test_set`: the sd of one model's accuracy over test sets. `sd_seeds_low`: what is left of
        `sd_seeds` if as much of it as can be came from single items that flip between seeds.
        `sd_total`: the most that a new seed on a new test set scatters. `share_test_set`: the share of
        `sd_total` squared that more seeds do not lower. Methods are scored on the same items, so that part
        of it cancels in a difference.

    Raises
    ------
    DataError
        There is no accuracy, there are no confusion matrices, or these do not belong together.

    References
    ----------
    Bouthillier et al. 2021 (MLSys), arXiv:2103.03098, section 3, for the binomial model.

    Examples
    --------
    >>> confusion = np.array([[[[45, 5], [5, 45]], [[47, 3], [5, 45]]]])
    >>> ds = xr.Dataset(
    ...     {
    ...         "accuracy": (("method", "seed"), [[0.90, 0.92]], {"higher_is_better": True}),
    ...         "confusion": (("method", "seed", "target", "prediction"), confusion),
    ...     },
    ...     coords={"method": ["mlp"], "seed": [0, 1]},
    ... )
    >>> variance_components(ds)[["sd_seeds", "sd_test_set", "share_test_set"]].round(3).values.tolist()
    [[0.014, 0.029, 0.804]]
    """
    for name, what in ((_METRIC, "accuracy"), (_COUNTS, "confusion matrices")):
        if not isinstance(ds, xr.Dataset) or name not in ds:
            raise DataError(
                f"the results hold no {what} (variable {name!r}); where data sets differ in their classes, "
                "open one with open_results(file, group=NAME)"
            )
    labels = read_labels(ds)
    (scores,) = read_scores(ds, [_METRIC])
    accuracy, n_test = _accuracy_of_counts(ds, labels)
    known = ~np.isnan(scores.values)
    if not np.allclose(accuracy[known], scores.values[known], rtol=0, atol=1e-9):
        raise DataError("accuracy is not the share on the diagonal of confusion; were the metrics replaced?")
    of_runs = moments(scores.values)
    binomial = np.where(known, accuracy * (1 - accuracy) / np.maximum(n_test, 1), 0.0)
    with np.errstate(invalid="ignore"):
        test_set = binomial.sum(axis=-1) / known.sum(axis=-1)
        total = of_runs.sd**2 + test_set
        share = test_set / total
    datasets = labels.datasets or (None,)
    columns = {
        "metric": _METRIC,
        "dataset": np.repeat(np.array(datasets, dtype=object), len(labels.methods)),
        "method": np.tile(np.array(labels.methods, dtype=object), len(datasets)),
        "n_seeds": of_runs.n.reshape(-1),
        "n_test": n_test.max(axis=-1).reshape(-1),
        "mean": of_runs.mean.reshape(-1),
        "sd_seeds": of_runs.sd.reshape(-1),
        "sd_seeds_low": np.sqrt(np.maximum(of_runs.sd**2 - test_set, 0.0)).reshape(-1),
        "sd_test_set": np.sqrt(test_set).reshape(-1),
        "sd_total": np.sqrt(total).reshape(-1),
        "share_test_set": share.reshape(-1),
    }
    table = pd.DataFrame(columns)
    return table if labels.datasets is not None else table.drop(columns="dataset")


def _accuracy_of_counts(ds: xr.Dataset, labels: Labels) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the share of right items and the number of items, shape (datasets, methods, seeds)."""
    wanted = ("method", "seed", "target", "prediction")
    dims = wanted if labels.datasets is None else ("dataset", *wanted)
    if set(ds[_COUNTS].dims) != set(dims):
        raise DataError(
            f"{_COUNTS!r} must have the dimensions {dims}, got {tuple(map(str, ds[_COUNTS].dims))}"
        )
    counts = ds[_COUNTS].transpose(*dims).values.astype(np.int64)
    counts = counts if labels.datasets is not None else counts[None]
    n_test = counts.sum(axis=(-2, -1))
    right = np.trace(counts, axis1=-2, axis2=-1)
    return np.where(n_test > 0, right / np.maximum(n_test, 1), np.nan), n_test
