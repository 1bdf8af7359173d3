"""The command ``mushin plot``, in this process."""

from __future__ import annotations

from pathlib import Path

import pytest

from made_study import made_study
from mushin.cli import main
from mushin.dataset import FORMAT, MergedResults
from mushin.labelled import as_results
from mushin.results_file import write_results


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    ds = as_results(made_study().assign_attrs(format=FORMAT))
    write_results(tmp_path / "results" / "compare.nc", MergedResults(ds))
    return tmp_path / "results"


def test_figures_are_written_and_what_is_left_out_is_said(results: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["plot"]) == 0
    out = capsys.readouterr().out
    assert "wrote results/figures/scores.svg" in out
    assert "left out costs: nobody noted what the cells cost; 'mushin aggregate' writes costs.csv" in out
    assert (results / "figures/scores.svg").is_file()


def test_kind_format_and_folder_can_be_chosen(results: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["plot", "results", "--kind", "scores", "--format", "pdf", "--folder", "pictures"]) == 0
    assert capsys.readouterr().out == "wrote pictures/scores.pdf\n"


def test_kinds_are_listed_without_a_study(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.chdir(tmp_path)
    assert main(["plot", "--list"]) == 0
    assert "confusion " in capsys.readouterr().out


def test_a_mistake_is_one_line(results: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["plot", "--kind", "score"]) == 1
    assert capsys.readouterr().err.startswith(
        "mushin: error: figure 'score' is unknown; did you mean 'scores'?"
    )
