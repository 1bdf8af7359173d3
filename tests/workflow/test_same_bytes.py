"""The same settings give the same bytes, wherever and however they run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tiny_study import Study, environment

pytestmark = pytest.mark.workflow

OTHER_SURROUNDINGS = {
    "PYTHONHASHSEED": "123",
    "LC_ALL": "tr_TR.UTF-8",
    "LANG": "tr_TR.UTF-8",
    "TZ": "Pacific/Kiritimati",
    "OMP_NUM_THREADS": "7",
    "MKL_NUM_THREADS": "3",
    "OPENBLAS_NUM_THREADS": "5",
    "COLUMNS": "40",
}
CELLS = [f"results/blobs/{method}/{seed}" for method in ("near", "far") for seed in (0, 1)]
FILES = [
    "results/compare.nc",
    "results/comparisons.csv",
    "results/summary.csv",
    *(f"{cell}/{name}" for cell in CELLS for name in ("cell.nc", "model.pt", "train.json")),
]


def assert_same_bytes(study: Study, other: Study) -> None:
    for name in FILES:
        assert (study.folder / name).read_bytes() == (other.folder / name).read_bytes(), name


def test_cores_folder_hash_seed_locale_clock_and_threads_change_no_byte(
    fresh: Study, finished_once: Study, tmp_path: Path
) -> None:
    """The finished study ran on two cores, in another folder and in these tests' surroundings."""
    elsewhere = Study(fresh.folder.rename(tmp_path / "a much longer name, with blanks and ü"))
    ran = subprocess.run(
        elsewhere.command(cores=8),
        env={**environment(), **OTHER_SURROUNDINGS},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert_same_bytes(elsewhere, finished_once)


def test_commands_by_hand_in_other_surroundings_change_no_byte(finished: Study, finished_once: Study) -> None:
    """Snakemake sets the hash seed and the threads; here only the commands can."""
    for name in FILES:
        (finished.folder / name).unlink()
    code = (
        "from mushin.cli import main\n"
        f"for cell in {[cell.removeprefix('results/') for cell in CELLS]}:\n"
        "    assert main(['train', cell]) == main(['evaluate', cell]) == 0\n"
        "assert main(['aggregate']) == main(['stats']) == 0\n"
    )
    subprocess.run(
        [sys.executable, "-c", code],
        cwd=finished.folder,
        env={**environment(), **OTHER_SURROUNDINGS},
        check=True,
        capture_output=True,
        timeout=120,
    )
    assert_same_bytes(finished, finished_once)


def test_jobs_of_a_notebook_in_other_surroundings_change_no_byte(fresh: Study, tmp_path: Path) -> None:
    notebook = Path(__file__).with_name("notebook.py").read_text()
    folders = []
    for jobs, surroundings in ((1, {}), (2, OTHER_SURROUNDINGS)):
        folder = tmp_path / f"jobs {jobs}"
        shutil.copytree(fresh.folder, folder)
        (folder / "notebook.py").write_text(notebook.replace("study.run()", f"study.run(jobs={jobs})"))
        subprocess.run(
            [sys.executable, "notebook.py", "0", "1"],
            cwd=folder,
            env={
                **environment(),
                **surroundings,
                "PYTHONPATH": os.pathsep.join([str(folder), *sys.path]),
            },
            check=True,
            capture_output=True,
            timeout=120,
        )
        folders.append(folder)
    names = [
        "results/compare.nc",
        *(f"{cell}/{name}" for cell in CELLS for name in ("cell.nc", "train.json")),
    ]
    for name in names:
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes(), name


def test_who_ran_what_stays_beside_the_results(finished: Study) -> None:
    """Another merge, by another command, rewrites the provenance and not one byte of the results."""
    before = {name: (finished.folder / name).read_bytes() for name in FILES}
    noted = (finished.folder / "results/provenance.json").read_text()
    assert finished.mushin("aggregate").returncode == 0
    assert (finished.folder / "results/provenance.json").read_text() != noted
    assert {name: (finished.folder / name).read_bytes() for name in FILES} == before
