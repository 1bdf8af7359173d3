"""Tell which cells of a Study run and why, and which failed."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

import pandas as pd

from mushin.parallel_cells import CellFailure
from mushin.stages.status import CellStatus

_SHOWN = 5


def tabulate_cells(statuses: Iterable[CellStatus]) -> pd.DataFrame:
    """Return one row per cell: `method`, `seed`, `runs` and `reason`."""
    return pd.DataFrame(
        [
            {
                "method": status.cell.method,
                "seed": status.cell.seed,
                "runs": status.runs,
                "reason": status.reason,
            }
            for status in statuses
        ]
    )


def say_why(to_run: Sequence[CellStatus]) -> None:
    """Print which cells that were there before run again, and why."""
    again: dict[tuple[str, str], list[int]] = {}
    for status in to_run:
        if status.reason not in ("missing", "trained, not evaluated"):
            again.setdefault((status.cell.method, status.reason), []).append(status.cell.seed)
    for (method, reason), seeds in again.items():
        listed = ", ".join(map(str, seeds[:_SHOWN])) + (", …" if len(seeds) > _SHOWN else "")
        print(f"{method}, seed {listed}: runs again: {reason}", file=sys.stderr)


def failure_text(failures: Sequence[CellFailure]) -> str:
    """Say which cells failed, of what, and what to do."""
    more = f"\n  and {len(failures) - _SHOWN} more" if len(failures) > _SHOWN else ""
    return (
        f"{len(failures)} {'cell' if len(failures) == 1 else 'cells'} failed:\n  "
        + "\n  ".join(map(str, failures[:_SHOWN]))
        + f"{more}\nThe others are finished and kept: mend what failed and run() again, or compare what"
        " there is with allow_incomplete=True. Study.failures holds the errors"
    )
