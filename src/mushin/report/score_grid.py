"""Arrange a summary as a grid, methods by metrics, with the best mean and the verdicts marked."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from mushin.report.cells_text import (
    ARROW,
    NOTHING,
    decimals_of_metrics,
    fixed,
    note_on_spread,
    notes_on_runs,
    records,
    spread_of_mean,
)
from mushin.report.pair_cells import describe_test

MARKS = {
    "better": "+",
    "worse": "\N{MINUS SIGN}",
    "equivalent": "=",
    "non_inferior": "=",
    "underpowered": "?",
    "untestable": "?",
}
"""Decision about a method against the one it is measured by → the mark beside its mean."""

_OPPOSITE = {"better": "worse", "worse": "better"}
_MEANING = {
    "+": "better",
    "\N{MINUS SIGN}": "worse",
    "=": "equivalent, or not worse by more than the margin",
    "?": "no claim was possible (underpowered or untestable)",
}


@dataclass(frozen=True)
class GridCell:
    """One mean.

    `spread` is ± half of its interval, or the interval in brackets, or empty; `notes` says what is unusual
    about its runs; `mark` is one of the values of `MARKS`, or empty.
    """

    mean: str
    spread: str = ""
    notes: str = ""
    is_best: bool = False
    mark: str = ""


@dataclass(frozen=True)
class GridRow:
    """One method: `block` is the data set (and class) that it is measured on, empty where there is one."""

    block: tuple[str, ...]
    method: str
    cells: tuple[GridCell, ...]


@dataclass(frozen=True)
class ScoreGrid:
    """A summary as methods by metrics.

    Attributes
    ----------
    headings : tuple of str
        Of the metrics, each with its arrow.
    rows : tuple of GridRow
        Block by block, methods in the order of the summary.
    note : str
        What arrows, intervals, bold and marks mean; with the number of runs.
    """

    headings: tuple[str, ...]
    rows: tuple[GridRow, ...]
    note: str


def arrange_scores(summary: pd.DataFrame, comparisons: pd.DataFrame | None = None) -> ScoreGrid:
    """Arrange means as methods by metrics; the best of each column and block is marked.

    Parameters
    ----------
    summary : DataFrame
        From `mushin.summarise_methods`; with a column `class`, each class is a block of its own.
    comparisons : DataFrame, optional
        From `mushin.compare_methods` on the same results. Each method then carries what was decided about it
        against the baseline or, where all pairs were compared, against the method with the best mean.

    Returns
    -------
    ScoreGrid
        Means that look the same as the best after rounding count as best too.
    """
    block_keys = [key for key in ("dataset", "class") if key in summary]
    decimals = decimals_of_metrics(summary)
    table = records(summary)
    best = _best_methods(table, block_keys)
    baseline = None if comparisons is None else find_baseline(comparisons)
    decisions = {} if comparisons is None else _decisions(comparisons)
    grid: dict[tuple[Any, ...], dict[str, GridCell]] = {}
    for row in table:
        block, metric, method = tuple(str(row[key]) for key in block_keys), row["metric"], row["method"]
        digits = decimals[metric]
        of_best = best.get((metric, *block))
        reference = baseline if baseline is not None else (of_best["method"] if of_best else None)
        decision = decisions.get((metric, *block, method, reference), "")
        grid.setdefault((*block, method), {})[metric] = GridCell(
            mean=fixed(row["mean"], digits),
            spread=spread_of_mean(row, digits),
            notes=notes_on_runs(row),
            is_best=of_best is not None and fixed(of_best["mean"], digits) == fixed(row["mean"], digits),
            mark=MARKS.get(decision, ""),
        )
    arrows = {row["metric"]: ARROW[bool(row["higher_is_better"])] for row in table}
    rows = tuple(
        GridRow(key[:-1], str(key[-1]), tuple(cells.get(metric, GridCell(NOTHING)) for metric in arrows))
        for key, cells in grid.items()
    )
    marks = {cell.mark for row in rows for cell in row.cells if cell.mark}
    note = f"{_note_on_means(summary)}{_note_on_marks(comparisons, baseline, marks)}"
    return ScoreGrid(tuple(f"{metric} {arrow}" for metric, arrow in arrows.items()), rows, note)


def find_baseline(comparisons: pd.DataFrame) -> Hashable | None:
    """Return the method that all others were compared with, or None where all pairs were compared.

    Two methods are a pair like any other: there is no telling whether one is a baseline.

    Examples
    --------
    >>> find_baseline(pd.DataFrame({"method_a": ["cnn", "vit"], "method_b": ["mlp", "mlp"]}))
    'mlp'
    >>> find_baseline(pd.DataFrame({"method_a": ["cnn", "cnn", "vit"], "method_b": ["vit", "mlp", "mlp"]}))
    """
    first, second = set(comparisons["method_a"]), set(comparisons["method_b"])
    if len(second) == 1 and len(first) > 1:
        baseline: Hashable = next(iter(second))
        return baseline
    return None


def _best_methods(
    table: list[dict[str, Any]], block_keys: list[str]
) -> dict[tuple[Any, ...], dict[str, Any]]:
    """Return the row with the best mean of each metric and block; a method without a mean is none."""
    best: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in table:
        key = (row["metric"], *(str(row[name]) for name in block_keys))
        if math.isnan(row["mean"]):
            continue
        sign = 1 if row["higher_is_better"] else -1
        if key not in best or sign * row["mean"] > sign * best[key]["mean"]:
            best[key] = row
    return best


def _decisions(comparisons: pd.DataFrame) -> Mapping[tuple[Any, ...], str]:
    """Return what was decided about a method against another: (metric, block, method, other) → decision."""
    block_keys = [key for key in ("dataset", "class") if key in comparisons]
    found: dict[tuple[Any, ...], str] = {}
    for row in records(comparisons):
        of = (row["metric"], *(str(row[key]) for key in block_keys))
        a, b, decision = row["method_a"], row["method_b"], row["decision"]
        found[(*of, a, b)] = decision
        # That B is not inferior to A does not say that A is not inferior to B.
        if decision != "non_inferior":
            found[(*of, b, a)] = _OPPOSITE.get(decision, decision)
    return found


def _note_on_means(summary: pd.DataFrame) -> str:
    """Say what a cell holds, over how many runs."""
    fewest, most = int(summary["n"].min()), int(summary["n"].max())
    count = f"{most}" if fewest == most else f"{fewest} to {most}"
    runs = "run" if (fewest, most) == (1, 1) else "runs"
    arrows = "↑ higher is better, ↓ lower is better"
    held = f"mean over {count} {runs} (one per seed)"
    if summary["ci_low"].notna().any():
        held += f" {note_on_spread(summary, whose='its')}"
    return f"{arrows}; {held}. Bold: the best mean of a column."


def _note_on_marks(comparisons: pd.DataFrame | None, baseline: Hashable | None, marks: set[str]) -> str:
    """Explain the marks that occur, and what it means that there is none."""
    if comparisons is None:
        return ""
    reference = str(baseline) if baseline is not None else "the method with the best mean"
    if not marks:
        return f" No method is told apart from {reference} by these runs. {describe_test(comparisons)}"
    told = "; ".join(f"{mark} {meaning}" for mark, meaning in _MEANING.items() if mark in marks)
    unmarked = "without a mark: these runs do not tell it apart"
    return f" Marks say what holds against {reference}: {told}; {unmarked}. {describe_test(comparisons)}"
