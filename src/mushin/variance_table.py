"""Split the spread of scores into what seeds bring and what the finite test set brings."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from mushin.cells import Cell, read_cell
from mushin.config.plan import CellName
from mushin.errors import ConfigError, DataError
from mushin.layout import CELL, cell_folder
from mushin.metrics.catalog import get_metric
from mushin.resampled_scores import keeps_items, resampled_scores, scorable
from mushin.score_arrays import Labels, Scores, read_labels, read_scores
from mushin.statistics.item_bootstrap import spread_by_origin
from mushin.statistics.moments import moments

FloatArray = NDArray[np.float64]

_METRIC = "accuracy"
_COUNTS = "confusion"


@dataclass(frozen=True, eq=False)
class _Parts:
    """What one metric scatters, and where from; arrays of shape (datasets, methods)."""

    scores: Scores
    n_test: NDArray[np.int64]
    test_set: FloatArray
    flips: FloatArray


def variance_components(
    ds: xr.Dataset, *, cells: Path | str | None = None, resamples: int = 1000, seed: int = 0
) -> pd.DataFrame:
    """Say how far scores scatter over seeds, and how far over test sets of this size.

    Seeds share one test set, so their spread says nothing about another test set. For accuracy, what such a
    set would change follows from the confusion matrices: n items are right with chance p each, so that
    accuracy has the variance p (1 - p) / n over test sets. For every other metric of labels or values it
    takes cells that keep a record of each item (``keep_samples: true`` in conf/task): test sets are drawn
    from their items, the same items for all methods and seeds.

    Parameters
    ----------
    ds : Dataset
        As `open_results` returns it; without `cells` it needs `accuracy` and the counts `confusion`. Missing
        cells (NaN) are left out. Fewer metrics are faster: ``ds[["miou"]]``.
    cells : path, optional
        The results folder, which holds the cells of `ds`. With several data sets in it, `ds` must have the
        dimension ``dataset``.
    resamples : int
        Test sets that are drawn, at least 2. With 1000 a standard deviation is good to 2 %.
    seed : int
        Of the drawing.

    Returns
    -------
    DataFrame
        One row per metric, (dataset) and method. `n_test`: items of the test set, images where these are the
        samples. `sd_seeds`: the observed sd over seeds on this test set. `sd_test_set`: the sd of one model's
        score over test sets. `sd_seeds_low`: what is left of `sd_seeds` without what came from single items
        that flip between seeds; without `cells`, if as much came from them as can. `sd_total`: the most that
        a new seed on a new test set scatters. `share_test_set`: the share of `sd_total` squared that more
        seeds do not lower. `how`: ``analytic`` or ``bootstrap``. Methods are scored on the same items, so
        that part of it cancels in a difference. NaN where a metric is undefined on some drawn test set.

    Raises
    ------
    DataError
        There is no accuracy, there are no confusion matrices, or these do not belong together; the cells are
        of other results, keep no records, or none of their metrics can be computed from records.
    CellError
        A cell is missing or damaged.
    ConfigError
        `resamples` is below 2.

    References
    ----------
    Bouthillier et al. 2021 (MLSys), arXiv:2103.03098, section 3, for the binomial model; Efron & Tibshirani
    1993, An Introduction to the Bootstrap, chapter 6.

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
    labels = read_labels(ds)
    if cells is None:
        return _table([_analytic(ds, labels)], labels, "analytic")
    if isinstance(resamples, bool) or not isinstance(resamples, int) or resamples < 2:
        raise ConfigError(f"resamples is {resamples!r}; it must be a whole number from 2")
    return _table(_bootstrap(ds, labels, Path(cells), resamples, seed), labels, "bootstrap")


def _table(parts: list[_Parts], labels: Labels, how: str) -> pd.DataFrame:
    """Label the parts of every metric."""
    datasets = labels.datasets or (None,)
    rows = []
    for part in parts:
        of_runs = moments(part.scores.values)
        with np.errstate(invalid="ignore"):
            total = of_runs.sd**2 + part.test_set
            share = part.test_set / total
        columns = {
            "metric": part.scores.metric,
            "dataset": np.repeat(np.array(datasets, dtype=object), len(labels.methods)),
            "method": np.tile(np.array(labels.methods, dtype=object), len(datasets)),
            "n_seeds": of_runs.n.reshape(-1),
            "n_test": part.n_test.reshape(-1),
            "mean": of_runs.mean.reshape(-1),
            "sd_seeds": of_runs.sd.reshape(-1),
            "sd_seeds_low": np.sqrt(np.maximum(of_runs.sd**2 - part.flips, 0.0)).reshape(-1),
            "sd_test_set": np.sqrt(part.test_set).reshape(-1),
            "sd_total": np.sqrt(total).reshape(-1),
            "share_test_set": share.reshape(-1),
            "how": how,
        }
        rows.append(pd.DataFrame(columns))
    table = pd.concat(rows, ignore_index=True)
    return table if labels.datasets is not None else table.drop(columns="dataset")


