"""The wheel, without the checkout: a project is begun and run by real Snakemake."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import mushin
from tiny_study import SNAKEFILE, SNAKEMAKE, add_vote, environment

pytestmark = [pytest.mark.wheel, pytest.mark.workflow]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the wheel installs, and nothing else."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    built = subprocess.run(
        [*pip, "wheel", "--no-deps", "--wheel-dir", str(folder), str(SNAKEFILE.parent)],
        capture_output=True,
        text=True,
    )
    if "No matching distribution found for hatchling" in built.stderr:
        pytest.skip("hatchling, which builds the wheel, cannot be fetched here")
    assert built.returncode == 0, built.stderr
    [wheel] = folder.glob("*.whl")
    subprocess.run([*pip, "install", "--no-deps", "--target", str(folder / "site"), str(wheel)], check=True)
    return folder / "site"


def test_project_of_the_wheel_runs_outside_the_checkout(installed: Path, tmp_path: Path) -> None:
    def run(*command: str, folder: Path = tmp_path) -> str:
        ran = subprocess.run(
            command,
            cwd=folder,
            env={**environment(), "PYTHONPATH": str(installed), "OMP_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

    assert run(sys.executable, "-c", "import mushin; print(mushin.snakefile())").strip() == str(
        installed / "mushin/_workflow/workflow/Snakefile"
    )
    run(sys.executable, "-m", "mushin", "init", "project")
    project = tmp_path / "project"
    add_vote(project)
    selection = ("methods=network,vote", "seeds=0", "overrides=training.epochs=2")
    planned = run(sys.executable, "-m", "mushin", "plan", *selection, folder=project)
    assert "2 cells: 0 complete, 2 to run" in planned
    run(str(SNAKEMAKE), "--cores", "2", "results/compare.nc", "--config", *selection, folder=project)
    ds = mushin.open_results(project / "results/compare.nc")
    assert ds["method"].values.tolist() == ["network", "vote"]
    assert (project / "results/iris/vote/0/predictions.npz").is_file()
