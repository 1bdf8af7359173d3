"""What runs again after which change."""

from __future__ import annotations

import zipfile
from collections import Counter
from pathlib import Path

import pytest

from mushin.results_file import open_results
from tiny_study import Study, cells

pytestmark = pytest.mark.workflow

EVERY_CELL = ("blobs/near/0", "blobs/near/1", "blobs/far/0", "blobs/far/1")


def test_fresh_study_runs_every_cell_and_leaves_all_files(fresh: Study, finished: Study) -> None:
    assert fresh.planned() == cells(*EVERY_CELL)
    tables = [
        f"{table}.{ending}" for table in ("comparisons", "summary") for ending in ("csv", "md", "tex", "html")
    ]
    for name in ("compare.nc", "costs.csv", "report.html", "report_figures/scores.svg", *tables):
        assert (finished.folder / "results" / name).is_file()
    for cell in EVERY_CELL:
        for name in ("model.pt", "train.json", "cell.nc", "benchmark.train.tsv", "benchmark.evaluate.tsv"):
            assert (finished.folder / "results" / cell / name).is_file()
    assert "fitted on" in (finished.folder / "logs/results/train/blobs/near/0.log").read_text()


def test_finished_study_runs_nothing(finished: Study) -> None:
    assert finished.planned() == Counter()
    ran = finished.run()
    assert "Nothing to be done" in ran.stdout + ran.stderr
    assert "4 cells: 4 complete, 0 to run" in finished.mushin("plan").stdout


def test_hyperparameter_of_a_method_runs_its_cells(finished: Study) -> None:
    before = open_results(finished.folder / "results/compare.nc")
    finished.edit("conf/method/far.yaml", "noise: 2.0", "noise: 9.0")
    assert finished.planned() == cells("blobs/far/0", "blobs/far/1")
    plan = finished.mushin("plan").stdout
    assert "method.fit.noise: 2.0 -> 9.0" in plan
    assert "4 cells: 2 complete, 2 to run" in plan
    ran = finished.run()
    assert ran.returncode == 0, ran.stderr
    after = open_results(finished.folder / "results/compare.nc")
    assert after["accuracy"].sel(method="near").equals(before["accuracy"].sel(method="near"))
    assert not after["confusion"].sel(method="far").equals(before["confusion"].sel(method="far"))
    assert finished.planned() == Counter()


def test_override_on_the_command_line_counts_as_a_change(finished: Study) -> None:
    override = ("--config", "overrides=data.samples=60")
    assert finished.planned(*override) == cells(*EVERY_CELL)


def test_edited_source_runs_the_cells_of_its_method(finished: Study) -> None:
    finished.edit("far.py", "noise * torch", "2 * noise * torch")
    assert finished.planned() == cells("blobs/far/0", "blobs/far/1")
    assert "the source of far.Blurred changed" in finished.mushin("plan").stdout


def test_edited_data_source_runs_every_cell(finished: Study) -> None:
    finished.edit("blobs.py", "[3.0, 0.0]", "[4.0, 0.0]")
    assert finished.planned() == cells(*EVERY_CELL)


def test_added_seed_runs_the_new_cells(finished: Study) -> None:
    finished.edit("conf/config.yaml", "[0, 1]", "[0, 1, 2]")
    assert finished.planned() == cells("blobs/near/2", "blobs/far/2")


def test_removed_method_only_merges_again(finished: Study) -> None:
    """One method is left, which has no other one to be compared with."""
    finished.edit("conf/config.yaml", "[near, far]", "[near]")
    assert finished.planned() == Counter(["aggregate"])


def test_changed_alpha_runs_stats_only(finished: Study) -> None:
    finished.edit("conf/stats/default.yaml", "alpha: 0.05", "alpha: 0.01")
    assert finished.planned() == Counter(["stats", "report"])


def test_changed_evaluation_does_not_train_again(finished: Study) -> None:
    finished.edit("conf/task/classification.yaml", "batch_size: 256", "batch_size: 8")
    assert finished.planned() == Counter(
        [*(f"evaluate {cell}" for cell in EVERY_CELL), "aggregate", "stats", "report"]
    )


def test_comment_key_order_spelling_and_resources_run_nothing(finished: Study) -> None:
    finished.edit("conf/method/near.yaml", "scale: 1.0\n", "scale: 1.00  # as in the paper\n")
    finished.edit(
        "conf/training/default.yaml",
        "amp: false\ndeterministic: false\n",
        "deterministic: false\namp: false\n",
    )
    with (finished.folder / "conf/config.yaml").open("a") as config:
        config.write("resources: {train: {mem_mb: 4000}}\n")
    assert finished.planned() == Counter()


def test_touched_files_and_a_moved_folder_run_nothing(finished: Study) -> None:
    for name in ("near.py", "conf/method/near.yaml"):
        (finished.folder / name).touch()
    moved = Study(finished.folder.rename(finished.folder.with_name("elsewhere")))
    assert moved.planned() == Counter()


def test_deleted_report_is_written_again_with_the_same_bytes(finished: Study) -> None:
    page = finished.folder / "results/report.html"
    before = page.read_bytes()
    page.unlink()
    assert finished.planned() == Counter(["report"])
    ran = finished.run()
    assert ran.returncode == 0, ran.stderr
    assert page.read_bytes() == before


def test_report_of_snakemake_has_the_tables_the_page_and_the_figures(finished: Study) -> None:
    ran = finished.run("--report", "report.zip")
    assert ran.returncode == 0, ran.stderr
    with zipfile.ZipFile(finished.folder / "report.zip") as archive:
        names = {Path(name).name for name in archive.namelist()}
        (page,) = (name for name in archive.namelist() if Path(name).parts[1:] == ("report.html",))
        told = archive.read(page).decode()
    assert {"summary.html", "comparisons.html", "scores.svg", "differences.svg"} <= names
    assert "what can be claimed" in told
    for category in ("Report", "Tables", "Figures"):
        assert category in told


def test_number_of_cores_changes_no_byte(fresh: Study, finished: Study) -> None:
    ran = fresh.run("results/compare.nc", cores=1)
    assert ran.returncode == 0, ran.stderr
    for name in ("compare.nc", "blobs/near/0/cell.nc", "blobs/far/1/cell.nc", "blobs/far/1/model.pt"):
        assert _bytes(fresh, name) == _bytes(finished, name), name


def _bytes(study: Study, name: str) -> bytes:
    return Path(study.folder / "results" / name).read_bytes()
