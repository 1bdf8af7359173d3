from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from mushin.cells import Cell, write_cell
from mushin.config.plan import CellName
from mushin.errors import IncompleteStudyError
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


def measure(results: Path, cell: str, stage: str, cost: Cost | None) -> None:
    write_run(results / cell, start_run(stage), "", cost)


def costs(results: Path, *cells: CellName) -> list[dict[str, str]]:
    path = write_costs(results, cells)
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
    measure(tmp_path, "digits/mlp/0", "train", Cost(1.5, 5.0, 99.5))
    measure(tmp_path, "digits/mlp/0", "evaluate", Cost(0.5, 5.0, 1000.0))
    (row,) = costs(tmp_path, CellName("digits", "mlp", 0))
    assert (row["train_seconds"], row["evaluate_seconds"], row["peak_memory_mb"]) == ("1.5", "0.5", "1000.0")


def test_cost_that_nobody_measured_is_blank(tmp_path: Path) -> None:
    measure(tmp_path, "digits/mlp/0", "train", Cost(0.1))
    measure(tmp_path, "digits/mlp/0", "evaluate", None)
    (row,) = costs(tmp_path, CellName("digits", "mlp", 0))
    assert (row["train_seconds"], row["evaluate_seconds"], row["peak_memory_mb"]) == ("0.1", "", "")


def test_damaged_note_leaves_the_costs_of_its_stage_blank(tmp_path: Path) -> None:
    measure(tmp_path, "digits/mlp/0", "train", Cost(0.1))
    measure(tmp_path, "digits/mlp/0", "evaluate", Cost(0.2))
    (tmp_path / "digits/mlp/0/run.train.json").write_text("{")
    (row,) = costs(tmp_path, CellName("digits", "mlp", 0))
    assert (row["train_seconds"], row["evaluate_seconds"]) == ("", "0.2")
