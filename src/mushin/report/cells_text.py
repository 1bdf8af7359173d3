"""Format the numbers of a table's cells, the same in every kind of table."""

from __future__ import annotations

import math
import statistics
from typing import Any

import numpy as np
import pandas as pd

from mushin.statistics.intervals import t_interval

DIRECTION = {True: "higher is better", False: "lower is better"}
ARROW = {True: "↑", False: "↓"}
NOTHING = "n/a"
NOTES = {"n_missing": "missing", "n_diverged": "diverged"}
"""Which counts of the summary are said beside a mean, and how."""
_LONGEST = 1e7
_ROUNDING = 0.01


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows as dictionaries."""
    columns = [table[name].tolist() for name in table]
    names = [str(name) for name in table]
    return [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]


def decimals_of_metrics(summary: pd.DataFrame) -> dict[str, int]:
    """Return the decimals for each metric: the middle one of what its rows need."""
    needed: dict[str, list[int]] = {}
    for row in records(summary):
        needed.setdefault(row["metric"], []).append(decimals_of_row(row))
    return {metric: statistics.median_low(digits) for metric, digits in needed.items()}


def decimals_of_row(row: dict[str, Any]) -> int:
    """Return the decimals that show two digits of the interval's half-width, or three of the number.

    Below zero they count the digits before the point that say nothing.
    """
    half = (row["ci_high"] - row["ci_low"]) / 2
    if half > 0 and math.isfinite(half):
        return 1 - math.floor(math.log10(half))
    number = row["mean"] if "mean" in row else row["mean_diff"]
    if number and math.isfinite(number):
        return 2 - math.floor(math.log10(abs(number)))
    return 3


def fixed(value: float, digits: int) -> str:
    """Return a number with so many decimals; n/a for NaN; powers of ten where it is very small or large.

    Examples
    --------
    >>> fixed(0.12345, 3), fixed(9e-10, 11), fixed(3.21e30, -28), fixed(123456789.0, -1)
    ('0.123', '9.00e-10', '3.21e+30', '1.2345679e+08')
    """
    if math.isnan(value):
        return NOTHING
    if digits > 6:
        return f"{value:#.3g}"
    if _LONGEST <= abs(value) < math.inf:
        return f"{value:.{max(2, math.floor(math.log10(abs(value))) + digits)}e}"
    return f"{value:.{max(0, digits)}f}"


def signed(value: float, digits: int) -> str:
    """Return a number with its sign."""
    return fixed(value, digits) if math.isnan(value) or value < 0 else f"+{fixed(value, digits)}"


def interval(low: float, high: float, digits: int, *, sign: str = "") -> str:
    """Return an interval in brackets."""
    if math.isnan(low):
        return NOTHING
    show = signed if sign else fixed
    return f"[{show(low, digits)}, {show(high, digits)}]"


def percent(alpha: float) -> str:
    """Return the level of an interval."""
    return f"{100 * (1 - alpha):g}%"


def interval_name(alpha: float) -> str:
    """Return the heading of a column of intervals."""
    return f"{percent(alpha)} interval"


def spread_of_mean(row: dict[str, Any], digits: int) -> str:
    """Return ± half of the interval of a mean; the interval where both bounds are cut to the valid range.

    Empty where there is no interval. One bound may be cut, so the half is taken from the farther one.

    Examples
    --------
    >>> cut_above = {"mean": 0.9, "ci_low": 0.6518, "ci_high": 1.0, "n": 3, "sd": 0.1, "alpha": 0.05}
    >>> spread_of_mean(cut_above, 2)
    '± 0.25'
    >>> spread_of_mean({**cut_above, "mean": 0.5, "ci_low": 0.0, "n": 2, "sd": 0.7}, 2)
    '[0.00, 1.00]'
    """
    if math.isnan(row["ci_low"]):
        return ""
    if _is_cut_at_both_ends(row):
        return interval(row["ci_low"], row["ci_high"], digits)
    return f"± {fixed(_farther_half(row), digits)}"


def note_on_spread(summary: pd.DataFrame, *, whose: str) -> str:
    """Say what stands beside the means of a summary, such as ``± half of its 95% t interval``."""
    told = f"± half of {whose} {percent(summary['alpha'].iloc[0])} t interval"
    if any(map(_is_cut_at_both_ends, records(summary))):
        told += "; in brackets the interval itself, where the range of the metric cuts both its ends"
    return told


def _is_cut_at_both_ends(row: dict[str, Any]) -> bool:
    """Tell whether an interval shows less than its half-width on both sides, rounding aside."""
    if math.isnan(row["ci_low"]):
        return False
    error, df = np.array(row["sd"] / math.sqrt(row["n"])), np.array(row["n"] - 1.0)
    _, half = t_interval(np.array(0.0), error, df, alpha=row["alpha"])
    return bool(_farther_half(row) < (1 - _ROUNDING) * half)


def _farther_half(row: dict[str, Any]) -> float:
    return float(max(row["ci_high"] - row["mean"], row["mean"] - row["ci_low"]))


def notes_on_runs(row: dict[str, Any]) -> str:
    """Return what is unusual about the runs behind a mean, such as ``1 missing``; or nothing.

    Examples
    --------
    >>> notes_on_runs({"n_missing": 1, "n_diverged": 0})
    '1 missing'
    """
    return ", ".join(f"{row[key]} {word}" for key, word in NOTES.items() if row[key])
