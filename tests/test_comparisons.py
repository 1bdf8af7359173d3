import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy import stats
from statsmodels.stats.multitest import multipletests

from mushin.comparisons import compare_methods
from mushin.errors import ConfigError, DataError, IncompleteStudyError, MushinError, UnknownNameError
from mushin.planned_power import power
from mushin.statistics.corrections import available_corrections
from mushin.statistics.tests import available_tests
from mushin.summaries import summarise_methods

SPECIFIED_COLUMNS = """
metric higher_is_better dataset method_a method_b n_a n_b n_pairs n_missing mean_a mean_b sd_a sd_b
mean_diff ci_low ci_high ci_sim_low ci_sim_high test paired alternative statistic df p_value p_corrected
correction family family_size alpha significant effect_name effect_size effect_ci_low effect_ci_high
prob_superiority ps_ci_low ps_ci_high pair_correlation p_min mde_80 seeds_needed_80 margin p_tost
decision flags
"""


def labelled_study(values, *, name="accuracy", higher=True, valid_range=None):
    """Label an array (method, seed) or (dataset, method, seed)."""
    values = np.asarray(values, dtype=float)
    dims = ("dataset", "method", "seed")[-values.ndim :]
    labels = {"dataset": ["voc", "city", "ade"], "method": list("abcdefgh"), "seed": list(range(100))}
    coords = {dim: labels[dim][:size] for dim, size in zip(dims, values.shape, strict=True)}
    attrs = {"higher_is_better": higher}
    if valid_range is not None:
        attrs["valid_range"] = valid_range
    return xr.Dataset({name: xr.DataArray(values, coords=coords, dims=dims, attrs=attrs)})


def _normal(*shape, seed=0):
    return np.random.default_rng(seed).normal(0.8, 0.02, shape)


def _by_pair(table):
    return {(row["method_a"], row["method_b"]): row for row in table.to_dict("records")}


def test_the_table_holds_every_pair_as_scipy_and_statsmodels_compute_it():
    values = _normal(4, 6) + np.array([[0.0], [0.01], [0.05], [0.0]])
    table = compare_methods(labelled_study(values))
    p_values = []
    for row, (i, j) in zip(
        table.to_dict("records"), [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)], strict=True
    ):
        test = stats.ttest_ind(values[i], values[j], equal_var=False)
        interval, simultaneous = test.confidence_interval(0.95), test.confidence_interval(1 - 0.05 / 6)
        assert (row["method_a"], row["method_b"]) == ("abcd"[i], "abcd"[j])
        assert row["p_value"] == pytest.approx(test.pvalue, rel=1e-9)
        assert row["statistic"] == pytest.approx(test.statistic, rel=1e-9)
        assert row["df"] == pytest.approx(test.df, rel=1e-9)
        assert row["mean_diff"] == pytest.approx(values[i].mean() - values[j].mean(), rel=1e-9)
        assert (row["ci_low"], row["ci_high"]) == pytest.approx(tuple(interval), rel=1e-9)
        assert (row["ci_sim_low"], row["ci_sim_high"]) == pytest.approx(tuple(simultaneous), rel=1e-9)
        assert row["pair_correlation"] == pytest.approx(stats.pearsonr(values[i], values[j]).statistic)
        p_values.append(test.pvalue)
    np.testing.assert_allclose(table["p_corrected"], multipletests(p_values, method="holm")[1], rtol=1e-9)
    assert (table["family_size"] == 6).all()


def test_columns_are_those_of_the_specification_in_its_order():
    table = compare_methods(labelled_study(_normal(2, 2, 5)))
    assert list(table.columns) == [name for name in SPECIFIED_COLUMNS.split() if name in table.columns]
    assert {"decision", "flags", "dataset"} <= set(table.columns)
    assert "dataset" not in compare_methods(labelled_study(_normal(2, 5))).columns


def test_clear_separation_is_better_and_the_direction_decides_for_whom():
    values = np.array([[0.91, 0.92, 0.94, 0.95, 0.97], [0.80, 0.83, 0.81, 0.84, 0.79]])
    for higher, decision, chance in ((True, "better", 1.0), (False, "worse", 0.0)):
        row = compare_methods(labelled_study(values, higher=higher)).iloc[0]
        assert row["decision"] == decision
        assert row["prob_superiority"] == chance
        assert row["mean_diff"] > 0
        assert row["effect_size"] > 0


