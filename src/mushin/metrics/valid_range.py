"""Tell scores outside the range of their metric from scores that rounding put there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]
Range = tuple[float, float]

# Scores may have been computed in single precision, some four roundings long.
_ROUNDING = 4 * float(np.finfo(np.float32).eps)


def are_outside(scores: Scores, valid_range: Range) -> NDArray[np.bool_]:
    """Say which scores lie outside the range, farther than rounding takes them.

    Parameters
    ----------
    scores : float64 array, shape (...)
        Of one metric; NaN is in every range.
    valid_range : (float, float)
        The lowest and the highest possible score.

    Returns
    -------
    bool array, shape (...)
        Rounding is 4 units in the last place of single precision: of the larger bound, or of the median
        size of the scores where that is larger.

    Examples
    --------
    >>> are_outside(np.array([1 + 1e-7, 1.5, np.nan, np.inf]), (0, 1)).tolist()
    [False, True, False, True]
    """
    low, high = valid_range
    sizes = [abs(bound) for bound in valid_range if np.isfinite(bound)]
    finite = np.abs(scores[np.isfinite(scores)])
    if finite.size:
        sizes.append(float(np.median(finite)))
    slack = _ROUNDING * max(sizes, default=0.0)
    outside: NDArray[np.bool_] = (scores < low - slack) | (scores > high + slack)
    return outside


def put_inside(scores: Scores, valid_range: Range) -> Scores:
    """Return the scores with those that rounding put outside the range on its bound; inf stays.

    Examples
    --------
    >>> put_inside(np.array([1 + 1e-7, np.inf]), (0, 1)).tolist()
    [1.0, inf]
    """
    return np.where(np.isinf(scores), scores, np.clip(scores, *valid_range))
