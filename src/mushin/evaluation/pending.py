"""Gather small batches, so that they are scored together and not each for a few microseconds' work."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from mushin.errors import DataError, PredictionError
from mushin.evaluation.batches import naming_batch

# Batches of more logits than this are scored at once: what is fixed per call is small beside them.
_ENOUGH = 2**17


class PendingBatches:
    """Batches of logits and targets that wait until there are enough of them.

    Parameters
    ----------
    score : callable
        Takes logits (N, C, ...) and targets (N, ...).
    enough : int
        How many logits are scored together.
    """

    def __init__(self, score: Callable[[Tensor, Tensor], None], enough: int = _ENOUGH) -> None:
        self._score = score
        self._enough = enough
        self._waiting: list[tuple[int, Tensor, Tensor]] = []
        self._size = 0

    def add(self, batch: int, logits: Tensor, targets: Tensor) -> None:
        """Score a batch, or keep a copy of it until `flush`.

        Raises
        ------
        PredictionError, DataError
            If this batch or one that waited cannot be scored; the message names the batch.
        """
        if logits.numel() >= self._enough:
            self.flush()
            with naming_batch(batch):
                self._score(logits, targets)
            return
        if self._waiting and not _alike(self._waiting[-1][1:], (logits, targets)):
            self.flush()
        # A copy, for a model or a loader may write its next output to the same memory.
        self._waiting.append((batch, logits.clone(), targets.clone()))
        self._size += logits.numel()
        if self._size >= self._enough:
            self.flush()

    def flush(self) -> None:
        """Score the batches that wait; the message of an error names the first batch at fault."""
        waiting, self._waiting, self._size = self._waiting, [], 0
        if not waiting:
            return
        try:
            self._score(torch.cat([logits for _, logits, _ in waiting]), torch.cat([t for *_, t in waiting]))
        except (DataError, PredictionError):
            for batch, logits, targets in waiting:
                with naming_batch(batch):
                    self._score(logits, targets)
            raise


def _alike(one: tuple[Tensor, Tensor], other: tuple[Tensor, Tensor]) -> bool:
    return all(
        a.shape[1:] == b.shape[1:] and a.dtype == b.dtype and a.device == b.device
        for a, b in zip(one, other, strict=True)
    )
