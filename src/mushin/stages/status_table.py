"""Format which cells of a study would run, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from tabulate import tabulate

from mushin.colours import Paint, plain
from mushin.stages.status import CellStatus

FORMAT = "mushin-plan/1"
MOST_LISTED = 50
"""Cells. A study of more is shown by data set and method."""
_REASONS = 5


def format_status(statuses: Sequence[CellStatus], *, all_cells: bool = False, paint: Paint = plain) -> str:
    """Return a table with a line per cell, or by data set and method where there are many, and the count.

    Parameters
    ----------
    statuses : sequence of CellStatus
        One per cell of the plan.
    all_cells : bool
        List the cells of a large study too.
    paint : Paint
        How words are coloured.

    Returns
    -------
    str
        For a terminal.
    """
    is_long = len(statuses) > MOST_LISTED and not all_cells
    table = _by_method(statuses, paint) if is_long else _by_cell(statuses, paint)
    counts = Counter(bool(status.runs) for status in statuses)
    cells = "1 cell" if len(statuses) == 1 else f"{len(statuses)} cells"
    hint = "\n'mushin plan --cells' lists them all" if is_long else ""
    return f"{table}\n\n{cells}: {counts[False]} complete, {counts[True]} to run{hint}"


def status_content(results: str, statuses: Sequence[CellStatus]) -> dict[str, Any]:
    """Return the same for `mushin.report.json_text.to_json`."""
    n_to_run = sum(bool(status.runs) for status in statuses)
    return {
        "format": FORMAT,
        "results": results,
        "n_cells": len(statuses),
        "n_complete": len(statuses) - n_to_run,
        "n_to_run": n_to_run,
        "cells": [
            {
                **asdict(status.cell),
                "runs": status.runs.split(", ") if status.runs else [],
                "reason": status.reason,
            }
            for status in statuses
        ],
    }


def _by_cell(statuses: Sequence[CellStatus], paint: Paint) -> str:
    rows = [
        (status.cell.dataset, status.cell.method, status.cell.seed, *_runs(status, paint))
        for status in statuses
    ]
    return tabulate(rows, headers=("data set", "method", "seed", "runs", "why"), tablefmt="simple")


def _runs(status: CellStatus, paint: Paint) -> tuple[str, str]:
    """Return which stages would run, and why."""
    if status.runs:
        return paint(status.runs, "yellow"), status.reason
    return "-", paint(status.reason, "green")


def _by_method(statuses: Sequence[CellStatus], paint: Paint) -> str:
    """Return a table with a line per data set, method and reason."""
    methods: dict[tuple[str, str], list[CellStatus]] = {}
    for status in statuses:
        methods.setdefault((status.cell.dataset, status.cell.method), []).append(status)
    rows: list[tuple[str, ...]] = []
    for labels, found in methods.items():
        reasons = Counter(_runs(status, plain) for status in found).most_common()
        for place, ((runs, reason), count) in enumerate(reasons[:_REASONS]):
            shown = labels if place == 0 else ("", "")
            style = "green" if runs == "-" else "yellow"
            rows.append((*shown, f"{count} of {len(found)}", paint(runs, style), reason))
        if len(reasons) > _REASONS:
            others = sum(count for _, count in reasons[_REASONS:])
            rows.append(("", "", f"{others} of {len(found)}", "", "other reasons"))
    headers = ("data set", "method", "cells", "runs", "why")
    return tabulate(rows, headers=headers, tablefmt="simple", disable_numparse=True)
