"""What several tests share: a small study of their own, and the real configuration."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mushin.cells import Cell
from mushin.config.plan import CellName
from mushin.evaluation.sufficient import SufficientStatistics
from tiny_study import Command, replace_once

REPOSITORY = Path(__file__).parent.parent
for _variable in ("FORCE_COLOR", "CLICOLOR_FORCE"):
    os.environ.pop(_variable, None)  # Tests compare what is printed without colours.

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # As in a background job of a shell.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def repository() -> Path:
    return REPOSITORY


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with a copy of conf/, and the current one for the test."""
    shutil.copytree(REPOSITORY / "conf", tmp_path / "conf")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def edit(study: Path) -> Callable[[str, str, str], None]:
    """Replace a text that occurs once in a file of the study."""

    def replace(name: str, old: str, new: str) -> None:
        replace_once(study / name, old, new)

    return replace


@pytest.fixture
def here(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The tiny study as the working directory of this process; its modules are forgotten afterwards."""
    import torch

    from mushin.config.targets import clear_caches

    folder = tmp_path / "study"
    shutil.copytree(repository / "tests/workflow/study", folder)
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    threads = torch.get_num_threads()
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        monkeypatch.setenv(name, "1")
    yield folder
    torch.set_num_threads(threads)
    for file in folder.glob("*.py"):
        sys.modules.pop(file.stem, None)
    clear_caches()


@pytest.fixture
def command(here: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a ``mushin`` command in this process and return its status and what it printed."""
    from mushin.cli import main

    def run(*arguments: str) -> tuple[int, str, str]:
        status = main(arguments)
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run


@pytest.fixture
def make_cell() -> Callable[..., Cell]:
    """Make a cell of random counts by its name, such as ``"digits/mlp/0"``; the same name, the same cell."""

    def make(name: str, *, confusion: Any = None, probabilities: bool = False, **changes: Any) -> Cell:
        dataset, method, seed = name.split("/")
        rng = np.random.default_rng(zlib.crc32(name.encode()))
        if confusion is None:
            confusion = np.stack([rng.multinomial(10, [0.2, 0.3, 0.5]) for _ in range(3)])
        counts = np.asarray(confusion, dtype=np.int64)
        extra: dict[str, Any] = {}
        if probabilities:
            extra = {
                "calibration_count": rng.integers(0, 9, 16),
                "calibration_confidence": rng.random(16),
                "calibration_correct": rng.integers(0, 9, 16),
                "mann_whitney_u": rng.random(len(counts)),
            }
        facts: dict[str, Any] = {
            "task": "classification",
            "metrics": ("accuracy", "f1", "precision", "recall"),
            "class_names": tuple(f"class {label}" for label in range(len(counts))),
            "ignore_index": None,
            "provenance": {"targets_digest": "0123", "checkpoint_sha256": name},
        }
        statistics = SufficientStatistics(confusion=counts, n_samples=int(counts.sum()), **extra)
        return Cell(name=CellName(dataset, method, int(seed)), statistics=statistics, **{**facts, **changes})

    return make