@pytest.mark.parametrize("test", available_tests())
def test_swapping_two_methods_swaps_the_verdict_only(test):
    values = _normal(2, 9) + np.array([[0.05], [0.0]])
    forth = compare_methods(labelled_study(values), test=test).iloc[0]
    back = compare_methods(labelled_study(values[::-1]), test=test).iloc[0]
    assert (forth["decision"], back["decision"]) == ("better", "worse")
    assert forth["p_value"] == pytest.approx(back["p_value"], rel=1e-9)
    for name in ("mean_diff", "effect_size"):
        assert forth[name] == pytest.approx(-back[name])
    assert forth["ci_low"] == pytest.approx(-back["ci_high"])
    assert forth["prob_superiority"] == pytest.approx(1 - back["prob_superiority"])


# The trap table of the specification.


def test_a_missing_run_elsewhere_does_not_shrink_the_family():
    values = _normal(4, 6)
    values[0] += 0.022
    whole = _by_pair(compare_methods(labelled_study(values)))[("a", "b")]
    values[2, 1] = values[3, 4] = np.nan
    table = compare_methods(labelled_study(values), allow_incomplete=True)
    assert (table["family_size"] == 6).all()
    assert table["n_missing"].tolist() == [0, 1, 1, 1, 1, 2]
    row = _by_pair(table)[("a", "b")]
    assert row["p_value"] == whole["p_value"]
    assert row["flags"] == ""
    assert "missing_cells" in _by_pair(table)[("a", "c")]["flags"]


def test_an_untestable_pair_still_counts():
    values = _normal(3, 6)
    values[2, 1:] = np.nan
    table = compare_methods(labelled_study(values), allow_incomplete=True)
    rows = _by_pair(table)
    assert rows[("a", "b")]["p_corrected"] == pytest.approx(min(1, 3 * rows[("a", "b")]["p_value"]))
    assert rows[("a", "c")]["decision"] == "untestable"
    assert np.isnan(rows[("a", "c")]["p_value"])
    assert not rows[("a", "c")]["significant"]
    assert "too_few_runs" in rows[("a", "c")]["flags"]


def test_perfect_separation_that_the_design_cannot_prove_is_underpowered():
    values = np.arange(5)[:, None] + np.linspace(0, 0.3, 6) ** 2
    table = compare_methods(labelled_study(values + _normal(5, 6)), test="wilcoxon")
    assert (table["p_value"] == 0.03125).all()
    assert (table["p_min"] == 0.03125).all()
    assert (table["decision"] == "underpowered").all()
    alone = compare_methods(labelled_study((values + _normal(5, 6))[:2]), test="wilcoxon")
    assert alone["decision"].tolist() == ["worse"]


@pytest.mark.parametrize("correction", ["hochberg", "fdr_bh"])
def test_pairs_that_could_be_claims_together_are_not_underpowered(correction):
    separated = np.arange(3)[:, None] + np.linspace(0, 0.3, 6) ** 2 + _normal(3, 6)
    found = compare_methods(labelled_study(separated), test="wilcoxon", correction=correction)
    assert found["p_corrected"].tolist() == [0.03125] * 3
    assert set(found["decision"]) == {"worse"}
    mixed = compare_methods(labelled_study(_normal(3, 6)), test="wilcoxon", correction=correction)
    assert set(mixed["decision"]) == {"inconclusive"}
    assert power(3, 6, test="wilcoxon", correction=correction).can_claim


def test_pairs_of_fewer_runs_can_be_claimed_once_the_others_are():
    levels = np.array([[3.0], [2.0], [1.0]]) * np.ones(5)
    levels[2, 3:] = np.nan
    options = {"test": "mannwhitney", "allow_incomplete": True}
    found = compare_methods(labelled_study(levels), **options)
    assert found["p_min"].round(4).tolist() == [0.0079, 0.0179, 0.0179]  # above a third of alpha
    assert set(found["decision"]) == {"better"}
    alike = np.where(np.isnan(levels), np.nan, _normal(3, 5))
    assert set(compare_methods(labelled_study(alike), **options)["decision"]) == {"inconclusive"}
    by_bonferroni = compare_methods(labelled_study(alike), correction="bonferroni", **options)
    assert by_bonferroni["decision"].tolist() == ["inconclusive", "underpowered", "underpowered"]


