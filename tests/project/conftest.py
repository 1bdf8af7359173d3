"""A project that ``mushin init`` has begun."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mushin.config.targets import clear_caches
from mushin.project.begin import begin_project
from tiny_study import Command, replace_once

TASKS = ("classification", "segmentation", "regression")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A new project as the working directory of this process; its modules are forgotten afterwards."""
    import torch

    folder = tmp_path / "project"
    begin_project(folder)
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "path", [str(folder), *sys.path])
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    threads = torch.get_num_threads()
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        monkeypatch.setenv(name, "1")
    yield folder
    torch.set_num_threads(threads)
    for module in [name for name in sys.modules if name.partition(".")[0] in ("methods", "data")]:
        sys.modules.pop(module)
    importlib.invalidate_caches()
    clear_caches()


@pytest.fixture
def run(project: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a ``mushin`` command in the project and return its status and what it printed."""
    from mushin.cli import main

    def command(*arguments: str) -> tuple[int, str, str]:
        status = main(arguments)
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return command


@pytest.fixture
def turn_to(project: Path) -> Callable[[str], None]:
    """Give the project's study another task."""

    def turn(task: str) -> None:
        config = project / "conf/config.yaml"
        replace_once(config, "task: classification", f"task: {task}")
        if task == "regression":
            replace_once(
                project / "conf/training/default.yaml", "loss: null", "loss: {_target_: torch.nn.MSELoss}"
            )

    return turn
