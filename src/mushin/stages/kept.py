"""Keep a finished training where Snakemake does not remove it, until the study is merged.

On a cluster the rules of a cell, and of cells that are packed together, are one job. Snakemake removes the
outputs of all of them when that job fails, is cancelled or starts again. A second link outlives that. It does
not outlive the user's wish to train again: what is forced is trained anew.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from mushin.config.plan import CellName, Settings
from mushin.errors import CheckpointError
from mushin.files import replacing, sha256_of
from mushin.layout import TRAINING_RECORD, cell_folder, run_file, trained_file
from mushin.stages.record import read_record, record_training
from mushin.stages.versions import versions_of_targets

KEPT = ".kept"
FORCED_VARIABLE = "MUSHIN_FORCED"
"""The environment variable that is not empty where the user forces Snakemake to run jobs again."""


def keep_training(results: Path, cell: CellName, settings: Settings) -> None:
    """Link what training left of a cell; the links take no space."""
    _link_both(results, results / KEPT, cell, settings)


def restore_training(results: Path, cell: CellName, settings: Settings) -> bool:
    """Put a kept training back, if it is whole and comes from the same settings, sources and versions.

    Returns
    -------
    bool
        Whether the cell is trained now; never where the run is forced.
    """
    kept = results / KEPT
    if os.environ.get(FORCED_VARIABLE) or not _is_training_of(kept, cell, settings):
        return False
    _link_both(kept, results, cell, settings)
    return True


def drop_kept_trainings(results: Path, cells: Iterable[CellName]) -> None:
    """Remove what was kept of cells that are merged, and the folder with the last of them."""
    for cell in cells:
        folder = cell_folder(results / KEPT, cell)
        if folder.is_dir():
            shutil.rmtree(folder)
            _remove_empty(folder.parent, results / KEPT)


def _remove_empty(folder: Path, top: Path) -> None:
    """Remove a folder that is empty, and those around it up to `top`."""
    for each in (folder, *folder.parents):
        try:
            each.rmdir()
        except OSError:  # It is not empty: others are kept there.
            return
        if each == top:
            return


def _is_training_of(root: Path, cell: CellName, settings: Settings) -> bool:
    trained = trained_file(root, cell, settings)
    if not trained.is_file():
        return False
    try:
        found = read_record(cell_folder(root, cell) / TRAINING_RECORD)
    except CheckpointError:
        return False
    versions = versions_of_targets(settings.method) if settings.leaves_predictions else {}
    wanted = record_training(sha256_of(trained), settings, versions=versions)
    return (found.checkpoint_sha256, found.settings, found.sources, found.versions) == (
        wanted.checkpoint_sha256,
        wanted.settings,
        wanted.sources,
        wanted.versions,
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
