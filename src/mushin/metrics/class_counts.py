"""The margins of confusion matrices: what every score of classes is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Counts = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class ClassCounts:
    """Confusion matrices with their sums, each computed once for all metrics.

    Attributes
    ----------
    confusion : int64 array, shape (..., C, C)
        Counts; rows are targets, columns predictions.
    hits : int64 array, shape (..., C)
        Samples of each class that were predicted as it.
    targets : int64 array, shape (..., C)
        Samples of each class.
    predictions : int64 array, shape (..., C)
        Samples that were predicted as each class.
    samples : int64 array, shape (...)
        All samples.
    ignore_index : int or None
        The class whose samples were left out, where it is one of the C.
    """

    confusion: Counts
    hits: Counts
    targets: Counts
    predictions: Counts
    samples: Counts
    ignore_index: int | None = None

    @property
    def false_alarms(self) -> Counts:
        """Samples of other classes that were predicted as each; false positives, shape (..., C)."""
        return self.predictions - self.hits

    @property
    def rejections(self) -> Counts:
        """Samples of other classes that were predicted as others; true negatives, shape (..., C)."""
        return self.samples[..., np.newaxis] - self.targets - self.predictions + self.hits


def count_classes(confusion: ArrayLike, *, ignore_index: int | None = None) -> ClassCounts:
    """Sum confusion matrices along their rows and columns.

    Parameters
    ----------
    confusion : int array, shape (..., C, C)
        Counts; rows are targets, columns predictions.
    ignore_index : int, optional
        The label that was ignored; of no consequence where it is no class.

    Returns
    -------
    ClassCounts
        The matrices and their sums.

    Examples
    --------
    >>> count_classes([[3, 1], [0, 4]]).rejections.tolist()
    [4, 3]
    """
    counts: NDArray[Any] = np.asarray(confusion, dtype=np.int64)
    is_class = ignore_index is not None and 0 <= ignore_index < counts.shape[-1]
    targets = counts.sum(axis=-1)
    return ClassCounts(
        confusion=counts,
        hits=np.diagonal(counts, axis1=-2, axis2=-1),
        targets=targets,
        predictions=counts.sum(axis=-2),
        samples=np.asarray(targets.sum(axis=-1)),
        ignore_index=ignore_index if is_class else None,
    )
