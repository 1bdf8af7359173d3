"""What a notebook began, the workflow and the command line go on with."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tiny_study import Study, cells, environment

pytestmark = pytest.mark.workflow


@pytest.fixture
def begun(fresh: Study) -> Study:
    """The tiny study, of which a notebook has run seed 0."""
    shutil.copy(Path(__file__).with_name("notebook.py"), fresh.folder)
    run_notebook(fresh, 0)
    return fresh


def run_notebook(study: Study, *seeds: int) -> None:
    paths = os.pathsep.join([str(study.folder), *sys.path])
    subprocess.run(
        [sys.executable, "notebook.py", *map(str, seeds)],
        cwd=study.folder,
        env={**environment(), "OMP_NUM_THREADS": "1", "PYTHONPATH": paths},
        check=True,
        capture_output=True,
        timeout=120,
    )


def test_the_workflow_adds_to_what_a_notebook_began(begun: Study, finished: Study) -> None:
    planned = begun.planned("--config", "seeds=0,1")
    assert planned == cells("blobs/near/1", "blobs/far/1")
    ran = begun.run("--config", "seeds=0,1")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    results = [study.folder / "results/compare.nc" for study in (begun, finished)]
    assert results[0].read_bytes() == results[1].read_bytes()


def test_the_command_line_reads_what_a_notebook_began(begun: Study) -> None:
    merged = (begun.folder / "results/compare.nc").read_bytes()
    (begun.folder / "results/compare.nc").unlink()
    aggregated = begun.mushin("aggregate", "seeds=0")
    assert aggregated.returncode == 0, aggregated.stderr
    assert (begun.folder / "results/compare.nc").read_bytes() == merged
    planned = begun.mushin("plan", "seeds=0,1")
    assert "complete; mushin.Study made it, so conf/ cannot tell if it is current" in planned.stdout
    assert "4 cells: 2 complete, 2 to run" in planned.stdout


def test_a_notebook_adds_to_what_the_workflow_began(finished: Study) -> None:
    """Its functions are not those of conf/, so it trains every cell itself, with the same numbers."""
    shutil.copy(Path(__file__).with_name("notebook.py"), finished.folder)
    before = (finished.folder / "results/compare.nc").read_bytes()
    run_notebook(finished, 0, 1)
    assert (finished.folder / "results/compare.nc").read_bytes() == before
