"""Choose the comparisons to show where there are more than anybody reads."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd

MOST_COMPARISONS = 500
"""More of them are no picture that anybody reads: one of 24,500 rows takes 100 MB."""
MOST_METHODS = 10


@dataclass(frozen=True)
class Readable:
    """The methods and metrics whose comparisons are shown.

    Attributes
    ----------
    methods : frozenset of str
        By name.
    metrics : tuple of str
        Those that the claim is about before others.
    left_out : str
        What is left out; empty where nothing is.
    """

    methods: frozenset[str]
    metrics: tuple[str, ...]
    left_out: str = ""

    def of(self, comparisons: pd.DataFrame) -> pd.DataFrame:
        """Return the comparisons that are shown, in their order."""
        is_shown = comparisons["metric"].isin(self.metrics)
        for side in ("method_a", "method_b"):
            is_shown &= comparisons[side].astype(str).isin(self.methods)
        return comparisons[is_shown].reset_index(drop=True)


def choose_readable(comparisons: pd.DataFrame) -> Readable:
    """Choose methods and metrics where there are more comparisons than can be shown.

    What stays are the methods with the best means on the first metric, the baseline among them, and the first
    metrics, those that the claim is about before others.

    Parameters
    ----------
    comparisons : DataFrame
        From `mushin.compare_methods`, one row at least.

    Examples
    --------
    >>> table = pd.DataFrame({"metric": ["miou"], "method_a": ["fcn"], "method_b": ["unet"], "flags": [""]})
    >>> choose_readable(table).left_out
    ''
    """
    methods = _methods_of(comparisons)
    flags = comparisons["flags"].str.split(";")
    is_exploratory = pd.Series(["exploratory" in of_row for of_row in flags], index=comparisons.index)
    metrics = list(dict.fromkeys([*comparisons["metric"][~is_exploratory], *comparisons["metric"]]))
    if len(comparisons) <= MOST_COMPARISONS:
        return Readable(frozenset(methods), tuple(metrics))
    chosen = _best_methods(comparisons[comparisons["metric"] == metrics[0]], methods)
    of_methods = Readable(frozenset(chosen), tuple(metrics)).of(comparisons)
    rows_of_metric = max(1, len(of_methods) // len(metrics))
    first = metrics[: max(1, MOST_COMPARISONS // rows_of_metric)]
    shown = int(of_methods["metric"].isin(first).sum())
    if shown == len(comparisons):
        return Readable(frozenset(methods), tuple(metrics))
    left_out = (
        f"Shown here are {len(chosen)} of {len(methods)} methods, those with the best means of {metrics[0]}, "
        f"and {len(first)} of {len(metrics)} metrics: {shown:,} of {len(comparisons):,} comparisons."
    )
    return Readable(frozenset(chosen), tuple(first), left_out)


def _methods_of(comparisons: pd.DataFrame) -> list[str]:
    """Return all methods by name, in the order of the table."""
    names = comparisons[["method_a", "method_b"]].astype(str).to_numpy().ravel()
    return list(dict.fromkeys(names))


def _best_methods(of_metric: pd.DataFrame, methods: list[str]) -> list[str]:
    """Return the methods to show, given the comparisons of one metric."""
    if len(methods) <= MOST_METHODS:
        return methods
    means = _means(of_metric)
    sign = -1 if of_metric["higher_is_better"].iloc[0] else 1
    baselines = set(of_metric["method_b"].astype(str))
    baseline = baselines if len(baselines) == 1 else set()

    def place(method: str) -> tuple[bool, float]:
        mean = sign * means.get(method, math.nan)
        return method not in baseline, math.inf if math.isnan(mean) else mean

    return sorted(methods, key=place)[:MOST_METHODS]


def _means(of_metric: pd.DataFrame) -> dict[str, float]:
    """Return the mean of every method, over the data sets where there are several."""
    keys = ["dataset"] if "dataset" in of_metric else []
    sides: Iterable[Any] = (
        of_metric[[*keys, f"method_{side}", f"mean_{side}"]].set_axis([*keys, "method", "mean"], axis=1)
        for side in "ab"
    )
    known = pd.concat(sides, ignore_index=True).astype({"method": str})
    once = known.groupby([*keys, "method"], sort=False)["mean"].mean()
    return {str(name): float(mean) for name, mean in once.groupby(level="method").mean().items()}
