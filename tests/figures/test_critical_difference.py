import numpy as np
import pytest

from figure_checks import check_readable, line_named, texts_of
from made_study import made_study
from mushin.dataset_comparisons import compare_over_datasets
from mushin.errors import FigureError, IncompleteStudyError
from mushin.figures.critical_difference import draw_critical_difference

DATASETS = [f"data {i}" for i in range(8)]


def _study(methods=("cnn", "mlp", "linear"), **options):
    ds = made_study(methods, datasets=DATASETS, **options)
    rng = np.random.default_rng(1)
    for metric in ds.data_vars:
        noise = rng.normal(0, 0.1, (len(DATASETS), len(methods), 1))
        ds[metric].values[:] = 0.25 + (ds[metric] + noise) / 2  # within the valid range
    return ds


def test_methods_stand_at_their_mean_ranks():
    ds = _study()
    found = compare_over_datasets(ds)
    figure = draw_critical_difference(ds)
    for axes, metric in zip(figure.axes, ("accuracy", "ece"), strict=True):
        ranks = found.ranks[found.ranks["metric"] == metric].set_index("method")["mean_rank"]
        for method, rank in ranks.items():
            assert line_named(axes, f"rank of {method}").get_xdata()[0] == rank
            assert f"{rank:.2f}" in texts_of(figure)


def test_the_critical_difference_is_drawn_to_scale():
    ds = _study(metrics=["accuracy"])
    difference = compare_over_datasets(ds).tests["critical_difference"].iloc[0]
    (axes,) = draw_critical_difference(ds).axes
    np.testing.assert_allclose(line_named(axes, "critical difference").get_xdata(), [1, 1 + difference])


def test_bars_join_what_is_not_told_apart():
    ds = made_study(datasets=DATASETS, metrics=["accuracy"])
    ds["accuracy"][:, 1] = ds["accuracy"][:, 0].values
    (axes,) = draw_critical_difference(ds).axes
    bar = line_named(axes, "not told apart").get_xdata()
    assert bar[0] < 1.5 < bar[1]
    assert bar[1] < 3


def test_title_and_note_say_n_of_data_sets_and_seeds():
    said = texts_of(draw_critical_difference(_study())).replace("\n", " ")
    assert "Mean ranks of 3 methods over 8 data sets (rank 1 is best)" in said
    assert "n = 8 data sets, each counted once with its mean over 5 seeds" in said
    assert "ece (lower is better; Friedman p " in said


def test_each_panel_says_its_n_where_metrics_rest_on_other_data_sets():
    ds = _study()
    ds["ece"][:2, 0] = np.nan
    figure = draw_critical_difference(ds, allow_incomplete=True)
    assert ["n = 8; " in axes.get_title("left") for axes in figure.axes] == [True, False]
    assert "n = 6; " in figure.axes[1].get_title("left")
    said = texts_of(figure).replace("\n", " ")
    assert "3 methods over 6 to 8 data sets" in said
    assert "n = 6 to 8 data sets, each counted once" in said


def test_what_has_no_ranks_is_refused():
    with pytest.raises(FigureError, match="two data sets at least; the results hold one"):
        draw_critical_difference(made_study())
    with pytest.raises(FigureError, match="two methods at least, got only 'cnn'"):
        draw_critical_difference(_study(["cnn"]))


def test_missing_cells_are_refused_unless_allowed():
    ds = _study(metrics=["accuracy"])
    ds["accuracy"][0, 0, 0] = np.nan
    with pytest.raises(IncompleteStudyError, match="1 cell is missing"):
        draw_critical_difference(ds)
    assert draw_critical_difference(ds, allow_incomplete=True).axes


@pytest.mark.parametrize("n_methods", [2, 15])
def test_texts_are_apart(n_methods):
    methods = [f"a rather long name of method number {i}" for i in range(n_methods)]
    check_readable(draw_critical_difference(_study(methods, metrics=["accuracy"])))


def test_a_critical_difference_longer_than_the_scale_stays_on_the_page():
    check_readable(draw_critical_difference(_study().isel(dataset=slice(2))))
