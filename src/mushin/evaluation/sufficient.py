"""The sufficient statistics of one evaluation: all that is kept of it, and enough to score it again."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mushin.errors import DataError


@dataclass(frozen=True, kw_only=True, eq=False)
class SufficientStatistics:
    """What one evaluation leaves behind; every metric of the catalogue can be computed from it.

    Attributes
    ----------
    confusion : int64 array, shape (C, C)
        Counts of samples (or pixels); rows are targets, columns predictions. Ignored targets are left out.
    n_samples : int
        Samples scored: the sum of `confusion`.
    calibration_count : int64 array, shape (16,), optional
        Samples in each bin of confidence; the last bin holds confidence 1 exactly.
    calibration_confidence : float64 array, shape (16,), optional
        Sum of the highest probability over the samples of each bin.
    calibration_correct : int64 array, shape (16,), optional
        Samples of each bin whose most probable class is the target.
    mann_whitney_u : float64 array, shape (C,), optional
        For each class, pairs of a sample of the class and a sample of another in which the former has the
        higher probability for the class; ties count half. With the row sums of `confusion` it gives the
        exact AUROC.

    Raises
    ------
    DataError
        If `n_samples` is not the sum of `confusion`.

    Examples
    --------
    >>> statistics = SufficientStatistics(confusion=np.array([[3, 1], [0, 4]]), n_samples=8)
    >>> list(statistics.arrays())
    ['confusion']
    """

    confusion: NDArray[np.int64]
    n_samples: int
    calibration_count: NDArray[np.int64] | None = None
    calibration_confidence: NDArray[np.float64] | None = None
    calibration_correct: NDArray[np.int64] | None = None
    mann_whitney_u: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        total = int(self.confusion.sum())
        if total != self.n_samples:
            raise DataError(f"n_samples is {self.n_samples}, but the confusion matrix sums to {total}")

    @property
    def num_classes(self) -> int:
        """The number of classes, C."""
        return int(self.confusion.shape[0])

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays that are present, by the name of their variable in a cell file."""
        named = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "n_samples"}
        return {name: array for name, array in named.items() if array is not None}