@pytest.mark.parametrize("n_seeds", [4, 5, 6, 7, 8])
@pytest.mark.parametrize("correction", available_corrections())
@pytest.mark.parametrize("test", ["wilcoxon", "mannwhitney"])
def test_underpowered_is_what_the_plan_calls_a_design_without_claims(test, correction, n_seeds):
    table = compare_methods(labelled_study(_normal(4, n_seeds)), test=test, correction=correction)
    is_underpowered = (table["decision"] == "underpowered").all()
    assert is_underpowered == (not power(4, n_seeds, test=test, correction=correction).can_claim)


@pytest.mark.parametrize("test", ["welch", "ttest_rel"])
def test_two_seeds_never_give_a_claim(test):
    row = compare_methods(labelled_study([[0.9, 0.9000001], [0.1, 0.1000002]]), test=test).iloc[0]
    assert row["p_value"] < 0.01
    assert row["decision"] == "underpowered"
    assert "fewer_than_3_runs" in row["flags"]


@pytest.mark.parametrize("test", available_tests())
def test_one_seed_is_untestable(test):
    row = compare_methods(labelled_study([[0.9], [0.1]]), test=test).iloc[0]
    assert row["decision"] == "untestable"


def test_a_constant_baseline_is_tested_against_and_flagged():
    values = np.stack([np.full(10, 0.8), 0.85 + 0.01 * np.linspace(-1, 1, 10)])
    row = compare_methods(labelled_study(values)).iloc[0]
    assert row["p_value"] == pytest.approx(stats.ttest_1samp(values[1], 0.8).pvalue, rel=1e-9)
    assert row["decision"] == "worse"
    assert row["flags"] == "one_sample_t;constant_a"


def test_two_constant_methods_are_untestable():
    row = compare_methods(labelled_study([[0.8] * 4, [0.9] * 4])).iloc[0]
    assert row["decision"] == "untestable"
    assert row["flags"] == "constant_a;constant_b"


def test_constant_differences_are_degenerate():
    values = np.linspace(0.1, 0.9, 10)
    row = compare_methods(labelled_study([values + 0.01, values]), test="ttest_rel").iloc[0]
    assert row["p_value"] == row["p_min"] == 2 / 2**10
    assert "degenerate" in row["flags"]
    assert np.isnan([row["effect_size"], row["ci_low"]]).all()


def test_intervals_of_differences_stay_within_the_valid_range():
    row = compare_methods(labelled_study([[0.0, 0.9, 1.0], [0.1, 0.0, 1.0]], valid_range=(0, 1))).iloc[0]
    assert row["ci_sim_low"] >= -1
    assert row["ci_sim_high"] <= 1


@pytest.mark.parametrize(("higher", "diverged"), [(True, -np.inf), (True, np.inf), (False, np.inf)])
@pytest.mark.parametrize("test", ["mannwhitney", "wilcoxon"])
def test_a_diverged_run_is_a_loss_in_rank_tests(test, higher, diverged):
    values = _normal(2, 8)
    values[1, 3] = diverged
    row = compare_methods(labelled_study(values, higher=higher), test=test).iloc[0]
    values[1, 3] = -1e3 if higher else 1e3
    finite = compare_methods(labelled_study(values, higher=higher), test=test).iloc[0]
    for name in ("p_value", "statistic", "effect_size", "prob_superiority"):
        assert row[name] == finite[name]
    assert row["flags"] == "diverged_b"
    assert np.isnan([row["mean_b"], row["mean_diff"], row["ci_low"]]).all()


def test_a_diverged_run_is_an_error_for_means():
    values = _normal(2, 5)
    values[1, 3] = np.inf
    with pytest.raises(DataError, match=r"loss of b, seed 3\. Test 'welch' .* test='mannwhitney'"):
        compare_methods(labelled_study(values, name="loss", higher=False))


