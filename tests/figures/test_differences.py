import numpy as np
import pytest

from figure_checks import check_readable, line_named, texts_of
from made_study import made_study
from mushin.comparisons import compare_methods
from mushin.errors import DataError, UnknownNameError
from mushin.figures.differences import draw_differences

MINUS = "\N{MINUS SIGN}"
NOISE = np.array([0.001, -0.001, 0.002, 0.0, 0.0])
LONG = [f"a rather long name of method number {i} (wide, lr=0.001)" for i in range(4)]


def _said(figure):
    return texts_of(figure).replace("\n", " ")


def test_bars_end_where_the_table_says():
    table = compare_methods(made_study())
    figure = draw_differences(table)
    for axes, metric in zip(figure.axes, ("accuracy", "ece"), strict=True):
        for row in table[table["metric"] == metric].to_dict("records"):
            pair = f"{row['method_a']} - {row['method_b']}"
            single = line_named(axes, f"single {pair}").get_xdata()
            np.testing.assert_array_equal(single, [row["ci_low"], row["ci_high"]])
            simultaneous = line_named(axes, f"simultaneous {pair}").get_xdata()
            np.testing.assert_array_equal(simultaneous, [row["ci_sim_low"], row["ci_sim_high"]])
            assert line_named(axes, f"difference {pair}").get_xdata() == [row["mean_diff"]]


def test_rows_keep_the_order_of_the_table_and_say_the_decision():
    table = compare_methods(made_study(metrics=["accuracy"]))
    (axes,) = draw_differences(table).axes
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels == ["cnn \N{MINUS SIGN} mlp", "cnn \N{MINUS SIGN} linear", "mlp \N{MINUS SIGN} linear"]
    assert axes.yaxis_inverted()
    assert [text.get_text().split(" (p")[0] for text in axes.texts] == ["A is better"] * 3


def test_lower_is_better_turns_words_and_arrow_but_not_the_axis():
    table = compare_methods(made_study(metrics=["ece"]))
    (axes,) = draw_differences(table).axes
    assert "← A is better" in axes.get_xlabel()
    assert line_named(axes, "difference cnn - mlp").get_xdata()[0] < 0
    assert line_named(axes, "difference cnn - mlp").get_marker() == "<"
    assert axes.texts[0].get_text().startswith("A is better")


def test_claims_are_filled_and_the_rest_is_hollow():
    ds = made_study(metrics=["accuracy"])
    ds["accuracy"][1] = ds["accuracy"][2].values + NOISE
    (axes,) = draw_differences(compare_methods(ds)).axes
    assert line_named(axes, "difference cnn - mlp").get_markerfacecolor() != "white"
    assert line_named(axes, "difference mlp - linear").get_markerfacecolor() == "white"
    assert axes.texts[2].get_text().startswith("inconclusive (p ")


def test_the_margin_is_a_band_around_zero():
    ds = made_study(metrics=["accuracy"])
    ds["accuracy"][1] = ds["accuracy"][2].values + NOISE
    figure = draw_differences(compare_methods(ds, margin=0.05))
    (axes,) = figure.axes
    (band,) = [patch for patch in axes.patches if patch.get_label() == "margin"]
    assert (band.get_x(), band.get_width()) == (-0.05, 0.1)
    assert line_named(axes, "zero").get_xdata() == [0.0, 0.0]
    assert "equivalent (margin 0.05)" in _said(figure)
    assert "Grey band: the margin" in _said(figure)


def test_the_note_says_n_test_and_correction():
    said = _said(draw_differences(compare_methods(made_study())))
    assert "n = 5 runs of each method" in said
    assert "95% for all 3 differences of a family at once (Bonferroni)" in said
    assert "(welch, p adjusted by holm, alpha 0.05); it can claim more than the thin bars show" in said
    one_sided = compare_methods(made_study(), alternative="greater", correction="none", paired=True)
    assert "(ttest_rel, paired by seed, one-sided: A better than B, p not adjusted" in _said(
        draw_differences(one_sided)
    )


def test_the_note_of_a_single_pair_leaves_simultaneous_intervals_out():
    said = _said(draw_differences(compare_methods(made_study(["cnn", "mlp"]))))
    assert "difference of means; bar: its 95% t interval. Words:" in said
    assert "thin bar" not in said


def test_title_counts_the_claims():
    one = draw_differences(compare_methods(made_study()), metrics=["ece"])
    assert "3 claims in 3 comparisons" in _said(one)
    assert "6 claims in 6 comparisons" in _said(draw_differences(compare_methods(made_study())))
    few = compare_methods(made_study(n_seeds=3), test="mannwhitney")
    assert "0 claims in 6 comparisons" in _said(draw_differences(few))


def test_missing_and_diverged_runs_are_said():
    ds = made_study(metrics=["accuracy"])
    ds["accuracy"][0, 0] = np.nan
    ds["accuracy"][2, 1] = np.inf
    said = _said(draw_differences(compare_methods(ds, test="mannwhitney", allow_incomplete=True)))
    assert "n = 4 and 5" in said
    assert "no mean: a run diverged, or is missing" in said


def test_an_unknown_metric_and_an_empty_table_are_refused():
    table = compare_methods(made_study())
    with pytest.raises(UnknownNameError, match="did you mean 'accuracy'"):
        draw_differences(table, metrics=["acuracy"])
    with pytest.raises(DataError, match="the comparisons have no rows"):
        draw_differences(table.iloc[:0])


def test_of_very_many_pairs_those_of_the_best_methods_are_drawn_and_the_note_says_so():
    table = compare_methods(made_study([f"m{i}" for i in range(33)], n_seeds=3))
    figure = draw_differences(table)
    assert len(table) == 1056
    assert [len(axes.get_yticks()) for axes in figure.axes] == [45, 45]
    assert figure.axes[0].get_yticklabels()[-1].get_text() == f"m8 {MINUS} m9"
    assert (
        "10 of 33 methods, those with the best means of accuracy, and 2 of 2 metrics: 90 of 1,056"
        in _said(figure)
    )
    assert "Shown here" in _said(draw_differences(table, metrics=["ece"]))
    assert "Shown here" not in _said(draw_differences(table[table["method_a"] == "m0"]))


@pytest.mark.parametrize(
    "table",
    [
        compare_methods(made_study()),
        compare_methods(made_study(["a", "b"], metrics=[f"metric_{i}" for i in range(12)])),
        compare_methods(made_study(LONG, datasets=["voc", "city"]), margin=0.01),
        compare_methods(made_study([f"m{i}" for i in range(12)], metrics=["accuracy"])),
        compare_methods(made_study(n_seeds=1)),
    ],
)
def test_texts_are_apart(table):
    check_readable(draw_differences(table))
