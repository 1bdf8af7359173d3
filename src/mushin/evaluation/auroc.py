"""Keep the probabilities of every sample and rank them at the end, for the exact AUROC."""

from __future__ import annotations

import tempfile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mushin.evaluation.labels import Labels

# The first blocks are small and double: a few samples in a large one would be spread over all of its pages.
_FIRST_BLOCK_BYTES = 2**20
_BLOCK_BYTES = 16 * 2**20
_SPILLED_BLOCK_BYTES = 256 * 2**20
_MEMORY_BYTES = 2**30


class RankAccumulator:
    """All probabilities seen, class by class, and the Mann-Whitney statistic of each class.

    Probabilities are kept as float32 in blocks (C, samples), so that one class can be read and sorted at a
    time and nothing is copied as the number of samples grows. Blocks beyond `memory_bytes` are mapped to
    temporary files, which disappear with the process.

    Parameters
    ----------
    num_classes : int
        C.
    memory_bytes : int
        What may be held in memory before blocks go to disk.
    block_bytes, spilled_block_bytes : int
        The largest size of a block in memory, and the size on disk.
    """

    def __init__(
        self,
        num_classes: int,
        *,
        memory_bytes: int = _MEMORY_BYTES,
        block_bytes: int = _BLOCK_BYTES,
        spilled_block_bytes: int = _SPILLED_BLOCK_BYTES,
    ) -> None:
        self.num_classes = num_classes
        self._memory_left = memory_bytes
        self._block_bytes = block_bytes
        self._spilled_block_bytes = spilled_block_bytes
        self._blocks: list[NDArray[np.float32]] = []
        self._free = 0
        self._label_type = np.min_scalar_type(num_classes - 1)  # narrow labels sort by radix
        self._targets: list[Labels] = []

    def update(self, probabilities: NDArray[Any], targets: Labels) -> None:
        """Keep samples.

        Parameters
        ----------
        probabilities : float32 array, shape (n, C)
            In [0, 1], in any memory order.
        targets : int array, shape (n,)
            The true classes.
        """
        self._targets.append(targets.astype(self._label_type))
        start = 0
        while start < targets.size:
            if not self._free:
                self._add_block()
            block = self._blocks[-1]
            used = block.shape[1] - self._free
            taken = min(self._free, targets.size - start)
            block[:, used : used + taken] = probabilities[start : start + taken].T
            self._free -= taken
            start += taken

    def mann_whitney_u(self) -> NDArray[np.float64]:
        """Return U for each class against the others, float64 (C,), ties counting half; 0 without pairs.

        Mann & Whitney 1947, doi:10.1214/aoms/1177730491.
        """
        targets = np.concatenate([np.empty(0, dtype=self._label_type), *self._targets])
        by_class = np.argsort(targets, kind="stable")
        ends = np.cumsum(np.bincount(targets, minlength=self.num_classes))
        members = np.split(by_class, ends[:-1])
        return np.array([_u_statistic(self._row(label), members[label]) for label in range(self.num_classes)])

    def _row(self, label: int) -> NDArray[np.float32]:
        """Return a copy of one class's probabilities of all samples."""
        if not self._blocks:
            return np.empty(0, dtype=np.float32)
        full = [block[label] for block in self._blocks[:-1]]
        last = self._blocks[-1]
        return np.concatenate([*full, last[label, : last.shape[1] - self._free]])

    def _add_block(self) -> None:
        spills = self._memory_left < self._block_bytes
        growing = min(self._block_bytes, _FIRST_BLOCK_BYTES * 2 ** len(self._blocks))
        size = self._spilled_block_bytes if spills else growing
        shape = (self.num_classes, max(1, size // (4 * self.num_classes)))
        self._blocks.append(_mapped(shape) if spills else np.empty(shape, dtype=np.float32))
        self._memory_left -= 0 if spills else self._blocks[-1].nbytes
        self._free = shape[1]


def _mapped(shape: tuple[int, int]) -> NDArray[np.float32]:
    """Return an array in a nameless temporary file; the mapping keeps the file alive."""
    with tempfile.TemporaryFile() as file:
        return np.memmap(file, dtype=np.float32, mode="w+", shape=shape)


def _u_statistic(scores: NDArray[np.float32], members: NDArray[np.intp]) -> float:
    """Count pairs in which a member scores above a non-member, ties half; sorts `scores` in place.

    Each member's rank among all, less its rank among the members: members against members make
    ``members.size ** 2`` half pairs, whatever their scores.
    """
    positives = np.sort(scores[members])
    scores.sort()
    below = int(np.searchsorted(scores, positives, side="left").sum())
    not_above = int(np.searchsorted(scores, positives, side="right").sum())
    return (below + not_above - positives.size**2) / 2