def _analytic(ds: xr.Dataset, labels: Labels) -> _Parts:
    """Return the parts of accuracy, from the confusion matrices."""
    for name, what in ((_METRIC, "accuracy"), (_COUNTS, "confusion matrices")):
        if name not in ds:
            raise DataError(
                f"the results hold no {what} (variable {name!r}); where data sets differ in their classes, "
                "open one with open_results(file, group=NAME); for other metrics name the results folder, "
                "cells=..., of a task with keep_samples"
            )
    (scores,) = read_scores(ds, [_METRIC])
    accuracy, n_test = _accuracy_of_counts(ds, labels)
    known = ~np.isnan(scores.values)
    if not np.allclose(accuracy[known], scores.values[known], rtol=0, atol=1e-9):
        raise DataError("accuracy is not the share on the diagonal of confusion; were the metrics replaced?")
    binomial = np.where(known, accuracy * (1 - accuracy) / np.maximum(n_test, 1), 0.0)
    with np.errstate(invalid="ignore"):
        test_set = binomial.sum(axis=-1) / known.sum(axis=-1)
    return _Parts(scores, n_test.max(axis=-1), test_set, flips=test_set)


def _bootstrap(ds: xr.Dataset, labels: Labels, folder: Path, resamples: int, seed: int) -> list[_Parts]:
    """Return the parts of every metric that the records of the cells give."""
    all_scores = {scores.metric: scores for scores in read_scores(ds)}
    datasets = labels.datasets or (_only_dataset(folder, labels),)
    shape = len(datasets), len(labels.methods)
    parts: dict[str, _Parts] = {}
    for place in np.ndindex(shape):
        runs = _resampled_runs(all_scores, labels, place, str(datasets[place[0]]), folder, resamples, seed)
        for name, (observed, drawn, n_items) in runs.items():
            if name not in parts:
                nothing = np.full(shape, np.nan)
                parts[name] = _Parts(all_scores[name], np.zeros(shape, np.int64), nothing, nothing.copy())
            of_metric = parts[name]
            of_metric.n_test[place] = n_items
            of_metric.test_set[place], of_metric.flips[place] = spread_by_origin(observed, drawn)
    if not parts:
        raise DataError(
            f"none of {', '.join(all_scores)} can be computed from records of items; metrics of "
            "probabilities and of your own cannot"
        )
    return list(parts.values())


def _resampled_runs(
    all_scores: dict[str, Scores],
    labels: Labels,
    place: tuple[int, ...],
    dataset: str,
    folder: Path,
    resamples: int,
    seed: int,
) -> dict[str, tuple[FloatArray, FloatArray, int]]:
    """Return metric → scores (seeds,), scores on resamples (seeds, resamples), items; of one method."""
    found: dict[str, tuple[list[float], list[FloatArray], int]] = {}
    for column, run_seed in enumerate(labels.seeds):
        scores = {name: float(of_metric.values[*place, column]) for name, of_metric in all_scores.items()}
        known = [name for name, value in scores.items() if not np.isnan(value)]
        if not known:
            continue
        name = CellName(dataset, str(labels.methods[place[1]]), int(str(run_seed)))
        path = cell_folder(folder, name) / CELL
        cell = read_cell(path)
        if not keeps_items(cell):
            raise DataError(
                f"{path}: keeps no record of any item; say keep_samples: true in conf/task/ (or "
                "Task(..., keep_samples=True)) and evaluate again"
            )
        names = scorable(cell, known)
        _check_same(cell, path, {metric: scores[metric] for metric in names})
        drawn, n_items = resampled_scores(cell, names, resamples=resamples, seed=seed)
        for metric in names:
            observed, all_drawn, _ = found.setdefault(metric, ([], [], n_items))
            observed.append(scores[metric])
            all_drawn.append(drawn[metric])
    return {metric: (np.array(x), np.stack(y), n_items) for metric, (x, y, n_items) in found.items()}


def _check_same(cell: Cell, path: Path, scores: dict[str, float]) -> None:
    """Refuse a cell that the results do not come from."""
    arrays = cell.statistics.arrays()
    for metric, score in scores.items():
        of_cell = float(get_metric(metric).score(arrays, ignore_index=cell.ignore_index))
        if not math.isclose(of_cell, score, rel_tol=1e-9, abs_tol=1e-12):
            raise DataError(
                f"{path}: {metric} is {of_cell:g}, but {score:g} in the results; merge the cells again "
                "('mushin aggregate'), or name the folder that these results come from"
            )


def _only_dataset(folder: Path, labels: Labels) -> str:
    """Return the data set of results that do not name it: the only one in the folder with such a cell."""
    first = f"*/{labels.methods[0]}/{labels.seeds[0]}/{CELL}"
    found = sorted(path.parents[2].name for path in folder.glob(first))
    if len(found) != 1:
        raise DataError(
            f"{folder}: has the cell {first} of {len(found)} data sets ({', '.join(found) or 'none'}); cells "
            "is the results folder; where it holds several data sets, say which: "
            "ds.expand_dims(dataset=[NAME])"
        )
    return found[0]


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
