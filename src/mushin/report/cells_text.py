"""Format the numbers of a table's cells, the same in every kind of table."""

from __future__ import annotations

import math
import statistics
from typing import Any

import pandas as pd

DIRECTION = {True: "higher is better", False: "lower is better"}
ARROW = {True: "↑", False: "↓"}
NOTHING = "n/a"
NOTES = {"n_missing": "missing", "n_diverged": "diverged"}
"""Which counts of the summary are said beside a mean, and how."""


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
    """Return the decimals that show two digits of the interval's half-width, or three of the number."""
    half = (row["ci_high"] - row["ci_low"]) / 2
    if half > 0 and math.isfinite(half):
        return max(0, 1 - math.floor(math.log10(half)))
    number = row["mean"] if "mean" in row else row["mean_diff"]
    if number and math.isfinite(number):
        return max(0, 2 - math.floor(math.log10(abs(number))))
    return 3


def fixed(value: float, digits: int) -> str:
    """Return a number with so many decimals; n/a for NaN; powers of ten where it is very small."""
    if math.isnan(value):
        return NOTHING
    return f"{value:#.3g}" if digits > 6 else f"{value:.{digits}f}"


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


def format_p(p_value: float) -> str:
    """Return p with three significant digits, or as a bound below 0.0001.

    Examples
    --------
    >>> format_p(0.04567), format_p(1e-9), format_p(float("nan"))
    ('0.0457', '<0.0001', 'n/a')
    """
    if math.isnan(p_value):
        return NOTHING
    return "<0.0001" if p_value < 1e-4 else f"{p_value:.3g}"


def half_width(row: dict[str, Any]) -> float:
    """Return the half-width of a mean's interval; NaN where it has none.

    A bound may be cut to the valid range, so it is taken from the farther one.
    """
    return float(max(row["ci_high"] - row["mean"], row["mean"] - row["ci_low"]))


def notes_on_runs(row: dict[str, Any]) -> str:
    """Return what is unusual about the runs behind a mean, such as ``1 missing``; or nothing.

    Examples
    --------
    >>> notes_on_runs({"n_missing": 1, "n_diverged": 0})
    '1 missing'
    """
    return ", ".join(f"{row[key]} {word}" for key, word in NOTES.items() if row[key])
