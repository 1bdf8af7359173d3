"""Count on the device of the predictions, and copy to the host once at the end.

Nothing here waits for the device: no boolean masks, `unique`, `nonzero` or `item`, and no `bincount`, whose
size depends on its input. Counts are added with `index_add_` to buffers of fixed size. They are integers, so
that the order of the additions does not matter, whichever way torch takes, also under
``torch.use_deterministic_algorithms(True)``. Sums of confidence are integers too, in steps of 2**-40.

The tests run this code on the CPU, where it gives what the host's accumulators give.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mushin.errors import MushinError
from mushin.evaluation.auroc import RankAccumulator
from mushin.evaluation.calibration import N_BINS, bin_edges
from mushin.evaluation.labels import refuse_other_type

_STEPS = 2.0**40
# Rows whose confidences are summed as integers before they become float64: 2**22 * 2**40 fits into int64.
_ROWS = 2**22
# Probabilities that wait on the device for one copy to the host, 64 MB.
_WAITING = 2**24


@dataclass(frozen=True, eq=False)
class DeviceLabels:
    """One batch of checked labels on the device.

    Attributes
    ----------
    targets : int64 tensor, shape (n,)
        Class indices; 0 where the sample does not count.
    counts : bool tensor, shape (n,)
        False for ignored and for faulty samples.
    """

    targets: Tensor
    counts: Tensor


class DeviceConfusion:
    """A confusion matrix that grows on the device.

    Parameters
    ----------
    num_classes : int
        C; labels are 0 to C - 1.
    ignore_index : int, optional
        Samples with this target are left out.
    device : torch.device
        Where the counts lie.
    """

    def __init__(self, num_classes: int, ignore_index: int | None, device: torch.device) -> None:
        self._num_classes = num_classes
        self._ignore_index = ignore_index
        # One cell more, for what does not count.
        self._counts = torch.zeros(num_classes**2 + 1, dtype=torch.int64, device=device)

    def update(self, predictions: Tensor, targets: Tensor) -> tuple[DeviceLabels, Tensor]:
        """Count flat labels; return them checked, and the notes on them.

        Parameters
        ----------
        predictions, targets : integer tensors, shape (n,)
            On the accumulator's device, n at least 1.

        Returns
        -------
        labels : DeviceLabels
        notes : int64 tensor, shape (4,)
            How many targets are out of range and one of them; the same of the predictions.
        """
        predictions, targets = predictions.long(), targets.long()
        wrong_target = (targets < 0) | (targets >= self._num_classes)
        wrong_prediction = (predictions < 0) | (predictions >= self._num_classes)
        counts = ~wrong_target
        if self._ignore_index is not None:
            ignored = targets == self._ignore_index
            wrong_target, counts = wrong_target & ~ignored, counts & ~ignored
        cell = targets * self._num_classes + predictions
        index = torch.where(counts & ~wrong_prediction, cell, self._num_classes**2)
        self._counts.index_add_(0, index, torch.ones_like(index))
        notes = (*_wrong_one(targets, wrong_target), *_wrong_one(predictions, wrong_prediction))
        return DeviceLabels(torch.where(counts, targets, 0), counts), torch.stack(notes)

    def matrix(self) -> NDArray[np.int64]:
        """Copy the counts to the host, int64 (C, C)."""
        counts: NDArray[np.int64] = self._counts[:-1].cpu().numpy()
        return counts.reshape(self._num_classes, self._num_classes)


class DeviceCalibration:
    """Bins of confidence that fill on the device; see `mushin.evaluation.calibration`.

    Confidences are summed in steps of 2**-40, which is exact from 2**-17 on, float32's last digit there.

    Parameters
    ----------
    device : torch.device
        Where the bins lie; it needs float64.
    """

    def __init__(self, device: torch.device) -> None:
        self._edges = torch.from_numpy(bin_edges()).to(device)
        # One bin more, for what does not count.
        self._count = torch.zeros(N_BINS + 1, dtype=torch.int64, device=device)
        self._correct = torch.zeros_like(self._count)
        self._confidence = torch.zeros(N_BINS + 1, dtype=torch.float64, device=device)

    def update(self, probabilities: Tensor, labels: DeviceLabels) -> None:
        """Count probabilities, float32 (n, C)."""
        for start in range(0, len(probabilities), _ROWS):
            rows = slice(start, start + _ROWS)
            self._add(probabilities[rows], labels.targets[rows], labels.counts[rows])

    def _add(self, probabilities: Tensor, targets: Tensor, counts: Tensor) -> None:
        highest, predictions = probabilities.max(dim=1)
        confidence = highest.clamp(0.0, 1.0)
        bins = torch.bucketize(confidence, self._edges, right=True) - 1
        bins = torch.where(counts, bins, N_BINS)
        self._count.index_add_(0, bins, torch.ones_like(bins))
        self._correct.index_add_(0, bins, (predictions == targets).long())
        steps = torch.zeros_like(self._count)
        steps.index_add_(0, bins, (confidence.double() * _STEPS).round().long())
        self._confidence += steps.double() / _STEPS

    def bins(self) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
        """Copy count, sum of confidence and number of correct samples of each bin to the host."""
        count, confidence, correct = (
            values[:-1].cpu().numpy() for values in (self._count, self._confidence, self._correct)
        )
        return count, confidence, correct


class DeviceRanks:
    """Probabilities that wait on the device until there are enough for one copy to the host.

    Parameters
    ----------
    ranks : RankAccumulator
        Gets them.
    device : torch.device
        Where they wait.
    waiting : int
        How many probabilities wait.
    """

    def __init__(self, ranks: RankAccumulator, device: torch.device, waiting: int = _WAITING) -> None:
        self._ranks = ranks
        self._size = max(1, waiting // ranks.num_classes)
        self._block = torch.empty(ranks.num_classes, self._size, dtype=torch.float32, device=device)
        self._targets = torch.empty(self._size, dtype=torch.int64, device=device)
        self._used = 0

    def update(self, probabilities: Tensor, labels: DeviceLabels) -> None:
        """Keep probabilities, float32 (n, C); what does not count is dropped on the host."""
        targets = torch.where(labels.counts, labels.targets, -1)
        start = 0
        while start < len(probabilities):
            taken = min(self._size - self._used, len(probabilities) - start)
            used = slice(self._used, self._used + taken)
            self._block[:, used] = probabilities[start : start + taken].T
            self._targets[used] = targets[start : start + taken]
            self._used += taken
            start += taken
            if self._used == self._size:
                self.flush()

    def flush(self) -> None:
        """Copy what waits to the host."""
        targets = self._targets[: self._used].cpu().numpy()
        kept = targets >= 0
        if kept.any():
            block = self._block[:, : self._used].cpu().numpy()
            self._ranks.update(block[:, kept].T, targets[kept])
        self._used = 0


def flat_on_device(labels: Tensor, name: str, error: type[MushinError], device: torch.device) -> Tensor:
    """Return labels as a flat tensor on a device; raise `error` if they are not integers."""
    refuse_other_type(labels, name, error)
    return labels.detach().reshape(-1).to(device, non_blocking=True)


def _wrong_one(labels: Tensor, wrong: Tensor) -> tuple[Tensor, Tensor]:
    """Return how many labels are wrong, and one of them; any label where none is."""
    place = wrong.long().argmax()
    return wrong.sum(), labels.gather(0, place.reshape(1))[0]
