"""Divide counts."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def ratio(numerator: NDArray[Any], denominator: NDArray[Any], *, empty: float = 0.0) -> NDArray[np.float64]:
    """Divide in float64; `empty` where the denominator is 0.

    Examples
    --------
    >>> ratio(np.array([3, 0]), np.array([4, 0])).tolist()
    [0.75, 0.0]
    """
    quotient = np.full(np.broadcast_shapes(numerator.shape, denominator.shape), empty, dtype=np.float64)
    np.divide(numerator, denominator, out=quotient, where=denominator != 0)
    return quotient
