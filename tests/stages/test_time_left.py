from __future__ import annotations

from pathlib import Path

import pytest

from mushin.config.plan import CellName
from mushin.layout import cell_folder, run_file
from mushin.provenance.cost import Cost
from mushin.provenance.run_record import start_run, write_run
from mushin.stages.time_left import Work, estimate_time_left, measured_seconds

MLP, CNN = ([CellName("digits", method, seed) for seed in range(4)] for method in ("mlp", "cnn"))
BOTH = ("train", "evaluate")
MEASURED = {
    (MLP[0], "train"): 10.0,
    (MLP[1], "train"): 20.0,
    (MLP[0], "evaluate"): 1.0,
    (CNN[0], "train"): 100.0,
}


def test_work_counts_with_the_mean_of_its_own_method_and_is_shared_by_the_cells_at_once() -> None:
    left = estimate_time_left([Work(MLP[2], BOTH), Work(MLP[3], BOTH)], MEASURED, n_running=2)
    assert left is not None
    assert left.seconds == pytest.approx((2 * (15 + 1)) / 2)
    assert (left.n_cells, left.at_once, left.is_running, left.n_measured) == (2, 2, True, 3)
    assert left.unknown_stages == ()


def test_what_runs_already_counts_less_but_never_less_than_nothing() -> None:
    started = [Work(MLP[2], BOTH, running_for=5.0), Work(MLP[3], BOTH, running_for=99.0)]
    left = estimate_time_left(started, MEASURED, n_running=1)
    assert left is not None
    assert left.seconds == pytest.approx(10 + 1 + 0 + 1)


def test_a_method_that_nobody_measured_counts_with_the_mean_of_its_data_set() -> None:
    other = CellName("digits", "vit", 0)
    left = estimate_time_left([Work(other, ("train",))], MEASURED, n_running=0)
    assert left is not None
    assert left.seconds == pytest.approx(130 / 3)
    assert (left.at_once, left.is_running) == (1, False)
    elsewhere = estimate_time_left([Work(CellName("wine", "mlp", 0), ("train",))], MEASURED, n_running=0)
    assert elsewhere is not None
    assert elsewhere.seconds == pytest.approx(130 / 3)


def test_a_stage_that_nobody_measured_is_left_out_and_said() -> None:
    left = estimate_time_left([Work(MLP[2], BOTH)], {(MLP[0], "train"): 10.0}, n_running=1)
    assert left is not None
    assert (left.seconds, left.unknown_stages) == (10.0, ("evaluate",))


def test_there_is_no_estimate_from_nothing() -> None:
    assert estimate_time_left([Work(MLP[2], BOTH)], {}, n_running=2) is None
    assert estimate_time_left([Work(MLP[2], ("evaluate",))], {(MLP[0], "train"): 1.0}, n_running=2) is None
    assert estimate_time_left([], MEASURED, n_running=2) is None


def test_finished_stage_is_measured_by_its_note(tmp_path: Path) -> None:
    folder = cell_folder(tmp_path, MLP[0])
    write_run(folder, start_run("train"), "ab", Cost(90.0))
    write_run(folder, start_run("evaluate"), "ab")
    assert measured_seconds(tmp_path, MLP[0], "train") == 90.0
    assert measured_seconds(tmp_path, MLP[0], "evaluate") is None
    assert measured_seconds(tmp_path, MLP[1], "train") is None
    run_file(folder, "train").write_text("{")
    assert measured_seconds(tmp_path, MLP[0], "train") is None
