"""Name the files of a study: one folder per cell, the merged files beside them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mushin.config.names import problem_with_name
from mushin.errors import ConfigError

if TYPE_CHECKING:
    from mushin.config.plan import CellName, Settings

CHECKPOINT = "model.pt"
PREDICTIONS = "predictions.npz"
TRAINING_RECORD = "train.json"
CELL = "cell.nc"
RESULTS = "compare.nc"
COSTS = "costs.csv"
PROVENANCE = "provenance.json"


def cell_folder(results: Path, cell: CellName) -> Path:
    """Return the folder of one cell.

    Every path of a cell begins here, so here a name that would lead elsewhere is refused, wherever it came
    from: a command line, a notebook, or the labels of a file.

    Raises
    ------
    ConfigError
        The data set or the method has a name that no study can have.

    Examples
    --------
    >>> from mushin.config.plan import CellName
    >>> cell_folder(Path("results"), CellName("digits", "mlp", 0)).as_posix()
    'results/digits/mlp/0'
    """
    problem = problem_with_name(cell.dataset) or problem_with_name(cell.method)
    if problem:
        raise ConfigError(f"cell {cell}: {problem}")
    return results / cell.dataset / cell.method / str(cell.seed)


def trained_file(results: Path, cell: CellName, settings: Settings) -> Path:
    """Return what training leaves of one cell: its checkpoint, or its predictions."""
    return cell_folder(results, cell) / (PREDICTIONS if settings.leaves_predictions else CHECKPOINT)


def run_file(folder: Path, stage: str) -> Path:
    """Return where `stage` notes who ran it for the cell in `folder`."""
    return folder / f"run.{stage}.json"