@pytest.mark.parametrize("alpha", [5, 0, 1, -0.05, np.nan, "0.05", None, True])
def test_alpha_outside_0_and_1_is_refused(alpha):
    for function in (compare_methods, summarise_methods):
        with pytest.raises(ConfigError, match=r"alpha is .* between 0 and 1"):
            function(labelled_study(_normal(2, 5)), alpha=alpha)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda ds: ds.assign_coords(method=["a", "a"]), r"'method' has a label more than once: a"),
        (lambda ds: ds.assign_coords(seed=[0, 1, 1]), r"'seed' has a label more than once: 1"),
        (lambda ds: ds.drop_vars("seed"), r"'seed' has no labels; .*assign_coords\(seed="),
        (lambda ds: ds.rename(seed="run"), r"no dimension 'seed', only .*'run'"),
        (lambda ds: ds.isel(method=[]), r"dimension 'method' is empty"),
        (lambda ds: ds.isel(method=[0]), r"needs two methods, got only 'a'"),
        (lambda ds: ds.drop_vars("accuracy"), r"hold no metric"),
        (lambda ds: ds.to_dataframe(), r"must be an xarray.Dataset, got DataFrame"),
        (lambda ds: ds.expand_dims(epoch=[0, 1]), r"'accuracy' has the extra dimension 'epoch'"),
        (
            lambda ds: ds.assign(other=ds["accuracy"].mean("seed", keep_attrs=True)),
            r"'other' has no dimension 'seed'",
        ),
        (
            lambda ds: ds.assign(note=(("method", "seed"), np.full((2, 3), "x"))),
            r"'note' holds <U1 values, not numbers; leave it out with metrics=",
        ),
        (
            lambda ds: ds.assign(speed=(("method", "seed"), np.ones((2, 3)))),
            r"'speed' does not say which direction is better; declare it: .*higher_is_better'\] = True",
        ),
        (
            lambda ds: ds.assign(x=ds["accuracy"].assign_attrs(higher_is_better="yes")),
            r"higher_is_better must be True or False, got 'yes'",
        ),
        (
            lambda ds: ds.assign(x=ds["accuracy"].assign_attrs(valid_range=[1, 0])),
            r"'x': valid_range must be \(smallest, largest\)",
        ),
    ],
)
def test_a_dataset_of_another_form_is_refused(change, message):
    with pytest.raises(DataError, match=message):
        compare_methods(change(labelled_study(_normal(2, 3))))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"test": "welsh"}, "test 'welsh' is unknown; did you mean 'welch'"),
        ({"correction": "bonferoni"}, "correction 'bonferoni' is unknown; did you mean 'bonferroni'"),
        ({"family": "tables"}, "family 'tables' is unknown; did you mean 'table'"),
        ({"alternative": "bigger"}, "alternative 'bigger' is unknown; Known: greater, less, two-sided"),
        ({"baseline": "z"}, "baseline 'z' is unknown; Known: a, b"),
        ({"margin": {"acuracy": 0.1}}, "margin: metric 'acuracy' is unknown; did you mean 'accuracy'"),
        ({"primary": "f1"}, "primary: metric 'f1' is unknown; Known: accuracy"),
        ({"metrics": ["acuracy"]}, "metric 'acuracy' is unknown; did you mean 'accuracy'"),
    ],
)
def test_an_unknown_name_is_refused_with_a_suggestion(options, message):
    with pytest.raises(UnknownNameError, match=message):
        compare_methods(labelled_study(_normal(2, 3)), **options)


def test_a_metric_asked_for_twice_is_refused():
    with pytest.raises(DataError, match="'accuracy' appears twice"):
        compare_methods(labelled_study(_normal(2, 3)), metrics=["accuracy", "accuracy"])


def test_missing_cells_are_listed():
    ds = labelled_study(_normal(2, 3, 4))
    ds["f1"] = ds["accuracy"].copy()
    ds["accuracy"][0, 1, 2] = ds["f1"][0, 1, 2] = np.nan
    ds["f1"][1, 0, 3] = np.nan
    with pytest.raises(IncompleteStudyError) as raised:
        compare_methods(ds)
    assert str(raised.value).splitlines() == [
        "2 cells are missing:",
        "  voc, b, seed 2",
        "  city, a, seed 3 (f1)",
        "run what is missing, or compare what there is with allow_incomplete=True",
    ]


