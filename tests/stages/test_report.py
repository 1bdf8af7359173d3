import json
from dataclasses import asdict

import numpy as np
import pytest

from made_study import made_study
from mushin.cells import write_cell
from mushin.comparisons import compare_methods
from mushin.config.plan import CellName
from mushin.dataset import FORMAT, MergedResults
from mushin.dataset_comparisons import compare_over_datasets
from mushin.errors import CellError, IncompleteStudyError
from mushin.labelled import as_results
from mushin.provenance.study_file import CellOrigin
from mushin.report.dataset_tables import write_dataset_tables
from mushin.report.tables import write_tables
from mushin.results_file import write_results
from mushin.stages.read_origin import read_origin
from mushin.stages.report import read_content, report_study
from mushin.summaries import summarise_methods


def _write(folder, ds):
    write_results(folder / "compare.nc", MergedResults(as_results(ds.assign_attrs(format=FORMAT))))
    write_tables(compare_methods(ds), summarise_methods(ds), folder)


def _record(**changes):
    state = {"commit": "0123456789abcdef", "dirty": True}
    run = {"stage": "train", "command": "snakemake --cores 2", "python": "3.12.1", "platform": "Linux"}
    run |= {"host": "somewhere", "started": "2026-01-31T09:00:00Z", "ended": "2026-01-31T09:01:00Z"}
    run |= {"study_git": state, "mushin_git": None, "output_sha256": "ab" * 32}
    cell = asdict(CellOrigin("digits/mlp/0", {}, {}, {}, "", "", ""))
    content = {"format": "mushin-provenance/1", "aggregated": run, "texts": {}}
    return json.dumps({**content, "cells": [cell | {"runs": {"train": run}}], **changes})


@pytest.fixture
def results(tmp_path):
    _write(tmp_path, made_study(n_seeds=3, metrics=["accuracy"]))
    return tmp_path


def test_page_and_figures_are_written_the_same_each_time(results):
    written = report_study(results, figures=results / "shown")
    assert [path.relative_to(results).as_posix() for path in written] == [
        "report.html",
        "shown/scores.svg",
        "shown/differences.svg",
        "shown/power_curve.svg",
    ]
    before = [path.read_bytes() for path in written]
    assert [path.read_bytes() for path in report_study(results, figures=results / "shown")] == before
    assert "cnn does better than mlp and linear." in written[0].read_text(encoding="utf-8")


def test_page_holds_no_path_of_this_machine(results):
    (page,) = report_study(results)
    assert str(results) not in page.read_text(encoding="utf-8")


def test_tables_are_needed(results):
    (results / "comparisons.csv").unlink()
    with pytest.raises(IncompleteStudyError, match=r"comparisons.csv: no such file; .*'mushin stats'"):
        report_study(results)


@pytest.mark.parametrize("method", [0, 2])  # the last one is never the first of a pair
def test_tables_of_other_scores_are_refused(results, method):
    ds = made_study(n_seeds=3, metrics=["accuracy"])
    ds["accuracy"][method, 0] = 0.5
    write_results(results / "compare.nc", MergedResults(as_results(ds.assign_attrs(format=FORMAT))))
    with pytest.raises(IncompleteStudyError, match="compares other scores than"):
        report_study(results)


def test_tables_without_a_method_are_refused(results):
    ds = made_study(n_seeds=3, metrics=["accuracy"])
    write_tables(compare_methods(ds.isel(method=[0, 1])), summarise_methods(ds), results)
    with pytest.raises(IncompleteStudyError, match="compares other scores than"):
        report_study(results)


