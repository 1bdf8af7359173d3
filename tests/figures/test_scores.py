import numpy as np
import pytest

from figure_checks import check_readable, line_named, texts_of
from made_study import made_study
from mushin.errors import UnknownNameError
from mushin.figures.scores import draw_scores
from mushin.summaries import summarise_methods

LONG = [f"a rather long name of method number {i} (wide, lr=0.001)" for i in range(12)]


def test_points_are_the_scores_and_bars_the_summary():
    ds = made_study()
    summary = summarise_methods(ds).set_index(["metric", "method"])
    figure = draw_scores(ds)
    for axes, metric in zip(figure.axes, ("accuracy", "ece"), strict=True):
        for method in ("cnn", "mlp", "linear"):
            runs = line_named(axes, f"runs of {method}").get_xdata()
            np.testing.assert_array_equal(runs, ds[metric].sel({"method": method}).values)
            row = summary.loc[(metric, method)]
            bar = line_named(axes, f"interval of {method}").get_xdata()
            np.testing.assert_array_equal(bar, [row["ci_low"], row["ci_high"]])
            assert line_named(axes, f"mean of {method}").get_xdata() == [row["mean"]]


def test_methods_are_rows_in_the_order_of_the_study_from_the_top():
    axes = draw_scores(made_study()).axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["cnn", "mlp", "linear"]
    assert axes.yaxis_inverted()


def test_data_sets_have_panels_of_their_own():
    ds = made_study(datasets=["voc", "city"])
    figure = draw_scores(ds)
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["voc", "city", "voc", "city"]
    runs = line_named(figure.axes[3], "runs of mlp").get_xdata()
    np.testing.assert_array_equal(runs, ds["ece"].sel({"dataset": "city", "method": "mlp"}).values)


def test_axes_say_unit_and_direction_and_the_note_says_n():
    figure = draw_scores(made_study())
    assert [axes.get_xlabel() for axes in figure.axes] == [
        "Accuracy\n(no unit, 0 to 1)  better →",
        "Ece\n(no unit, 0 to 1)  ← better",
    ]
    assert "n = 5 per method" in texts_of(figure).replace("\n", " ")
    assert "95% t interval" in texts_of(figure).replace("\n", " ")


def test_missing_and_diverged_runs_are_said():
    ds = made_study(metrics=["accuracy"])
    ds["accuracy"][0, 0] = np.nan
    ds["accuracy"][1, 1] = np.inf
    said = texts_of(draw_scores(ds))
    assert "1 missing" in said
    assert "1 diverged: no mean" in said
    assert "n = 4 to 5 per method" in said.replace("\n", " ")


def test_a_metric_can_be_chosen_and_an_unknown_one_is_refused():
    assert len(draw_scores(made_study(), metrics=["ece"]).axes) == 1
    with pytest.raises(UnknownNameError, match="did you mean 'accuracy'"):
        draw_scores(made_study(), metrics=["acuracy"])


@pytest.mark.parametrize(
    "ds",
    [
        made_study(),
        made_study(["a", "b"], metrics=[f"metric_{i}" for i in range(12)]),
        made_study(LONG, metrics=["accuracy"]),
        made_study([f"m{i}" for i in range(15)], datasets=["voc", "city", "wine"]),
        made_study(["only"], n_seeds=1),
    ],
)
def test_texts_are_apart(ds):
    check_readable(draw_scores(ds))
