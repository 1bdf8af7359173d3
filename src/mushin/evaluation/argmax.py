"""Find the class of the highest score, a cache-sized tile at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mushin.errors import PredictionError

# Positions per tile: the running maximum, its label and the mask of a tile stay in the L2 cache.
_TILE = 32_768
# Scores of half precision that are widened at once, 8 MB.
_WIDENED = 2**21

Tile = tuple[slice, slice]
"""Which samples and which positions of a batch (N, C, S)."""


def positions_last(scores: Tensor) -> Tensor:
    """Return scores (N, C, ...) as (N, C, S): S is 1 for (N, C), and H * W for (N, C, H, W)."""
    return scores.unsqueeze(2) if scores.ndim == 2 else scores.flatten(2)


def tiles(n_samples: int, n_positions: int, size: int) -> Iterator[Tile]:
    """Cut (N, S) into blocks of about `size`: parts of one sample, or several whole samples."""
    together = max(1, size // max(1, n_positions))
    for first in range(0, n_samples, together):
        for start in range(0, n_positions, size):
            yield slice(first, min(first + together, n_samples)), slice(start, min(start + size, n_positions))


def highest_classes(scores: Tensor) -> NDArray[Any]:
    """Return the class of the highest score of each position.

    Parameters
    ----------
    scores : float tensor, shape (N, C, S)
        Of any float type and memory layout, on any device.

    Returns
    -------
    int array, shape (N, S)
        The first class of equals. An infinite score is a score like any other.

    Raises
    ------
    PredictionError
        If a score is NaN.
    """
    n_samples, n_classes, n_positions = scores.shape
    if scores.device.type != "cpu":
        return _highest_on_device(scores, torch.uint8 if n_classes <= 256 else torch.int32)
    labels = np.empty((n_samples, n_positions), dtype=np.min_scalar_type(n_classes - 1))
    is_half = scores.dtype.itemsize < 4  # numpy has no bfloat16, and is slow at float16
    size = max(1, _WIDENED // n_classes) if is_half else _TILE
    for samples, positions in tiles(n_samples, n_positions, size):
        tile = scores[samples, :, positions]
        block = (tile.float() if is_half else tile).numpy()
        best = highest_in_tile(block, labels[samples, positions])
        refuse_nan(bool(np.isnan(best).any()))
    return labels


def _highest_on_device(scores: Tensor, narrow: torch.dtype) -> NDArray[Any]:
    """Take the maximum where the scores lie, so that only narrow labels travel to the host."""
    best, labels = scores.max(dim=1)
    refuse_nan(bool(best.isnan().any()))
    on_host: NDArray[Any] = labels.to(narrow).cpu().numpy()
    return on_host


def refuse_nan(any_nan: bool) -> None:
    """Raise PredictionError if any logit is NaN: no class is then the highest."""
    if any_nan:
        raise PredictionError("the logits hold NaN; the model has probably diverged in training")


def highest_in_tile(scores: NDArray[Any], labels: NDArray[Any]) -> NDArray[Any]:
    """Write the class of the highest score (k, C, m) into `labels` (k, m) and return that score (k, m).

    It is NaN where any class's score is. Both ways give the first class of equals: `numpy.argmax` is the
    fastest along contiguous classes, the running maximum along contiguous positions.
    """
    if scores.strides[1] == scores.itemsize:
        found = scores.argmax(axis=1)
        np.copyto(labels, found, casting="unsafe")
        best: NDArray[Any] = scores[np.arange(len(found))[:, None], found, np.arange(found.shape[1])]
        return best
    return _running_maximum(scores, labels)


def _running_maximum(scores: NDArray[Any], labels: NDArray[Any]) -> NDArray[Any]:
    """Visit the classes in order; a class that beats the best so far has the highest label so far."""
    best = scores[:, 0].copy()
    beats = np.empty(best.shape, dtype=np.bool_)
    label_if_beats = np.empty(best.shape, dtype=labels.dtype)
    labels.fill(0)
    for label in range(1, scores.shape[1]):
        np.greater(scores[:, label], best, out=beats)
        np.maximum(best, scores[:, label], out=best)
        np.multiply(beats.view(np.uint8), labels.dtype.type(label), out=label_if_beats)
        np.maximum(labels, label_if_beats, out=labels)
    return best