def test_tables_over_data_sets_of_other_scores_are_refused(tmp_path):
    ds = made_study(n_seeds=3, metrics=["accuracy"], datasets=["voc", "city"])
    _write(tmp_path, ds)
    turned = ds.copy(deep=True)
    turned["accuracy"][:, 0], turned["accuracy"][:, 1] = ds["accuracy"][:, 1], ds["accuracy"][:, 0]
    write_dataset_tables(compare_over_datasets(turned), tmp_path)
    with pytest.raises(IncompleteStudyError, match=r"ranks\.csv ranks other scores than"):
        report_study(tmp_path)
    former = (tmp_path / "over_datasets.csv").read_bytes()
    write_dataset_tables(compare_over_datasets(ds), tmp_path)
    (tmp_path / "over_datasets.csv").write_bytes(former)
    with pytest.raises(IncompleteStudyError, match=r"over_datasets\.csv compares other scores than"):
        report_study(tmp_path)
    ds["accuracy"][0, 0] = np.nan
    write_results(tmp_path / "compare.nc", MergedResults(as_results(ds.assign_attrs(format=FORMAT))))
    write_tables(compare_methods(ds, allow_incomplete=True), summarise_methods(ds), tmp_path)
    with pytest.raises(IncompleteStudyError, match="1 data set has runs of every method"):
        report_study(tmp_path)


def test_missing_study_says_how_to_make_it(tmp_path):
    with pytest.raises(CellError, match="no such file; make it with"):
        report_study(tmp_path)


def test_several_data_sets_bring_their_own_verdicts(tmp_path):
    ds = made_study(n_seeds=3, metrics=["accuracy"], datasets=["voc", "city"])
    _write(tmp_path, ds)
    write_dataset_tables(compare_over_datasets(ds), tmp_path)
    content = read_content(tmp_path)
    assert content.datasets == ("voc", "city")
    (page,) = report_study(tmp_path)
    text = page.read_text(encoding="utf-8")
    assert "Underpowered: so few data sets could not have told cnn from mlp" in text
    assert "demsar2006" in text


def test_missing_cells_still_give_a_page(tmp_path):
    ds = made_study(metrics=["accuracy"])
    ds["accuracy"][0, 0] = np.nan
    write_results(tmp_path / "compare.nc", MergedResults(as_results(ds.assign_attrs(format=FORMAT))))
    write_tables(compare_methods(ds, allow_incomplete=True), summarise_methods(ds), tmp_path)
    (page,) = report_study(tmp_path)
    assert "1 cell is missing or diverged" in page.read_text(encoding="utf-8")


def test_origin_comes_from_the_cells(tmp_path, make_cell):
    provenance = {
        "checkpoint_sha256": "ab" * 32,
        "targets_digest": "0123",
        "settings_method": 'method={"width":8}',
        "sources_method": "method.source={}",
        "trained_with_torch": "2.4",
        "evaluated_with_torch": "2.5",
    }
    write_cell(tmp_path / "digits/mlp/0/cell.nc", make_cell("digits/mlp/0", provenance=provenance))
    origin = read_origin(tmp_path, [CellName("digits", "mlp", seed) for seed in (0, 1)])
    assert origin.versions == {"torch": "2.4, 2.5"}
    assert origin.settings == {"digits/mlp": {"method": '{"width":8}'}}
    (cell,) = origin.cells
    assert (cell.cell, cell.model, cell.targets) == ("digits/mlp/0", "ab" * 32, "0123")
    assert cell.settings
    assert cell.settings != cell.sources
    assert origin.commands == ()


def test_recorded_runs_bring_the_command_without_times_and_hosts(results):
    (results / "provenance.json").write_text(_record(), encoding="utf-8")
    origin = read_origin(results, [])
    assert origin.commands == ("snakemake --cores 2",)
    assert origin.facts == {
        "Python": "3.12.1",
        "platform": "Linux",
        "commit of the study": "0123456789 with uncommitted changes",
    }
    (page,) = report_study(results)
    text = page.read_text(encoding="utf-8")
    assert "snakemake --cores 2" in text
    assert "somewhere" not in text
    assert "2026-01-31" not in text


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("{", "damaged"),
        (_record(format="mushin-provenance/9"), "format 'mushin-provenance/9'; this version reads"),
        (_record(cells=[{}]), "damaged"),
    ],
)
def test_damaged_record_of_runs_is_refused(tmp_path, content, problem):
    (tmp_path / "provenance.json").write_text(content, encoding="utf-8")
    with pytest.raises(CellError, match=problem):
        read_origin(tmp_path, [])
