"""The command ``mushin report``, in this process."""

from __future__ import annotations

from pathlib import Path

import pytest

from made_study import made_study
from mushin.cli import main
from mushin.comparisons import compare_methods
from mushin.dataset import FORMAT, MergedResults
from mushin.labelled import as_results
from mushin.report.tables import write_tables
from mushin.results_file import write_results
from mushin.summaries import summarise_methods


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    ds = made_study(n_seeds=3, metrics=["accuracy"])
    merged = as_results(ds.assign_attrs(format=FORMAT))
    write_results(tmp_path / "results" / "compare.nc", MergedResults(merged))
    write_tables(compare_methods(ds), summarise_methods(ds), tmp_path / "results")
    return tmp_path / "results"


def test_page_is_written_beside_the_results(results: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["report"]) == 0
    assert capsys.readouterr().out == "wrote results/report.html\n"
    assert (results / "report.html").is_file()


def test_output_and_figures_can_be_chosen(results: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["report", "results", "--output", "shared.html", "--figures", "pictures"]) == 0
    assert capsys.readouterr().out.startswith("wrote shared.html\nwrote pictures/scores.svg\n")
    assert not (results / "report.html").exists()


def test_unfinished_study_is_one_line(results: Path, capsys: pytest.CaptureFixture[str]):
    (results / "comparisons.csv").unlink()
    assert main(["report"]) == 1
    assert capsys.readouterr().err == (
        "mushin: error: results/comparisons.csv: no such file; write the tables with 'mushin stats'\n"
    )
