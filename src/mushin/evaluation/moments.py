"""Accumulate the moments of a regression, a batch at a time."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from mushin.errors import PredictionError

Values = NDArray[np.float64]


class MomentsAccumulator:
    """The moments of targets and predictions, which grow with each batch.

    Everything is float64. Values are shifted by the first of their kind, so that a large mean costs no digits
    and constant values have a spread of exactly 0; batches are joined by their means and squared deviations
    (Chan, Golub & LeVeque 1983, doi:10.2307/2683386).
    """

    def __init__(self) -> None:
        self._origin = (0.0, 0.0)
        self._count = 0
        self._means = np.zeros(2)
        self._squares = np.zeros(2)
        self._products = 0.0
        self._squared_errors = 0.0
        self._absolute_errors = 0.0

    def update(self, targets: Values, predictions: Values) -> None:
        """Add one batch.

        Parameters
        ----------
        targets, predictions : float64 array, shape (n,)
            Finite values.

        Raises
        ------
        PredictionError
            If the values are so large that their squares overflow.
        """
        if not targets.size:
            return
        if not self._count:
            self._origin = (float(targets[0]), float(predictions[0]))
        with np.errstate(over="ignore", invalid="ignore"):
            self._add_errors(predictions - targets)
            self._join(targets - self._origin[0], predictions - self._origin[1])
        if not all(map(math.isfinite, (*self._squares, self._products, self._squared_errors))):
            largest = max(float(np.abs(targets).max()), float(np.abs(predictions).max()))
            raise PredictionError(
                f"a target or a prediction is as large as {largest:g}, and squares of such differences are"
                " beyond float64; the model has probably diverged in training"
            )

    def moments(self) -> Values:
        """Return the moments so far, float64 (8,), in the order of `mushin.metrics.regression.MOMENTS`."""
        return np.array(
            [
                self._count,
                *(self._means + self._origin),
                *self._squares,
                self._products,
                self._squared_errors,
                self._absolute_errors,
            ],
            dtype=np.float64,
        )

    def _add_errors(self, errors: Values) -> None:
        self._squared_errors += float((errors * errors).sum())
        self._absolute_errors += float(np.abs(errors).sum())

    def _join(self, targets: Values, predictions: Values) -> None:
        """Join the shifted values of a batch with those before."""
        means = np.array([targets.mean(), predictions.mean()])
        of_targets, of_predictions = targets - means[0], predictions - means[1]
        gap, total = means - self._means, self._count + targets.size
        weight = self._count * targets.size / total
        self._squares += [(of_targets**2).sum(), (of_predictions**2).sum()] + gap**2 * weight
        self._products += float((of_targets * of_predictions).sum() + gap[0] * gap[1] * weight)
        self._means += gap * (targets.size / total)
        self._count = total