def test_a_long_list_of_missing_cells_is_cut():
    with pytest.raises(IncompleteStudyError, match=r"60 cells are missing:(.|\n)*and 40 more"):
        compare_methods(labelled_study(np.full((2, 30), np.nan)))


def test_paired_tests_join_by_seed_and_leave_out_incomplete_pairs():
    values = _normal(2, 8)
    values[0, 2] = values[1, 5] = np.nan
    both = ~np.isnan(values).any(axis=0)
    row = compare_methods(labelled_study(values), test="ttest_rel", allow_incomplete=True).iloc[0]
    expected = stats.ttest_rel(values[0, both], values[1, both])
    assert row["p_value"] == pytest.approx(expected.pvalue, rel=1e-9)
    assert (row["n_a"], row["n_b"], row["n_pairs"], row["n_missing"]) == (6, 6, 6, 2)
    assert row["mean_diff"] == pytest.approx(row["mean_a"] - row["mean_b"])
    assert row["paired"]
    assert row["effect_name"] == "hedges_g_z"


def test_the_order_of_dimensions_and_other_variables_do_not_matter():
    ds = labelled_study(_normal(2, 3, 5), valid_range=np.array([0.0, 1.0]))
    expected = compare_methods(ds)
    other = ds.transpose("seed", "dataset", "method").assign(
        confusion=(("dataset", "method", "seed", "target"), np.zeros((2, 3, 5, 2)))
    )
    other["accuracy"].attrs["higher_is_better"] = np.int8(1)
    pd.testing.assert_frame_equal(compare_methods(other), expected)


def test_datasets_are_compared_one_by_one_in_one_family_per_metric():
    values = _normal(2, 3, 5)
    table = compare_methods(labelled_study(values), correction="none")
    for k, name in enumerate(["voc", "city"]):
        alone = compare_methods(labelled_study(values[k]), correction="none")
        rows = table[table["dataset"] == name].reset_index(drop=True)
        pd.testing.assert_series_equal(rows["p_value"], alone["p_value"])
    assert (table["family_size"] == 6).all()


def test_the_table_as_one_family_counts_every_metric():
    ds = labelled_study(_normal(3, 6))
    ds["f1"] = ds["accuracy"].copy(data=_normal(3, 6, seed=1))
    per_metric, table = compare_methods(ds), compare_methods(ds, family="table")
    assert set(per_metric["family_size"]) == {3}
    assert set(table["family_size"]) == {6}
    np.testing.assert_allclose(
        table["p_corrected"], multipletests(table["p_value"], method="holm")[1], rtol=1e-9
    )
    for metric in ("accuracy", "f1"):
        rows = per_metric[per_metric["metric"] == metric]
        np.testing.assert_allclose(
            rows["p_corrected"], multipletests(rows["p_value"], method="holm")[1], rtol=1e-9
        )


def test_a_baseline_is_compared_with_each_other_method():
    table = compare_methods(labelled_study(_normal(4, 5)), baseline="c")
    assert table[["method_a", "method_b"]].values.tolist() == [["a", "c"], ["b", "c"], ["d", "c"]]
    assert (table["family_size"] == 3).all()


def test_metrics_can_be_chosen():
    ds = labelled_study(_normal(2, 5))
    ds["note"] = ds["accuracy"].astype(str)
    assert compare_methods(ds, metrics=["accuracy"])["metric"].tolist() == ["accuracy"]
    assert summarise_methods(ds, metrics="accuracy")["metric"].tolist() == ["accuracy", "accuracy"]


def test_the_mean_and_the_ranks_may_disagree_and_the_table_says_so():
    values = np.array([[0.5, 0.51, 0.52, 0.53, 0.54, 0.55], [0.4, 0.41, 0.42, 0.43, 0.44, 9.0]])
    row = compare_methods(labelled_study(values), test="mannwhitney").iloc[0]
    assert "means_disagree" in row["flags"]


def test_the_given_dataset_is_left_as_it_was():
    ds = labelled_study(_normal(2, 5))
    before = ds.copy(deep=True)
    compare_methods(ds)
    summarise_methods(ds)
    xr.testing.assert_identical(ds, before)


