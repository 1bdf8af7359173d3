"""Format which cells of a study would run, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tabulate import tabulate

from mushin.stages.status import CellStatus


def format_status(statuses: Sequence[CellStatus]) -> str:
    """Return a table with a line per cell, and a line that counts.

    Parameters
    ----------
    statuses : sequence of CellStatus
        One per cell of the plan.

    Returns
    -------
    str
        For a terminal.
    """
    rows = [
        (status.cell.dataset, status.cell.method, status.cell.seed, status.runs or "-", status.reason)
        for status in statuses
    ]
    table = tabulate(rows, headers=("data set", "method", "seed", "runs", "why"), tablefmt="simple")
    counts = Counter(bool(status.runs) for status in statuses)
    return f"{table}\n\n{len(statuses)} cells: {counts[False]} complete, {counts[True]} to run"
