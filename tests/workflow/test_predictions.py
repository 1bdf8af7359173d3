"""Methods that leave predictions, beside one that leaves a model, through the real workflow."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest

from mushin.results_file import open_results
from tiny_study import Study, add_vote, cells

pytestmark = pytest.mark.workflow

BOTH = ("--config", "methods=near,vote")


@pytest.fixture(scope="module")
def voted_once(tmp_path_factory: pytest.TempPathFactory) -> Study:
    folder = tmp_path_factory.mktemp("voted") / "study"
    shutil.copytree(Path(__file__).parent / "study", folder)
    add_vote(folder)
    study = Study(folder)
    assert study.planned(*BOTH) == cells("blobs/near/0", "blobs/near/1", "blobs/vote/0", "blobs/vote/1")
    ran = study.run(*BOTH)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return study


@pytest.fixture
def voted(voted_once: Study, tmp_path: Path) -> Study:
    folder = tmp_path / "study"
    shutil.copytree(voted_once.folder, folder)
    return Study(folder)


def test_models_and_predictions_are_merged_and_then_nothing_runs(voted: Study) -> None:
    cell = voted.folder / "results/blobs/vote/1"
    assert sorted(file.name for file in cell.iterdir()) == [
        "benchmark.evaluate.tsv",
        "benchmark.train.tsv",
        "cell.nc",
        "predictions.npz",
        "run.evaluate.json",
        "run.train.json",
        "train.json",
    ]
    assert (voted.folder / "results/blobs/near/1/model.pt").is_file()
    log = (voted.folder / "logs/results/train/blobs/vote/1.log").read_text()
    assert "voted on 45 samples under seed 1" in log
    ds = open_results(voted.folder / "results/compare.nc")
    assert ds["method"].values.tolist() == ["near", "vote"]
    assert float(ds["accuracy"].min()) > 0.5
    costs = (voted.folder / "results/costs.csv").read_text().splitlines()
    assert all(cost for cost in costs[-1].split(","))
    assert voted.planned(*BOTH) == Counter()
    assert "4 cells: 4 complete, 0 to run" in voted.mushin("plan", *BOTH[1:]).stdout


def test_setting_and_source_run_the_cells_of_the_method(voted: Study) -> None:
    voted.edit("conf/method/vote.yaml", "softness: 0.5", "softness: 2.0")
    assert voted.planned(*BOTH) == cells("blobs/vote/0", "blobs/vote/1")
    assert "method.predict.softness: 0.5 -> 2.0" in voted.mushin("plan", *BOTH[1:]).stdout
    voted.edit("conf/method/vote.yaml", "softness: 2.0", "softness: 0.50  # as in the paper")
    assert voted.planned(*BOTH) == Counter()
    voted.edit("vote.py", "// 2", "// 3")
    assert voted.planned(*BOTH) == cells("blobs/vote/0", "blobs/vote/1")


def test_method_that_turns_from_predictions_to_a_model_runs_again(voted: Study) -> None:
    shutil.copy(voted.folder / "conf/method/far.yaml", voted.folder / "conf/method/vote.yaml")
    assert voted.planned(*BOTH) == cells("blobs/vote/0", "blobs/vote/1")


def test_removed_predictions_are_made_again_with_the_same_bytes(voted: Study) -> None:
    cell = voted.folder / "results/blobs/vote/0"
    before = {name: (cell / name).read_bytes() for name in ("predictions.npz", "train.json", "cell.nc")}
    (cell / "predictions.npz").unlink()
    (cell / "cell.nc").unlink()
    ran = voted.run("results/blobs/vote/0/cell.nc", *BOTH)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert {name: (cell / name).read_bytes() for name in before} == before


def test_study_without_a_model_runs(voted: Study) -> None:
    assert voted.planned("--config", "methods=vote", "seeds=0,1") == Counter(["aggregate"])
