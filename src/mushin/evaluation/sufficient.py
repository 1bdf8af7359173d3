"""The sufficient statistics of one evaluation: all that is kept of it, and enough to score it again."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mushin.errors import DataError
from mushin.metrics.regression import MOMENTS


@dataclass(frozen=True, kw_only=True)
class CustomScore:
    """What one of the user's own metrics came to, and how to read it.

    Attributes
    ----------
    value : float
        The score; NaN where the metric says so.
    higher_is_better : bool
        The direction.
    long_name, units : str
        What a table or an axis shows.
    valid_range : tuple of float
        The lowest and the highest possible score; infinite where nothing is known.
    """

    value: float
    higher_is_better: bool
    long_name: str
    units: str = "1"
    valid_range: tuple[float, float] = (-math.inf, math.inf)


@dataclass(frozen=True, kw_only=True, eq=False)
class SufficientStatistics:
    """What one evaluation leaves behind; every metric of the catalogue can be computed from it.

    Attributes
    ----------
    n_samples : int
        Samples scored: the sum of `confusion`, or the number of values.
    confusion : int64 array, shape (C, C), optional
        Counts of samples (or pixels); rows are targets, columns predictions. Ignored targets are left out.
        None for a task on values.
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

    regression_moments : float64 array, shape (8,), optional
        For a task on values: their number, means, squared deviations and errors, in the order of
        `mushin.metrics.regression.MOMENTS`.
    target_value, predicted_value : float64 array, shape (N,), optional
        For a task on values with a metric of ranks, or that keeps samples: every value, in the order of the
        data set.
    record_target, record_prediction : unsigned int array, shape (K,), optional
        For a task on classes that keeps samples: the labels of each sample that is not ignored, in the order
        of the data set, in the smallest type that holds them.
    record_sample, record_count : unsigned int array, shape (K,), optional
        With images as samples: the image of each record, and how many of its pixels have this pair of
        labels.
    scores : mapping of str to CustomScore
        What the user's own metrics came to; empty without such metrics.

    Raises
    ------
    DataError
        If there is neither a confusion matrix nor moments, or `n_samples` is not the number that they, or the
        records, count.

    Examples
    --------
    >>> statistics = SufficientStatistics(confusion=np.array([[3, 1], [0, 4]]), n_samples=8)
    >>> list(statistics.arrays())
    ['confusion']
    """

    n_samples: int
    confusion: NDArray[np.int64] | None = None
    calibration_count: NDArray[np.int64] | None = None
    calibration_confidence: NDArray[np.float64] | None = None
    calibration_correct: NDArray[np.int64] | None = None
    mann_whitney_u: NDArray[np.float64] | None = None
    regression_moments: NDArray[np.float64] | None = None
    target_value: NDArray[np.float64] | None = None
    predicted_value: NDArray[np.float64] | None = None
    record_target: NDArray[Any] | None = None
    record_prediction: NDArray[Any] | None = None
    record_sample: NDArray[Any] | None = None
    record_count: NDArray[Any] | None = None
    scores: Mapping[str, CustomScore] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if (self.confusion is None) == (self.regression_moments is None):
            raise DataError("accepted is either a confusion matrix or the moments of a regression")
        if self.regression_moments is not None and self.regression_moments.shape != (len(MOMENTS),):
            raise DataError(
                f"the moments have shape {self.regression_moments.shape}; accepted: ({len(MOMENTS)},)"
            )
        counted = {
            "the confusion matrix sums to": None if self.confusion is None else int(self.confusion.sum()),
            "the moments count": None if self.regression_moments is None else int(self.regression_moments[0]),
            "the number of targets is": None if self.target_value is None else self.target_value.size,
            "the number of predictions is": None
            if self.predicted_value is None
            else self.predicted_value.size,
            "the records count": self._recorded(),
        }
        for what, count in counted.items():
            if count is not None and count != self.n_samples:
                raise DataError(f"n_samples is {self.n_samples}, but {what} {count}")

    def _recorded(self) -> int | None:
        """Return how many samples, or pixels, the records stand for."""
        if self.record_count is not None:
            return int(self.record_count.sum())
        return None if self.record_target is None else self.record_target.size

    @property
    def num_classes(self) -> int | None:
        """The number of classes, C; None for a task on values."""
        return None if self.confusion is None else int(self.confusion.shape[0])

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays that are present, by the name of their variable in a cell file."""
        named = {name: getattr(self, name) for name in STATISTICS}
        return {name: array for name, array in named.items() if array is not None}


STATISTICS = tuple(
    entry.name for entry in fields(SufficientStatistics) if entry.name not in ("n_samples", "scores")
)
"""The names of all arrays, in the order in which a file holds them."""
