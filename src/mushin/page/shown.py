"""Choose what the page of a study with many methods and metrics shows, and say what it leaves out."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass, replace

import pandas as pd

from mushin.page.content import StudyContent
from mushin.report.score_grid import find_baseline
from mushin.score_arrays import read_labels

MOST_COMPARISONS = 500
"""More of them are no page that anybody reads: a figure of 24,500 rows takes 100 MB."""
MOST_METHODS = 10


@dataclass(frozen=True, eq=False)
class Shown:
    """The part of a study that its page shows comparison by comparison.

    Attributes
    ----------
    content : StudyContent
        With fewer methods and metrics where the study has very many.
    left_out : str
        What is left out, and where it stands; empty where nothing is.
    """

    content: StudyContent
    left_out: str = ""


def choose_shown(content: StudyContent) -> Shown:
    """Leave out methods and metrics where there are more comparisons than a page can show.

    What stays are the methods with the best means on the first metric, the baseline among them, and the first
    metrics, those that the claim is about before others. Whatever is computed over a whole family, such as an
    adjusted p, stays as it is.
    """
    comparisons = content.comparisons
    if len(comparisons) <= MOST_COMPARISONS:
        return Shown(content)
    flags = comparisons["flags"].str.split(";")
    is_exploratory = pd.Series(["exploratory" in of_row for of_row in flags], index=comparisons.index)
    all_metrics = list(dict.fromkeys([*comparisons["metric"][~is_exploratory], *comparisons["metric"]]))
    all_methods = read_labels(content.ds).methods
    methods = _best_methods(content, all_methods, all_metrics[0])
    of_methods = comparisons[comparisons["method_a"].isin(methods) & comparisons["method_b"].isin(methods)]
    rows_of_metric = max(1, len(of_methods) // len(all_metrics))
    metrics = all_metrics[: max(1, MOST_COMPARISONS // rows_of_metric)]
    left_out = (
        f"Shown here are {len(methods)} of {len(all_methods)} methods, those with the best means of"
        f" {all_metrics[0]}, and {len(metrics)} of {len(all_metrics)} metrics:"
        f" {int(of_methods['metric'].isin(metrics).sum()):,} of {len(comparisons):,} comparisons. All of them"
        " stand in comparisons.csv, comparisons.html and comparisons.md."
    )
    return Shown(_narrowed(content, methods, metrics), left_out)


def _best_methods(content: StudyContent, methods: tuple[Hashable, ...], metric: str) -> list[Hashable]:
    """Return the methods to show, in the order of the study."""
    if len(methods) <= MOST_METHODS:
        return list(methods)
    of_metric = content.summary[content.summary["metric"] == metric]
    means = of_metric.groupby(of_metric["method"].astype(str))["mean"].mean()
    sign = -1 if of_metric["higher_is_better"].iloc[0] else 1
    baseline = find_baseline(content.comparisons)

    def place(method: Hashable) -> tuple[bool, float]:
        mean = sign * float(means.get(str(method), math.nan))
        return str(method) != str(baseline), math.inf if math.isnan(mean) else mean

    chosen = set(sorted(methods, key=place)[:MOST_METHODS])
    return [method for method in methods if method in chosen]


def _narrowed(content: StudyContent, methods: list[Hashable], metrics: list[str]) -> StudyContent:
    """Return the content with these methods and metrics only."""
    kept = set(map(str, methods))
    comparisons, costs = content.comparisons, content.costs
    is_shown = comparisons["metric"].isin(metrics)
    for side in ("method_a", "method_b"):
        is_shown &= comparisons[side].astype(str).isin(kept)
    unshown = set(comparisons["metric"]) - set(metrics)
    places = [list(read_labels(content.ds).methods).index(method) for method in methods]
    return replace(
        content,
        ds=content.ds.drop_vars([name for name in content.ds.data_vars if name in unshown]).isel(
            method=places
        ),
        comparisons=comparisons[is_shown].reset_index(drop=True),
        costs=None if costs is None else costs[costs["method"].astype(str).isin(kept)],
        groups={name: ds.isel(method=places) for name, ds in content.groups.items()},
        histories={cell: found for cell, found in content.histories.items() if cell.method in kept},
    )
