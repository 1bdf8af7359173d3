"""Summarise the runs of every method, with labels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
import xarray as xr

from mushin.dimension_roles import with_roles
from mushin.score_arrays import Labels, Scores, read_labels, read_scores
from mushin.statistics.decisions import check_alpha
from mushin.statistics.intervals import mean_interval
from mushin.statistics.moments import moments


def summarise_methods(
    ds: xr.Dataset,
    *,
    metrics: Iterable[str] | None = None,
    alpha: float = 0.05,
    method: str | Sequence[str] = "method",
    seed: str = "seed",
    dataset: str | Sequence[str] | None = None,
    higher_is_better: Mapping[str, bool] | None = None,
) -> pd.DataFrame:
    """Describe the runs of every method: mean, spread, t interval, range.

    Parameters
    ----------
    ds : Dataset
        As for `compare_methods`. Missing cells (NaN) are counted and left out.
    metrics : iterable of str, optional
        Which variables to summarise. By default every one with exactly these dimensions.
    alpha : float
        In (0, 1); the interval of each mean covers it with chance 1 - alpha.
    method, seed, dataset, higher_is_better
        As for `compare_methods`.

    Returns
    -------
    DataFrame
        One row per metric, (dataset) and method. `n` counts the runs, `n_diverged` those that are inf:
        with one of them there is no mean. The interval stays within the metric's `valid_range`; it is
        NaN for fewer than two runs and for runs that are all the same, since these say nothing about
        the spread of the next.

    Raises
    ------
    DataError
        The Dataset is not of this form.
    UnknownNameError
        There is no such metric.
    ConfigError
        `alpha` is not in (0, 1).

    Examples
    --------
    >>> scores = xr.DataArray(
    ...     [[0.91, 0.92, 0.94]],
    ...     coords={"method": ["cnn"], "seed": [0, 1, 2]},
    ...     dims=("method", "seed"),
    ...     attrs={"higher_is_better": True, "valid_range": (0, 1)},
    ... )
    >>> table = summarise_methods(xr.Dataset({"accuracy": scores}))
    >>> table[["method", "n", "mean", "ci_low", "ci_high"]].round(3).values.tolist()
    [['cnn', 3, 0.923, 0.885, 0.961]]
    """
    check_alpha(alpha)
    ds = with_roles(ds, method=method, seed=seed, dataset=dataset, higher_is_better=higher_is_better)
    labels = read_labels(ds)
    return pd.concat([_rows(scores, labels, alpha) for scores in read_scores(ds, metrics)], ignore_index=True)


def _rows(scores: Scores, labels: Labels, alpha: float) -> pd.DataFrame:
    """Summarise one metric."""
    runs = scores.values.reshape(-1, scores.values.shape[-1])
    of_runs = moments(runs)
    low, high = mean_interval(of_runs, alpha=alpha, valid_range=scores.valid_range)
    missing = np.isnan(runs)
    known = np.where(missing.all(axis=-1, keepdims=True), 0.0, runs)
    some = of_runs.n > 0
    datasets = labels.datasets
    columns = {
        "metric": np.full(len(runs), scores.metric, dtype=object),
        "higher_is_better": np.full(len(runs), scores.higher_is_better),
        "units": np.full(len(runs), scores.units, dtype=object),
        "dataset": np.repeat(np.array(datasets or (None,), dtype=object), len(labels.methods)),
        "method": np.tile(np.array(labels.methods, dtype=object), len(datasets or (None,))),
        "n": of_runs.n,
        "n_missing": missing.sum(axis=-1),
        "n_diverged": np.isinf(runs).sum(axis=-1),
        "mean": of_runs.mean,
        "sd": of_runs.sd,
        "ci_low": low,
        "ci_high": high,
        "min": np.where(some, np.nanmin(known, axis=-1), np.nan),
        "median": np.where(some, np.nanmedian(known, axis=-1), np.nan),
        "max": np.where(some, np.nanmax(known, axis=-1), np.nan),
        "alpha": np.full(len(runs), alpha),
    }
    if datasets is None:
        del columns["dataset"]
    return pd.DataFrame(columns)
