"""Read a table that ``mushin stats`` or ``mushin aggregate`` wrote."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

_LABELS = ("metric", "units", "dataset", "class", "method", "method_a", "method_b", "flags")
_MAY_BE_EMPTY = ("units", "flags")


def read_table(path: Path) -> pd.DataFrame:
    """Return a table of a study.

    Labels stay text, also those that pandas would take for numbers or, such as ``NA``, for nothing; an empty
    field is NaN, but for flags and units.
    """
    table = pd.read_csv(path, dtype=dict.fromkeys(_LABELS, str), keep_default_na=False, na_values=[""])
    for name in _MAY_BE_EMPTY:
        if name in table:
            table[name] = table[name].fillna("")
    return table