def test_pairing_on_request_takes_the_paired_test():
    ds = labelled_study(_normal(2, 6))
    pd.testing.assert_frame_equal(compare_methods(ds, paired=True), compare_methods(ds, test="ttest_rel"))
    with pytest.raises(ConfigError, match="paired is False"):
        compare_methods(ds, test="wilcoxon", paired=False)


def test_a_margin_allows_equivalence_and_non_inferiority():
    runs = stats.norm.ppf((np.arange(30) + 0.5) / 30)
    values = np.array([[0.800], [0.801], [0.900]]) + 0.01 * runs
    rows = _by_pair(compare_methods(labelled_study(values), margin=0.01))
    assert rows[("a", "b")]["decision"] == "equivalent"
    assert rows[("a", "b")]["margin"] == 0.01
    assert rows[("a", "b")]["p_tost"] < 0.01
    assert rows[("a", "c")]["decision"] == "worse"
    values = np.array([[0.808], [0.800]]) + 0.02 * runs
    for higher, expected in ((True, "non_inferior"), (False, "inconclusive")):
        row = compare_methods(labelled_study(values, higher=higher), margin=0.015).iloc[0]
        assert (row["decision"], row["significant"]) == (expected, False)


def test_a_margin_may_belong_to_one_metric():
    ds = labelled_study(_normal(2, 6))
    ds["f1"] = ds["accuracy"].copy()
    table = compare_methods(ds, margin={"f1": 0.5})
    assert table["decision"].tolist() == ["inconclusive", "equivalent"]
    assert np.isnan(table.loc[0, ["margin", "p_tost"]].astype(float)).all()


@pytest.mark.parametrize("margin", [0, -0.1, np.inf, np.nan, "0.1", True])
def test_a_margin_that_is_no_number_above_0_is_refused(margin):
    with pytest.raises(ConfigError, match=r"margin of 'accuracy' is .*a number above 0"):
        compare_methods(labelled_study(_normal(2, 6)), margin=margin)


def test_a_margin_needs_a_t_test():
    with pytest.raises(ConfigError, match=r"margin needs a t test .*, but test is 'wilcoxon'"):
        compare_methods(labelled_study(_normal(2, 6)), margin=0.1, test="wilcoxon")


def test_all_but_the_primary_metrics_are_exploratory():
    ds = labelled_study(_normal(2, 6))
    ds["f1"] = ds["accuracy"].copy()
    assert compare_methods(ds, primary="f1")["flags"].tolist() == ["exploratory", ""]
    assert compare_methods(ds, primary=["f1", "accuracy"])["flags"].tolist() == ["", ""]


def test_shaffer_lies_between_no_correction_and_holm_and_needs_all_pairs():
    ds = labelled_study(_normal(2, 4, 5) + np.array([0, 0.01, 0.03, 0.04])[:, None])
    raw, shaffer, holm = (compare_methods(ds, correction=name) for name in ("none", "shaffer", "holm"))
    assert (raw["p_corrected"] <= shaffer["p_corrected"]).all()
    assert (shaffer["p_corrected"] <= holm["p_corrected"]).all()
    assert (shaffer["p_corrected"] < holm["p_corrected"]).any()
    with pytest.raises(ConfigError, match="needs all pairs; leave out baseline"):
        compare_methods(ds, correction="shaffer", baseline="a")


def test_detectable_differences_and_seeds_needed_are_at_the_familys_level():
    values = _normal(3, 5) + np.array([[0.0], [0.01], [0.02]])
    corrected, alone = (
        compare_methods(labelled_study(values)),
        compare_methods(labelled_study(values), correction="none"),
    )
    assert (corrected["mde_80"] > alone["mde_80"]).all()
    assert (corrected["seeds_needed_80"] >= alone["seeds_needed_80"]).all()
    at_third = compare_methods(labelled_study(values), correction="none", alpha=0.05 / 3)
    np.testing.assert_allclose(corrected["mde_80"], at_third["mde_80"], rtol=1e-9)
    two_seeds = compare_methods(labelled_study(values[:, :2]))
    assert (two_seeds["mde_80"] == np.inf).all()


