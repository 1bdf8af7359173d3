"""The result that every test returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from mushin.errors import DataError, unknown_name
from mushin.statistics.ties import FloatArray

StringArray = NDArray[np.str_]

MIN_RUNS = 2

Alternative = Literal["two-sided", "greater", "less"]
ALTERNATIVES: tuple[Alternative, ...] = get_args(Alternative)


@dataclass(frozen=True)
class Outcome:
    """What a test says about every pair of rows; all arrays have shape (...).

    Attributes
    ----------
    statistic : float array
        Its meaning is the test's; NaN where untestable.
    df : float array
        Degrees of freedom; NaN for a test without them.
    p_value : float array
        Two-sided unless another alternative was asked for, in [0, 1]; NaN where the pair is untestable.
    direction : float array
        1 where the test sees A above B, -1 where below, 0 where neither or untestable.
    how : str array
        How p was found: ``t``, ``one_sample_t`` (the other group is constant), ``exact``,
        ``asymptotic``, ``monte_carlo``, ``sign_flip`` (constant differences), or why it was not:
        ``too_few_runs``, ``both_constant``.
    """

    statistic: FloatArray
    df: FloatArray
    p_value: FloatArray
    direction: FloatArray
    how: StringArray


def check_alternative(alternative: str) -> None:
    """Refuse an alternative that does not exist.

    Raises
    ------
    UnknownNameError
        It is not one of ``ALTERNATIVES``.
    """
    if alternative not in ALTERNATIVES:
        raise unknown_name("alternative", alternative, ALTERNATIVES)


def as_runs(a: FloatArray, b: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Give both groups the same leading shape; their numbers of runs may differ."""
    first, second = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    shape = np.broadcast_shapes(first.shape[:-1], second.shape[:-1])
    return (
        np.broadcast_to(first, (*shape, first.shape[-1])),
        np.broadcast_to(second, (*shape, second.shape[-1])),
    )


def as_pairs(a: FloatArray, b: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Give both groups the same shape, and NaN to both runs of a pair that misses one.

    Raises
    ------
    DataError
        The groups have different numbers of runs.
    """
    first, second = as_runs(a, b)
    if first.shape != second.shape:
        raise DataError(
            f"a paired test needs the same seeds in both groups, got {first.shape[-1]} and "
            f"{second.shape[-1]} runs; use an unpaired test"
        )
    missing = np.isnan(first) | np.isnan(second)
    return np.where(missing, np.nan, first), np.where(missing, np.nan, second)


def refuse_diverged(*groups: FloatArray) -> None:
    """Raise where a run is inf: a mean of it says nothing.

    Raises
    ------
    DataError
        A value is inf or -inf.
    """
    count = sum(int(np.isinf(group).sum()) for group in groups)
    if count:
        raise DataError(
            f"{count} of the runs diverged (inf), and a mean can't be taken over them; "
            "use a rank test ('mannwhitney', 'wilcoxon'), where a diverged run counts as a loss"
        )
