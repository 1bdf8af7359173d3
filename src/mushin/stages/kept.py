"""Keep a finished training where Snakemake does not remove it, until the study is merged.

On a cluster the rules of a cell, and of cells that are packed together, are one job. Snakemake removes the
outputs of all of them when that job fails, is cancelled or starts again. A second link outlives that.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from mushin.config.plan import CellName, Settings
from mushin.errors import CheckpointError
from mushin.files import replacing
from mushin.layout import TRAINING_RECORD, cell_folder, run_file, trained_file
from mushin.stages.record import read_record, record_training

KEPT = ".kept"


def keep_training(results: Path, cell: CellName, settings: Settings) -> None:
    """Link what training left of a cell; the links take no space."""
    _link_both(results, results / KEPT, cell, settings)


def restore_training(results: Path, cell: CellName, settings: Settings) -> bool:
    """Put a kept training back, if it is whole and comes from the same settings and sources.

    Returns
    -------
    bool
        Whether the cell is trained now.
    """
    kept = results / KEPT
    if not _is_training_of(kept, cell, settings):
        return False
    _link_both(kept, results, cell, settings)
    return True


def drop_kept_trainings(results: Path) -> None:
    """Remove what was kept; for when every cell is there."""
    if (results / KEPT).is_dir():
        shutil.rmtree(results / KEPT)


def _is_training_of(root: Path, cell: CellName, settings: Settings) -> bool:
    trained = trained_file(root, cell, settings)
    if not trained.is_file():
        return False
    try:
        found = read_record(cell_folder(root, cell) / TRAINING_RECORD)
    except CheckpointError:
        return False
    sha256 = hashlib.sha256(trained.read_bytes()).hexdigest()
    wanted = record_training(sha256, settings)
    return (found.checkpoint_sha256, found.settings, found.sources) == (
        sha256,
        wanted.settings,
        wanted.sources,
    )


def _link_both(source: Path, target: Path, cell: CellName, settings: Settings) -> None:
    """Link the trained file and the note of its run, then the record, which vouches for it."""
    folders = cell_folder(source, cell), cell_folder(target, cell)
    if run_file(folders[0], "train").is_file():
        _link(*(run_file(folder, "train") for folder in folders))
    _link(trained_file(source, cell, settings), trained_file(target, cell, settings))
    _link(*(folder / TRAINING_RECORD for folder in folders))


def _link(source: Path, target: Path) -> None:
    with replacing(target) as temporary:
        try:
            os.link(source, temporary)
        except OSError:  # a file system without hard links
            shutil.copyfile(source, temporary)