def test_summary_describes_every_method():
    values = _normal(2, 3, 5)
    values[1, 2, :] = np.nan
    values[0, 0, 1] = np.nan
    values[0, 1, 1] = np.inf
    table = summarise_methods(labelled_study(values, valid_range=(0, 1)), alpha=0.1)
    assert table["n"].tolist() == [4, 5, 5, 5, 5, 0]
    assert table["n_missing"].tolist() == [1, 0, 0, 0, 0, 5]
    assert table["n_diverged"].tolist() == [0, 1, 0, 0, 0, 0]
    assert np.isnan(table.loc[1, ["mean", "sd", "ci_low"]].astype(float)).all()
    assert table.loc[1, "max"] == np.inf
    assert np.isnan(table.loc[5, ["mean", "min", "median", "max"]].astype(float)).all()
    runs = values[1, 0]
    expected = stats.t.interval(0.9, 4, runs.mean(), stats.sem(runs))
    assert tuple(table.loc[3, ["ci_low", "ci_high"]]) == pytest.approx(expected, rel=1e-9)
    described = pd.Series(runs).describe()
    for name, ours in (("mean", "mean"), ("std", "sd"), ("min", "min"), ("50%", "median"), ("max", "max")):
        assert table.loc[3, ours] == pytest.approx(described[name], rel=1e-12)


def test_summary_keeps_the_interval_of_saturated_scores_within_the_valid_range():
    row = summarise_methods(labelled_study([[0.99, 1, 1, 0.97, 1]], valid_range=(0, 1))).iloc[0]
    assert row["ci_high"] == 1


def test_every_error_is_one_of_ours():
    with pytest.raises(MushinError):
        compare_methods(labelled_study(_normal(2, 3)), alpha=5)
    with pytest.raises(ValueError, match="alpha is 5"):
        compare_methods(labelled_study(_normal(2, 3)), alpha=5)


@pytest.mark.parametrize("higher", [True, False])
def test_greater_asks_whether_a_does_better_whichever_direction_is_better(higher):
    values = _normal(3, 6) + np.array([[0.0], [0.06], [-0.02]]) * (1 if higher else -1)
    greater, less = (
        compare_methods(labelled_study(values, higher=higher), baseline="a", alternative=side)
        for side in ("greater", "less")
    )
    raw = "greater" if higher else "less"
    expected = [stats.ttest_ind(x, values[0], equal_var=False, alternative=raw).pvalue for x in values[1:]]
    np.testing.assert_allclose(greater["p_value"], expected, rtol=1e-9)
    assert greater["decision"].tolist() == ["better", "inconclusive"]
    assert less.loc[0, "decision"] == "inconclusive"
    assert set(greater["alternative"]) == {"greater"}
    assert less.loc[0, "seeds_needed_80"] == np.inf
    assert np.isfinite(greater.loc[0, "seeds_needed_80"])
    two_sided = compare_methods(labelled_study(values, higher=higher), baseline="a")
    assert (greater["mde_80"] < two_sided["mde_80"]).all()
    np.testing.assert_array_equal(greater["ci_low"], two_sided["ci_low"])
    assert "alternative" not in two_sided


def test_shaffer_refuses_a_margin():
    with pytest.raises(ConfigError, match=r"argues with equalities, and a margin asks .*, or use 'holm'"):
        compare_methods(labelled_study(_normal(3, 5)), correction="shaffer", margin=0.01)


def test_scores_outside_their_range_are_refused_and_rounding_is_taken_off():
    values = _normal(2, 3)
    values[0, 1], values[1, 2] = 1.5, -0.25
    for function in (compare_methods, summarise_methods):
        with pytest.raises(
            DataError,
            match=r"'accuracy': 1\.5 \(method a, seed 1\) and 1 more lie outside .*\(0\.0, 1\.0\)",
        ):
            function(labelled_study(values, valid_range=(0, 1)))
    values[0, 1], values[1, 2] = 1 + 1e-7, -1e-7
    table = summarise_methods(labelled_study(values, valid_range=(0, 1)))
    assert (table.loc[0, "max"], table.loc[1, "min"]) == (1, 0)
    values[0, 1] = -np.inf
    assert summarise_methods(labelled_study(values, valid_range=(0, 1)))["n_diverged"].tolist() == [1, 0]


def test_shaffer_refuses_one_sided_tests():
    with pytest.raises(ConfigError, match="argues with equalities, but alternative is 'less'; use 'holm'"):
        compare_methods(labelled_study(_normal(3, 5)), correction="shaffer", alternative="less")
