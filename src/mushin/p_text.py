"""Write a p-value for a reader."""

from __future__ import annotations

import math


def format_p(p_value: float) -> str:
    """Return p with three significant digits, or as a bound below 0.0001.

    Examples
    --------
    >>> format_p(0.04567), format_p(1e-9), format_p(float("nan"))
    ('0.0457', '<0.0001', 'n/a')
    """
    if math.isnan(p_value):
        return "n/a"
    return "<0.0001" if p_value < 1e-4 else f"{p_value:.3g}"
