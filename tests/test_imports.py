"""What the commands load, seen from fresh interpreters: torch alone costs seconds in every process."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mushin.cells import Cell, write_cell
from mushin.layout import CELL, cell_folder
from tiny_study import environment

RUN = """
import sys
from mushin.cli import main
for command in {commands!r}:
    try:
        status = main(command)
    except SystemExit as end:  # of --help
        status = end.code
    if status:
        sys.exit(f"{{command}} failed")
    print("LOADED", command[0], *{{name.partition(".")[0] for name in sys.modules}})
"""


SLOW = {"torch", "torchmetrics", "pandas", "scipy", "xarray", "sklearn", "matplotlib", "netCDF4"}


@pytest.fixture
def folder(tmp_path: Path, repository: Path) -> Path:
    shutil.copytree(repository / "tests/workflow/study", tmp_path / "study")
    return tmp_path / "study"


def loaded_after(folder: Path, *commands: list[str]) -> dict[str, set[str]]:
    """Run commands one after another in one process; return what is loaded after each, less the library."""
    done = subprocess.run(
        [sys.executable, "-c", RUN.format(commands=commands)],
        cwd=folder,
        capture_output=True,
        text=True,
        env=environment(),
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    lines = [line.split()[1:] for line in done.stdout.splitlines() if line.startswith("LOADED ")]
    return {name: set(modules) - sys.stdlib_module_names for name, *modules in lines}


def test_help_loads_nothing_but_mushin_and_the_standard_library(folder: Path) -> None:
    loaded = {name for name in loaded_after(folder, ["--help"])["--help"] if not name.startswith("_")}
    assert loaded <= {"mushin", "sitecustomize", "usercustomize"}


def test_what_reads_results_never_loads_torch(folder: Path, make_cell: Callable[..., Cell]) -> None:
    for name in ("near/0", "near/1", "far/0", "far/1"):
        cell = make_cell(f"blobs/{name}")
        write_cell(cell_folder(folder / "results", cell.name) / CELL, cell)
    planned = loaded_after(folder, ["plan"])["plan"]
    assert planned.isdisjoint({"torch", "pandas", "xarray", "matplotlib"})
    score = ["score", "results/compare.nc", "--metric", "mcc"]
    loaded = loaded_after(folder, ["aggregate"], ["stats"], ["show"], score, ["plot"], ["report"])
    assert list(loaded) == ["aggregate", "stats", "show", "score", "plot", "report"]
    assert loaded["aggregate"].isdisjoint({"torch", "scipy", "matplotlib"})
    assert loaded["score"].isdisjoint({"torch", "matplotlib"})
    assert loaded["report"].isdisjoint({"torch", "torchmetrics", "sklearn"})


def test_beginning_a_project_loads_nothing_slow(folder: Path) -> None:
    loaded = loaded_after(folder, ["completion", "bash"], ["init", "project"], ["new", "method", "further"])
    assert list(loaded) == ["completion", "init", "new"]
    assert not loaded["new"] & SLOW


def test_training_and_evaluating_load_torch_and_nothing_else_that_is_slow(folder: Path) -> None:
    loaded = loaded_after(folder, ["train", "near/0"], ["evaluate", "near/0"])
    assert loaded["train"] & SLOW == {"torch"}
    assert loaded["evaluate"] & SLOW == {"torch", "netCDF4"}
