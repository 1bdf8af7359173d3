"""Count how often the most probable class is right, by how probable it is."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mushin.evaluation.argmax import highest_in_tile
from mushin.evaluation.labels import Labels

N_BINS = 16


def bin_edges() -> NDArray[np.float32]:
    """Return the lower edges of the bins: 0 to 1 in steps of 1/15, float32, bit for bit as `torch.linspace`.

    torch steps from the nearer end, by a float32 step, and rounds once.
    """
    step = np.float64(np.float32(1) / np.float32(N_BINS - 1))
    position = np.arange(N_BINS)
    edges = np.where(position < N_BINS // 2, position * step, 1.0 - (N_BINS - 1 - position) * step)
    return edges.astype(np.float32)


class CalibrationAccumulator:
    """Bins of confidence that fill with each batch, summed in float64.

    A bin holds its lower edge and not its upper one, so confidence 1 has the last bin for itself, as in
    torchmetrics ``multiclass_calibration_error(n_bins=15)``; the sums stay right beyond 1e6 samples, where
    float32 sums do not.
    """

    def __init__(self) -> None:
        self._edges = bin_edges()
        self.count = np.zeros(N_BINS, dtype=np.int64)
        self.confidence = np.zeros(N_BINS, dtype=np.float64)
        self.correct = np.zeros(N_BINS, dtype=np.int64)

    def update(self, probabilities: NDArray[Any], targets: Labels) -> None:
        """Count samples.

        Parameters
        ----------
        probabilities : float32 array, shape (n, C)
            In [0, 1], in any memory order.
        targets : int array, shape (n,)
            The true classes.
        """
        predictions = np.empty((1, targets.size), dtype=np.min_scalar_type(probabilities.shape[1] - 1))
        highest = highest_in_tile(probabilities.T[None], predictions)[0]
        confidence = np.clip(highest, 0.0, 1.0)  # a sum of rounded parts may pass either by an ulp
        bins = np.searchsorted(self._edges, confidence, side="right") - 1
        self.count += np.bincount(bins, minlength=N_BINS)
        self.confidence += np.bincount(bins, weights=confidence, minlength=N_BINS)
        self.correct += np.bincount(bins[predictions[0] == targets], minlength=N_BINS)
