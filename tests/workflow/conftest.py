"""A tiny study, unrun and finished."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tiny_study import Study

HERE = Path(__file__).parent
collect_ignore = ["study", "notebook.py"]


@pytest.fixture
def fresh(tmp_path: Path) -> Study:
    folder = tmp_path / "fresh"
    shutil.copytree(HERE / "study", folder)
    return Study(folder)


@pytest.fixture(scope="session")
def finished_once(tmp_path_factory: pytest.TempPathFactory) -> Study:
    folder = tmp_path_factory.mktemp("finished") / "study"
    shutil.copytree(HERE / "study", folder)
    study = Study(folder)
    ran = study.run()
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return study


@pytest.fixture
def finished(finished_once: Study, tmp_path: Path) -> Study:
    """A copy of the finished study, with Snakemake's records."""
    folder = tmp_path / "finished"
    shutil.copytree(finished_once.folder, folder)
    return Study(folder)
