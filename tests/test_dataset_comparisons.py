import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy import stats
from statsmodels.stats.multitest import multipletests

from mushin.dataset_comparisons import compare_over_datasets
from mushin.errors import ConfigError, DataError, IncompleteStudyError, UnknownNameError
from mushin.report.dataset_tables import write_dataset_tables
from mushin.stages.compare import compare_study

GOLDEN = Path(__file__).parent / "golden"


def _study(values, *, higher=True):
    values = np.asarray(values, dtype=float)
    coords = {
        "dataset": [f"d{i}" for i in range(values.shape[0])],
        "method": [f"m{i}" for i in range(values.shape[1])],
        "seed": range(values.shape[2]),
    }
    array = xr.DataArray(values, coords=coords, dims=tuple(coords), attrs={"higher_is_better": int(higher)})
    return xr.Dataset({"accuracy": array})


def _demsar():
    rows = list(csv.reader((GOLDEN / "demsar2006/table6.csv").read_text().splitlines()))
    scores = np.array([row[1:] for row in rows[1:]], dtype=float)
    scores[12, 3] = 0.97499  # the tie that the printed row hides; see the README there
    return _study(scores[..., None]).assign_coords(method=rows[0][1:], dataset=[row[0] for row in rows[1:]])


def _random(datasets=8, methods=4, seeds=3, seed=0):
    return np.random.default_rng(seed).normal(0.8, 0.05, (datasets, methods, seeds))


def test_demsars_table_gives_his_ranks_and_groups():
    found = compare_over_datasets(_demsar(), alpha=0.1)
    assert found.ranks["mean_rank"].round(3).tolist() == [3.143, 2.0, 2.893, 1.964]
    assert found.ranks["best_on"].tolist() == [3, 5, 2, 7]
    row = found.tests.iloc[0]
    assert row["critical_difference"] == pytest.approx(1.12, abs=0.005)
    assert row["groups"] == "C4.5+m+cf,C4.5+m,C4.5+cf;C4.5+cf,C4.5"
    assert row["friedman_chi2"] == pytest.approx(10.228346456692913, rel=1e-9)
    pairs = found.comparisons
    assert pairs.loc[0, "p_value"] == 0.00732421875
    assert pairs.loc[0, ["method_a", "method_b", "decision"]].tolist() == ["C4.5", "C4.5+m", "worse"]
    assert pairs.loc[0, ["n_a_wins", "n_ties", "n_b_wins"]].tolist() == [2, 2, 10]


def test_each_data_set_counts_once_with_its_mean_over_seeds():
    values = _random()
    found = compare_over_datasets(_study(values)).comparisons
    means = values.mean(axis=-1)
    expected = [
        stats.wilcoxon(means[:, i], means[:, j], method="exact").pvalue
        for i, j in zip(*np.triu_indices(4, 1), strict=True)
    ]
    np.testing.assert_allclose(found["p_value"], expected, rtol=1e-9)
    np.testing.assert_allclose(found["p_corrected"], multipletests(expected, method="holm")[1], rtol=1e-9)
    assert set(found["family_size"]) == {6}
    assert set(found["population"]) == {"new data sets"}


@pytest.mark.parametrize("higher", [True, False])
def test_the_direction_of_the_metric_decides_who_is_better(higher):
    values = _random(methods=2) + np.array([[0.5], [0.0]])
    found = compare_over_datasets(_study(values, higher=higher))
    assert found.comparisons.loc[0, "decision"] == ("better" if higher else "worse")
    assert found.ranks["mean_rank"].tolist() == ([1, 2] if higher else [2, 1])
    assert found.comparisons.loc[0, "n_a_wins"] == (8 if higher else 0)


def test_few_data_sets_are_underpowered_whatever_the_number_of_seeds():
    values = _random(datasets=5, methods=2, seeds=30) + np.array([[0.5], [0.0]])
    row = compare_over_datasets(_study(values)).comparisons.iloc[0]
    assert (row["p_min"], row["decision"]) == (0.0625, "underpowered")


def test_a_diverged_run_makes_its_method_the_worst_of_that_data_set():
    values = _random()
    values[0, 1, 2] = np.inf
    found = compare_over_datasets(_study(values))
    values[0, 1, 2] = -1e6
    pd.testing.assert_frame_equal(found.ranks, compare_over_datasets(_study(values)).ranks)
    pd.testing.assert_frame_equal(found.comparisons, compare_over_datasets(_study(values)).comparisons)


def test_ties_are_judged_by_the_scale_of_each_data_set():
    errors = 10.0 ** np.array([-9, -8, 5, 6, 7, 8, 9])
    values = np.stack([errors, 1.01 * errors], axis=1)[..., None]
    (row,) = compare_over_datasets(_study(values, higher=False)).comparisons.to_dict("records")
    assert (row["n_a_wins"], row["n_ties"], row["n_b_wins"]) == (7, 0, 0)
    assert (row["p_value"], row["decision"]) == (2 / 2**7, "better")
    values[-1, 1] = values[-1, 0] * (1 + 1e-15)
    (row,) = compare_over_datasets(_study(values, higher=False)).comparisons.to_dict("records")
    assert (row["n_a_wins"], row["n_ties"], row["p_value"]) == (6, 1, 2 / 2**6)


def test_step_up_corrections_count_what_all_pairs_could_give_together():
    values = _random(datasets=6, methods=3)
    decisions = compare_over_datasets(_study(values), correction="hochberg").comparisons["decision"]
    assert set(decisions) == {"inconclusive"}
    assert set(compare_over_datasets(_study(values)).comparisons["decision"]) == {"underpowered"}


