"""Decide what can be claimed of a pair."""

from __future__ import annotations

import numpy as np

from mushin.errors import ConfigError
from mushin.statistics.outcome import StringArray
from mushin.statistics.ties import BoolArray, FloatArray, IntArray

MIN_RUNS_FOR_A_CLAIM = 3

CLAIMS = ("better", "worse", "equivalent", "non_inferior")
"""Decisions that claim something."""


def check_alpha(alpha: float) -> None:
    """Refuse an alpha that is no chance between 0 and 1.

    Raises
    ------
    ConfigError
        `alpha` is not a number in (0, 1).
    """
    if isinstance(alpha, bool) or not isinstance(alpha, float | int | np.floating) or not 0 < alpha < 1:
        raise ConfigError(f"alpha is {alpha!r}; it must be a number between 0 and 1, such as 0.05")


def reaches(p_value: FloatArray, level: float) -> BoolArray:
    """Say whether p is at most `level`, the rounding of exact p-values aside; NaN is not.

    Examples
    --------
    >>> reaches(np.array([0.1 + 1e-17, 0.2, np.nan]), 0.1).tolist()
    [True, False, False]
    """
    reached: BoolArray = p_value <= level * (1 + 1e-12)
    return reached


def decide(
    p_value: FloatArray,
    significant: BoolArray,
    advantage: FloatArray,
    *,
    fewest_runs: IntArray,
    can_claim: BoolArray,
    equivalent: BoolArray | bool = False,
    non_inferior: BoolArray | bool = False,
) -> StringArray:
    """Say which claim the design and the data allow, for each pair.

    Parameters
    ----------
    p_value : float array, shape (...)
        NaN where untestable.
    significant : bool array, shape (...)
        Whether the adjusted p reaches alpha.
    advantage : float array, shape (...)
        Positive where A does better than B, the direction of the metric taken into account.
    fewest_runs : int array, shape (...)
        Of the smaller group. Fewer than three never allow a claim.
    can_claim : bool array, shape (...)
        Whether the design could give a significant p: whether the smallest p-values that it can reach,
        those of the whole family adjusted together by the same correction, reach alpha.
    equivalent, non_inferior : bool array, shape (...)
        Whether the adjusted evidence for a difference within the declared margin, or above its lower
        end, reaches alpha.

    Returns
    -------
    str array, shape (...)
        ``better`` or ``worse`` (A against B), else ``equivalent``, else ``non_inferior``; ``untestable``:
        no p at all; ``underpowered``: no data of this design could have given a claim; ``inconclusive``:
        these data did not. A significant difference is named even where it lies within the margin.

    Examples
    --------
    >>> six, no = np.array([6, 6]), np.array([False, False])
    >>> p_value, advantage = np.array([0.031, 0.031]), np.array([1.0, 1.0])
    >>> decide(p_value, no, advantage, fewest_runs=six, can_claim=np.array([False, True])).tolist()
    ['underpowered', 'inconclusive']
    """
    enough = fewest_runs >= MIN_RUNS_FOR_A_CLAIM
    return np.select(
        [
            np.isnan(p_value),
            significant & enough & (advantage > 0),
            significant & enough & (advantage < 0),
            enough & equivalent,
            enough & non_inferior,
            ~enough | ~can_claim,
        ],
        ["untestable", "better", "worse", "equivalent", "non_inferior", "underpowered"],
        default="inconclusive",
    )
