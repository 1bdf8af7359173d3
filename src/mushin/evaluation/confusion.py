"""Count targets against predictions, a batch at a time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mushin.errors import DataError, PredictionError
from mushin.evaluation.labels import Labels

# Samples counted at once: targets, predictions and their joint index stay in the L2 cache.
_CHUNK = 65_536
# Ignored labels within this distance of the classes are counted in rows of their own and dropped at the end,
# which is far cheaper than to select the others.
_SPARE_ROWS = 256
# A histogram over all cells pays from about this share of samples to cells.
_DENSE_SHARE = 1 / 8


class ConfusionAccumulator:
    """A confusion matrix that grows with each batch.

    Parameters
    ----------
    num_classes : int
        C; labels are 0 to C - 1.
    ignore_index : int, optional
        Samples with this target are left out, whether it is a class or not.
    """

    def __init__(self, num_classes: int, ignore_index: int | None = None) -> None:
        self.num_classes = num_classes
        self.ignore_index = ignore_index
        lowest, highest = _target_range(num_classes, ignore_index)
        self._selects = highest - lowest + 1 > num_classes + _SPARE_ROWS
        if self._selects:
            lowest, highest = 0, num_classes - 1
        self._lowest, self._highest = lowest, highest
        self._counts = np.zeros((highest - lowest + 1, num_classes), dtype=np.int64)
        self._index = np.empty(0, dtype=np.intp)

    def update(self, predictions: Labels, targets: Labels) -> None:
        """Count one batch.

        Parameters
        ----------
        predictions, targets : int arrays, shape (n,)
            Labels of any integer type.

        Raises
        ------
        DataError
            If a target is neither a class nor `ignore_index`.
        PredictionError
            If a prediction is not a class, at an ignored sample too.
        """
        for start in range(0, targets.size, _CHUNK):
            self._count(predictions[start : start + _CHUNK], targets[start : start + _CHUNK])
        self._refuse_spare_targets()

    def matrix(self) -> NDArray[np.int64]:
        """Return the counts so far, int64 (C, C); rows are targets, columns predictions.

        It is a view, for a second matrix of 20,000 classes would not fit: use it after the last update.
        """
        counts = self._counts[-self._lowest : self.num_classes - self._lowest]
        if self.ignore_index is not None and 0 <= self.ignore_index < self.num_classes:
            counts[self.ignore_index] = 0
        return counts

    def _count(self, predictions: Labels, targets: Labels) -> None:
        if int(predictions.min()) < 0 or int(predictions.max()) >= self.num_classes:
            wrong = (predictions < 0) | (predictions >= self.num_classes)
            raise prediction_out_of_range(int(predictions[wrong][0]), self.num_classes)
        if self._selects:
            kept = targets != self.ignore_index
            predictions, targets = predictions[kept], targets[kept]
            if not targets.size:
                return
        if int(targets.min()) < self._lowest or int(targets.max()) > self._highest:
            raise self._target_out_of_range(targets)
        index = self._joint_index(predictions, targets)
        flat = self._counts.reshape(-1)
        if index.size < _DENSE_SHARE * flat.size:
            np.add.at(flat, index, 1)
        else:
            flat += np.bincount(index, minlength=flat.size)

    def _joint_index(self, predictions: Labels, targets: Labels) -> NDArray[np.intp]:
        if self._index.size < targets.size:
            self._index = np.empty(targets.size, dtype=np.intp)
        index = self._index[: targets.size]
        np.multiply(targets, self.num_classes, out=index, dtype=np.intp, casting="unsafe")
        np.add(index, predictions, out=index, dtype=np.intp, casting="unsafe")
        if self._lowest:
            index -= self._lowest * self.num_classes
        return index

    def _refuse_spare_targets(self) -> None:
        """Raise where a row is occupied that is neither a class's nor that of `ignore_index`."""
        spare = slice(1, -self._lowest) if self._lowest else slice(self.num_classes, self._highest)
        occupied = self._counts[spare].any(axis=1)
        if occupied.any():
            raise self._target_out_of_range(np.arange(spare.start, spare.stop)[occupied] + self._lowest)

    def _target_out_of_range(self, targets: Labels) -> DataError:
        wrong = (targets < 0) | (targets >= self.num_classes)
        if self.ignore_index is not None:
            wrong &= targets != self.ignore_index
        return target_out_of_range(int(targets[wrong][0]), self.num_classes, self.ignore_index)


def target_out_of_range(value: int, num_classes: int, ignore_index: int | None) -> DataError:
    """Return the error for a target that is neither a class nor ignored."""
    ignored = "" if ignore_index is None else f" and ignore_index={ignore_index}"
    return DataError(
        f"a target is {value}; accepted are 0 to {num_classes - 1}{ignored}."
        f" Check num_classes={num_classes}, or pass ignore_index={value} if it marks what is to be left out"
    )


def prediction_out_of_range(value: int, num_classes: int) -> PredictionError:
    """Return the error for a prediction that is no class."""
    return PredictionError(
        f"a prediction is {value}; accepted are 0 to {num_classes - 1}, the indices of the classes."
        f" Check num_classes={num_classes} and the predict_fn"
    )


def _target_range(num_classes: int, ignore_index: int | None) -> tuple[int, int]:
    ignored = 0 if ignore_index is None else ignore_index
    return min(0, ignored), max(num_classes - 1, ignored)
