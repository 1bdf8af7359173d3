"""Score a cell on resamples of its test items, from the records that it keeps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mushin.cells import Cell
from mushin.metrics.catalog import get_metric, list_metrics
from mushin.metrics.metric import MOMENTS, VALUES
from mushin.statistics.item_bootstrap import item_counts

FloatArray = NDArray[np.float64]
_Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True, eq=False)
class _Items:
    """The items of a cell, and what a resample of them makes of its statistics.

    Attributes
    ----------
    count : int
        Of items.
    size : int
        Numbers that one resample comes to.
    resample : callable
        Item counts (k, items) → variables with the leading axis k.
    """

    count: int
    size: int
    resample: Callable[[NDArray[np.int64]], _Arrays]


def keeps_items(cell: Cell) -> bool:
    """Tell whether a cell keeps a record of every test item, and has one at all."""
    records = (cell.statistics.record_target, cell.statistics.target_value)
    return any(record is not None and record.size for record in records)


def scorable(cell: Cell, names: Sequence[str]) -> list[str]:
    """Return which of these metrics the records give: those of labels or of values, none of probabilities."""
    provided = {"confusion"} if cell.statistics.record_target is not None else {*MOMENTS, *VALUES}
    known = set(list_metrics())
    return [name for name in names if name in known and provided.issuperset(get_metric(name).requires)]


def resampled_scores(
    cell: Cell, names: Sequence[str], *, resamples: int, seed: int
) -> tuple[dict[str, FloatArray], int]:
    """Score a cell on test sets that are drawn from its own, item by item.

    Parameters
    ----------
    cell : Cell
        Keeps a record of every test item.
    names : sequence of str
        Metrics that are `scorable`.
    resamples : int
        How many test sets.
    seed : int
        The same seed draws the same items in every cell of one test set.

    Returns
    -------
    scores : dict of str to float array of shape (resamples,)
        NaN where a metric is undefined.
    n_items : int
        Samples; images where these are the samples. Those without a target that counts are no items.
    """
    needs_values = any(not set(VALUES).isdisjoint(get_metric(name).requires) for name in names)
    is_labels = cell.statistics.record_target is not None
    items = _of_labels(cell) if is_labels else _of_values(cell, keep_values=needs_values)
    scores = {name: np.empty(resamples) for name in names}
    for rows, counts in item_counts(items.count, resamples, seed, numbers_per_resample=items.size):
        arrays = items.resample(counts)
        for name in names:
            scores[name][rows] = get_metric(name).score(arrays, ignore_index=cell.ignore_index)
    return scores, items.count


def _of_labels(cell: Cell) -> _Items:
    """Add up confusion matrices: a sparse matrix with a row per item and a column per pair of labels."""
    found, n_classes = cell.statistics, cell.statistics.num_classes
    assert found.record_target is not None
    assert found.record_prediction is not None
    assert n_classes is not None
    pairs = found.record_target.astype(np.int64) * n_classes + found.record_prediction
    samples = np.arange(pairs.size) if found.record_sample is None else found.record_sample
    _, item = np.unique(samples, return_inverse=True)
    weights = np.ones(pairs.size) if found.record_count is None else found.record_count.astype(np.float64)
    count = int(item.max(initial=-1)) + 1
    by_pair = sparse.csr_array((weights, (pairs, item)), shape=(n_classes**2, count))

    def resample(counts: NDArray[np.int64]) -> _Arrays:
        # Whole numbers below 2**53, so that float64 adds them up exactly.
        summed = (by_pair @ counts.T.astype(np.float64)).T
        return {"confusion": np.rint(summed).astype(np.int64).reshape(-1, n_classes, n_classes)}

    return _Items(count, n_classes**2, resample)


def _of_values(cell: Cell, *, keep_values: bool) -> _Items:
    """Add up the moments of values, about the means of the test set; ranks need the values themselves."""
    targets, predictions = cell.statistics.target_value, cell.statistics.predicted_value
    assert targets is not None
    assert predictions is not None
    true, predicted = targets - targets.mean(), predictions - predictions.mean()
    errors = predictions - targets
    terms = np.stack(
        [true, predicted, true**2, predicted**2, true * predicted, errors**2, np.abs(errors)], axis=1
    )

    def resample(counts: NDArray[np.int64]) -> _Arrays:
        n = counts.sum(axis=1)
        sums = counts.astype(np.float64) @ terms
        means = sums[:, :2] / n[:, None]
        moments = np.column_stack(
            [
                n,
                means[:, 0] + targets.mean(),
                means[:, 1] + predictions.mean(),
                np.maximum(sums[:, 2:4] - n[:, None] * means**2, 0.0),
                sums[:, 4] - n * means[:, 0] * means[:, 1],
                sums[:, 5:],
            ]
        )
        if not keep_values:
            return {"regression_moments": moments}
        places = np.tile(np.arange(len(true)), len(counts))
        drawn = places.repeat(counts.reshape(-1)).reshape(counts.shape)
        values = zip(VALUES, (targets[drawn], predictions[drawn]), strict=True)
        return {"regression_moments": moments, **dict(values)}

    return _Items(len(true), 8 * len(true), resample)
