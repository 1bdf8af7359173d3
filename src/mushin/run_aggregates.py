"""Aggregate the runs of several data sets into one number or curve per method, with labels."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Iterable

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from mushin.errors import ConfigError, DataError
from mushin.score_arrays import Labels, Scores, label_array, read_labels, read_scores, refuse_missing
from mushin.statistics import runs
from mushin.statistics.decisions import check_alpha

FEWEST_RUNS = 10
"""With fewer runs per data set the bootstrap intervals are too narrow."""

_FEWEST_RESAMPLES = 100


def interquartile_means(
    ds: xr.Dataset,
    *,
    metrics: Iterable[str] | None = None,
    alpha: float = 0.05,
    resamples: int = 50_000,
    seed: int = 0,
) -> pd.DataFrame:
    """Return the mean of the middle half of all runs of each method, over all data sets.

    It is robust to outliers as the median is, and scatters less. The scores of all data sets are pooled,
    so they must share a scale: accuracies do, losses of different data sets do not.

    Parameters
    ----------
    ds : Dataset
        Metrics with the dimensions (method, seed) or (dataset, method, seed), without missing cells.
    metrics : iterable of str, optional
        Which variables. By default every one with exactly these dimensions.
    alpha : float
        In (0, 1); each interval covers with a chance of about 1 - alpha.
    resamples : int
        Of the bootstrap, at least 100.
    seed : int
        Of the bootstrap: same data, same seed, same interval.

    Returns
    -------
    DataFrame
        One row per metric and method: `iqm`, `ci_low`, `ci_high`, in the units of the metric. Runs are
        resampled within data set and method, and the deviations inflated by sqrt(n / (n - 1)); the
        interval is cut to the metric's `valid_range`.

    Warns
    -----
    UserWarning
        There are fewer than 10 runs: the intervals are too narrow; docs/calibration.md says by how much.

    Raises
    ------
    IncompleteStudyError, DataError
        Cells are missing; a run is inf; or there is one seed only.
    ConfigError
        `alpha` or `resamples` is out of range.

    References
    ----------
    Agarwal et al. 2021 (NeurIPS), arXiv:2108.13264.

    Examples
    --------
    >>> array = xr.DataArray(
    ...     np.linspace(0.5, 0.9, 20).reshape(1, 20),
    ...     coords={"method": ["cnn"], "seed": range(20)},
    ...     dims=("method", "seed"),
    ...     attrs={"higher_is_better": True},
    ... )
    >>> interquartile_means(xr.Dataset({"accuracy": array}))[["method", "iqm"]].round(3).values.tolist()
    [['cnn', 0.7]]
    """
    labels, all_scores = _read(ds, metrics, alpha, resamples)
    tables = []
    for scores in all_scores:
        if np.isinf(scores.values).any():
            raise DataError(
                f"metric {scores.metric!r}: a run diverged (inf), and a mean can't be taken over it; "
                "chances_of_improvement counts it as a loss"
            )
        found = runs.interquartile_means(
            scores.values.transpose(1, 0, 2),
            alpha=alpha,
            resamples=resamples,
            seed=seed,
            valid_range=scores.valid_range,
        )
        columns = {**_names(scores, labels), "method": label_array(labels.methods), "iqm": found.size}
        tables.append(pd.DataFrame({**columns, "ci_low": found.low, "ci_high": found.high, "alpha": alpha}))
    return pd.concat(tables, ignore_index=True)


def performance_profiles(
    ds: xr.Dataset,
    metric: str,
    *,
    thresholds: Iterable[float] | None = None,
    alpha: float = 0.05,
    resamples: int = 2_000,
    seed: int = 0,
) -> xr.Dataset:
    """Return the share of runs that do better than each threshold, over all data sets.

    Parameters
    ----------
    ds : Dataset
        As for `interquartile_means`.
    metric : str
        The variable; its data sets share a scale.
    thresholds : iterable of float, optional
        In the units of the metric; by default 101 from the worst score to the best.
    alpha, resamples, seed
        As for `interquartile_means`.

    Returns
    -------
    Dataset
        `share`, `ci_low` and `ci_high`, each (method, threshold), in [0, 1]; the intervals are pointwise.
        A method whose curve lies above another's everywhere does better on the whole distribution.

    Warns
    -----
    UserWarning
        As for `interquartile_means`.

    Raises
    ------
    IncompleteStudyError, DataError, ConfigError, UnknownNameError
        As for `interquartile_means`; a diverged run is worse than every threshold.

    References
    ----------
    Agarwal et al. 2021; Dolan & Moré 2002, doi:10.1007/s101070100263.

    Examples
    --------
    >>> array = xr.DataArray(
    ...     np.linspace(0.5, 0.9, 20).reshape(1, 20),
    ...     coords={"method": ["cnn"], "seed": range(20)},
    ...     dims=("method", "seed"),
    ...     attrs={"higher_is_better": True},
    ... )
    >>> profile = performance_profiles(xr.Dataset({"accuracy": array}), "accuracy", thresholds=[0.4, 0.7])
    >>> profile["share"].values.tolist()
    [[1.0, 0.5]]
    """
    labels, (scores,) = _read(ds, [metric], alpha, resamples)
    sign = 1 if scores.higher_is_better else -1
    values = _with_losses(scores)
    finite = values[np.isfinite(values)]
    if thresholds is None and finite.size == 0:
        raise DataError(f"metric {metric!r}: every run diverged")
    levels = np.linspace(finite.min(), finite.max(), 101) if thresholds is None else np.array([*thresholds])
    found = runs.performance_profiles(
        sign * values, sign * levels, alpha=alpha, resamples=resamples, seed=seed
    )
    dims = ("method", "threshold")
    return xr.Dataset(
        {"share": (dims, found.size), "ci_low": (dims, found.low), "ci_high": (dims, found.high)},
        coords={"method": list(labels.methods), "threshold": levels},
        attrs={"metric": metric, "higher_is_better": int(scores.higher_is_better), "alpha": alpha},
    )


def chances_of_improvement(
    ds: xr.Dataset,
    *,
    metrics: Iterable[str] | None = None,
    alpha: float = 0.05,
    resamples: int = 10_000,
    seed: int = 0,
) -> pd.DataFrame:
    """Return, for every pair, the chance that a run of A does better than one of B on the same data set.

    Parameters
    ----------
    ds, metrics, alpha, resamples, seed
        As for `interquartile_means`; the data sets need no common scale.

    Returns
    -------
    DataFrame
        One row per metric and pair: `prob_superiority`, `ci_low`, `ci_high`, averaged over data sets; a
        tie is half, a diverged run a loss. Bouthillier et al. 2021 call 0.75 and more a difference that
        matters.

    Warns
    -----
    UserWarning
        As for `interquartile_means`.

    Raises
    ------
    IncompleteStudyError, DataError, ConfigError
        As for `interquartile_means`.

    References
    ----------
    Agarwal et al. 2021; Bouthillier et al. 2021 (MLSys), arXiv:2103.03098.

    Examples
    --------
    >>> array = xr.DataArray(
    ...     np.stack([np.linspace(0.6, 0.9, 20), np.linspace(0.5, 0.8, 20)]),
    ...     coords={"method": ["cnn", "mlp"], "seed": range(20)},
    ...     dims=("method", "seed"),
    ...     attrs={"higher_is_better": True},
    ... )
    >>> chances_of_improvement(xr.Dataset({"accuracy": array}))["prob_superiority"].round(3).tolist()
    [0.772]
    """
    labels, all_scores = _read(ds, metrics, alpha, resamples)
    pairs = list(itertools.combinations(range(len(labels.methods)), 2))
    if not pairs:
        raise DataError(f"a comparison needs two methods, got only {labels.methods[0]!r}")
    methods = label_array(labels.methods)
    tables = []
    for scores in all_scores:
        sign = 1 if scores.higher_is_better else -1
        found = runs.chances_of_improvement(
            sign * _with_losses(scores), pairs, alpha=alpha, resamples=resamples, seed=seed
        )
        first, second = np.array(pairs).T
        columns = {**_names(scores, labels), "method_a": methods[first], "method_b": methods[second]}
        bounds = {"prob_superiority": found.size, "ci_low": found.low, "ci_high": found.high, "alpha": alpha}
        tables.append(pd.DataFrame({**columns, **bounds}))
    return pd.concat(tables, ignore_index=True)


def _read(
    ds: xr.Dataset, metrics: Iterable[str] | None, alpha: float, resamples: int
) -> tuple[Labels, list[Scores]]:
    """Check the options and the results, and warn where there are few runs."""
    check_alpha(alpha)
    if isinstance(resamples, bool) or not isinstance(resamples, int) or resamples < _FEWEST_RESAMPLES:
        raise ConfigError(f"resamples is {resamples!r}; it must be a whole number from {_FEWEST_RESAMPLES}")
    labels = read_labels(ds)
    all_scores = read_scores(ds, metrics)
    refuse_missing(all_scores, labels)
    n_runs = len(labels.seeds)
    if n_runs < 2:
        raise DataError("a bootstrap of runs needs two seeds at least, got one")
    if n_runs < FEWEST_RUNS:
        warnings.warn(
            f"{n_runs} runs per data set: bootstrap intervals are too narrow below {FEWEST_RUNS}; "
            "docs/calibration.md says by how much",
            stacklevel=3,
        )
    return labels, all_scores


def _with_losses(scores: Scores) -> NDArray[np.float64]:
    """Return the scores, shape (methods, datasets, seeds); a diverged run is as bad as can be."""
    worst = -np.inf if scores.higher_is_better else np.inf
    return np.where(np.isinf(scores.values), worst, scores.values).transpose(1, 0, 2)


def _names(scores: Scores, labels: Labels) -> dict[str, object]:
    """Return the columns that all rows share."""
    return {
        "metric": scores.metric,
        "higher_is_better": scores.higher_is_better,
        "n_datasets": len(labels.datasets or (None,)),
        "n_runs": len(labels.seeds),
    }