def test_missing_cells_are_an_error_unless_allowed():
    values = _random()
    values[0, 1, 2] = values[3, 2, :] = np.nan
    with pytest.raises(IncompleteStudyError, match="d0, m1, seed 2"):
        compare_over_datasets(_study(values))
    found = compare_over_datasets(_study(values), allow_incomplete=True)
    assert set(found.ranks["n_datasets"]) == {7}


def test_a_baseline_and_shaffer():
    ds = _study(_random())
    assert compare_over_datasets(ds, baseline="m1").comparisons["method_b"].tolist() == ["m1"] * 3
    holm, shaffer = (compare_over_datasets(ds, correction=name).comparisons for name in ("holm", "shaffer"))
    assert (shaffer["p_corrected"] <= holm["p_corrected"]).all()
    with pytest.raises(ConfigError, match="'shaffer' needs all pairs"):
        compare_over_datasets(ds, baseline="m1", correction="shaffer")


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda ds: ds.isel(dataset=0, drop=True), DataError, "no dimension 'dataset'; compare_methods"),
        (lambda ds: ds.isel(dataset=[0]), DataError, "1 data set has runs of every method"),
        (lambda ds: ds.isel(method=[0]), DataError, "needs two methods"),
    ],
)
def test_too_little_to_compare_is_refused(change, error, message):
    with pytest.raises(error, match=message):
        compare_over_datasets(change(_study(_random())))


def test_unknown_names_are_refused():
    with pytest.raises(UnknownNameError, match="baseline 'm9' is unknown"):
        compare_over_datasets(_study(_random()), baseline="m9")
    with pytest.raises(UnknownNameError, match="correction 'holms' is unknown"):
        compare_over_datasets(_study(_random()), correction="holms")


def test_the_stage_writes_them_where_several_data_sets_are_whole(tmp_path):
    ds = _study(_random(methods=2)).assign_attrs(format="mushin-results/1")
    settings = {"test": "welch", "correction": "holm", "alpha": 0.05}
    ds.to_netcdf(tmp_path / "compare.nc")
    tables = compare_study(tmp_path / "compare.nc", settings)
    assert [path.name for path in tables.written[-3:]] == [
        "ranks.csv",
        "over_datasets.csv",
        "over_datasets.md",
    ]
    assert tables.left_out == ""
    assert "missing" not in (tmp_path / "over_datasets.md").read_text()


def test_with_missing_cells_the_tables_over_data_sets_say_what_they_do_without(tmp_path):
    ds = _study(_random(methods=2)).assign_attrs(format="mushin-results/1")
    settings = {"test": "welch", "correction": "holm", "alpha": 0.05}
    ds["accuracy"][0, 0, 0] = np.nan
    ds.to_netcdf(tmp_path / "compare.nc")
    tables = compare_study(tmp_path / "compare.nc", settings, allow_incomplete=True)
    assert len(tables.written) == 11
    markdown = (tmp_path / "over_datasets.md").read_text()
    cell = ", ".join(("d0", "m0", "seed 0"))
    assert f"1 cell is missing ({cell}): a mean is over the seeds that there are" in markdown


def test_tables_over_too_few_whole_data_sets_are_left_out_and_old_ones_removed(tmp_path):
    ds = _study(_random(methods=2)).assign_attrs(format="mushin-results/1")
    settings = {"test": "welch", "correction": "holm", "alpha": 0.05}
    ds.to_netcdf(tmp_path / "compare.nc")
    compare_study(tmp_path / "compare.nc", settings)
    ds["accuracy"][1:, 0] = np.nan
    ds.to_netcdf(tmp_path / "compare.nc")
    tables = compare_study(tmp_path / "compare.nc", settings, allow_incomplete=True)
    assert len(tables.written) == 8
    assert "over_datasets.csv, over_datasets.md: metric 'accuracy': 1 data set has runs" in tables.left_out
    assert not (tmp_path / "ranks.csv").exists()


def test_tables_over_data_sets_go_when_one_data_set_is_left(tmp_path):
    ds = _study(_random(methods=2)).assign_attrs(format="mushin-results/1")
    settings = {"test": "welch", "correction": "holm", "alpha": 0.05}
    ds.to_netcdf(tmp_path / "compare.nc")
    compare_study(tmp_path / "compare.nc", settings)
    ds.isel(dataset=0, drop=True).to_netcdf(tmp_path / "compare.nc")
    compare_study(tmp_path / "compare.nc", settings)
    left = {path.name for path in tmp_path.iterdir()}
    assert left.isdisjoint({"ranks.csv", "over_datasets.csv", "over_datasets.md"})
    assert "comparisons.csv" in left


def test_three_files_are_written_and_say_what_the_claim_is_about(tmp_path):
    paths = write_dataset_tables(compare_over_datasets(_demsar()), tmp_path)
    assert [path.name for path in paths] == ["ranks.csv", "over_datasets.csv", "over_datasets.md"]
    ranks = pd.read_csv(paths[0])
    assert ranks["mean_rank"].round(3).tolist() == [3.143, 2.0, 2.893, 1.964]
    assert set(ranks["critical_difference"].round(2)) == {1.25}
    text = paths[2].read_text()
    assert "claims about new data sets like these" in text
    assert "Friedman: chi2(3) = 10.23, p 0.0167; Iman-Davenport: F(3, 39) = 4.19" in text
    assert "C4.5 | C4.5+m | 2 / 2 / 10" in " ".join(text.split())
