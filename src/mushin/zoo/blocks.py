"""Hold out blocks of neighbouring slices for the test split."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mushin.errors import ConfigError

IntArray = npt.NDArray[np.int64]


def hold_out_blocks(
    n_slices: int, *, test_blocks: int, block_slices: int, gap: int
) -> tuple[IntArray, IntArray]:
    """Split slices in a row into training and test, so that no two neighbours fall on both sides.

    Each test block lies in the middle of an equal part of the row. `gap` slices on either side of it belong
    to neither split, because they resemble the test slices too much.

    Parameters
    ----------
    n_slices : int
        The length of the row.
    test_blocks : int
        How many blocks, at least 1.
    block_slices : int
        How many neighbouring slices each block has, at least 1.
    gap : int
        How many slices are left out on either side of each block, at least 0.

    Returns
    -------
    train, test : int64 arrays
        Indices, ascending.

    Raises
    ------
    ConfigError
        If a number is out of range, or no slice between two blocks is left for training.

    Examples
    --------
    >>> train, test = hold_out_blocks(12, test_blocks=2, block_slices=2, gap=1)
    >>> train.tolist(), test.tolist()
    ([0, 5, 6, 11], [2, 3, 8, 9])
    """
    for name, number, least in (("test_blocks", test_blocks, 1), ("gap", gap, 0)):
        if number < least:
            raise ConfigError(f"{name}: {number}; accepted: a whole number of at least {least}")
    room = n_slices // test_blocks - 2 * gap - 1
    if room < 1:
        raise ConfigError(
            f"gap: {gap}; {test_blocks} test blocks leave no training slice among {n_slices}; give fewer "
            "blocks or a smaller gap"
        )
    if not 1 <= block_slices <= room:
        raise ConfigError(
            f"block_slices: {block_slices}; accepted: 1 to {room}, so that training gets some of the "
            f"{n_slices} slices between {test_blocks} test blocks with a gap of {gap}"
        )
    part = n_slices / test_blocks
    starts = [int((number + 0.5) * part - block_slices / 2) for number in range(test_blocks)]
    near_test = np.zeros(n_slices, dtype=bool)
    in_test = np.zeros(n_slices, dtype=bool)
    for start in starts:
        near_test[start - gap : start + block_slices + gap] = True
        in_test[start : start + block_slices] = True
    return np.flatnonzero(~near_test), np.flatnonzero(in_test)
