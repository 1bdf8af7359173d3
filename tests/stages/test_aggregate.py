from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from mushin.cells import Cell, write_cell
from mushin.config.plan import CellName
from mushin.errors import IncompleteStudyError
from mushin.files import sha256_of
from mushin.layout import CELL, cell_folder
from mushin.provenance.cost import Cost
from mushin.provenance.run_record import start_run, write_run
from mushin.results_file import open_results
from mushin.stages.aggregate import aggregate_study, write_costs


@pytest.fixture
def results(tmp_path: Path, make_cell: Callable[..., Cell]) -> Path:
    for name in ("digits/mlp/0", "digits/mlp/1", "digits/cnn/0", "digits/cnn/1"):
        cell = make_cell(name)
        write_cell(cell_folder(tmp_path, cell.name) / CELL, cell)
    return tmp_path


def measure(results: Path, cell: str, stage: str, cost: Cost, made: str | None = None) -> None:
    """Note a run that made the file that is there, or another one."""
    of_stage = {"train": cell, "evaluate": sha256_of(results / cell / CELL)}
    write_run(results / cell, start_run(stage), made or of_stage[stage], cost)


def written(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_study_is_merged_and_its_costs_stand_beside_it(results: Path) -> None:
    measure(results, "digits/mlp/0", "train", Cost(1.5, 5.0, 100.2))
    path = aggregate_study(results, ["digits"], ["mlp", "cnn"], [0, 1])
    assert path == results / "compare.nc"
    assert open_results(path).sizes == {"method": 2, "seed": 2, "target": 3, "prediction": 3}
    assert (results / "costs.csv").read_text() == (
        "dataset,method,seed,train_seconds,evaluate_seconds,peak_memory_mb\n"
        "digits,mlp,0,1.5,,100.2\n"
        "digits,mlp,1,,,\n"
        "digits,cnn,0,,,\n"
        "digits,cnn,1,,,\n"
    )


def test_costs_do_not_change_the_results(results: Path) -> None:
    before = aggregate_study(results, ["digits"], ["mlp"], [0]).read_bytes()
    measure(results, "digits/mlp/0", "train", Cost(9.0, 5.0, 100.0))
    assert aggregate_study(results, ["digits"], ["mlp"], [0]).read_bytes() == before


def test_incomplete_study_writes_nothing(results: Path) -> None:
    with pytest.raises(IncompleteStudyError, match="2 of 6 cells are missing: digits/mlp/2, digits/cnn/2"):
        aggregate_study(results, ["digits"], ["mlp", "cnn"], [0, 1, 2])
    assert not list(results.glob("c*.*"))


def test_incomplete_study_is_merged_where_gaps_are_allowed(results: Path) -> None:
    path = aggregate_study(results, ["digits"], ["mlp", "cnn"], [0, 1, 2], allow_incomplete=True)
    assert open_results(path)["accuracy"].isnull().sum() == 2


def test_peak_memory_is_the_higher_of_both_stages(tmp_path: Path) -> None:
    cell = CellName("digits", "mlp", 0)
    costs = {(cell, "train"): Cost(1.5, 5.0, 99.5), (cell, "evaluate"): Cost(0.5, 5.0, 1000.0)}
    (row,) = written(write_costs(tmp_path, [cell], costs))
    assert (row["train_seconds"], row["evaluate_seconds"], row["peak_memory_mb"]) == ("1.5", "0.5", "1000.0")


def test_cost_that_nobody_measured_is_blank(tmp_path: Path) -> None:
    cell = CellName("digits", "mlp", 0)
    (row,) = written(write_costs(tmp_path, [cell], {(cell, "train"): Cost(0.1)}))
    assert (row["train_seconds"], row["evaluate_seconds"], row["peak_memory_mb"]) == ("0.1", "", "")


@pytest.mark.parametrize("spoil", ["{", None])
def test_note_that_is_damaged_or_of_another_file_leaves_its_costs_blank(
    results: Path, spoil: str | None
) -> None:
    measure(results, "digits/mlp/0", "evaluate", Cost(0.2))
    if spoil is None:
        measure(results, "digits/mlp/0", "train", Cost(0.1), made="another file")
    else:
        (results / "digits/mlp/0/run.train.json").write_text(spoil)
    aggregate_study(results, ["digits"], ["mlp"], [0])
    (row,) = written(results / "costs.csv")
    assert (row["train_seconds"], row["evaluate_seconds"]) == ("", "0.2")
