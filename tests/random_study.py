"""A merged study of random counts, for the tests of scoring it again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from mushin.cells import Cell, write_cell
from mushin.dataset import aggregate_cells
from mushin.labelled import ResultsDataset
from mushin.layout import CELL, cell_folder

METHODS, SEEDS, NAMES = ["mlp", "cnn"], [3, 0, 10], ["cat", "dog", "car"]


def merge_study(
    folder: Path, make_cell: Callable[..., Cell], *datasets: str, skip: tuple[str, ...] = (), **changes: Any
) -> ResultsDataset:
    """Write the cells of a study and merge them; `skip` names cells that are missing."""
    names = datasets or ("pets",)
    facts = {"class_names": tuple(NAMES), "probabilities": True, **changes}
    for name in (f"{dataset}/{method}/{seed}" for dataset in names for method in METHODS for seed in SEEDS):
        cell = make_cell(name, **facts)
        if name not in skip:
            write_cell(cell_folder(folder, cell.name) / CELL, cell)
    return aggregate_cells(folder, list(names), METHODS, SEEDS, allow_incomplete=bool(skip)).scores
