import numpy as np
import pytest

from figure_checks import check_readable, line_named, texts_of
from made_study import made_study
from mushin.errors import FigureError, IncompleteStudyError
from mushin.figures.performance_profiles import draw_performance_profiles
from mushin.run_aggregates import performance_profiles

FEW = {"resamples": 100}


def test_curves_are_the_profiles():
    ds = made_study(datasets=["voc", "city"], metrics=["accuracy"], n_seeds=10)
    profile = performance_profiles(ds, "accuracy", **FEW)
    (axes,) = draw_performance_profiles(ds, **FEW).axes
    for method in ("cnn", "mlp", "linear"):
        line = line_named(axes, method)
        np.testing.assert_array_equal(line.get_xdata(), profile["threshold"])
        np.testing.assert_array_equal(line.get_ydata(), profile["share"].sel({"method": method}))


def test_thresholds_become_harder_to_the_right_whatever_the_direction():
    figure = draw_performance_profiles(made_study(n_seeds=10), **FEW)
    assert [axes.xaxis_inverted() for axes in figure.axes] == [False, True]
    assert all(axes.get_xlabel().endswith("better →") for axes in figure.axes)


def test_the_note_says_n_and_that_few_runs_make_narrow_bands():
    said = texts_of(draw_performance_profiles(made_study(datasets=["voc", "city"]), **FEW)).replace("\n", " ")
    assert "n = 10 runs (5 seeds on 2 data sets)" in said
    assert "With fewer than 10 runs per data set the bands are too narrow" in said
    assert "too narrow" not in texts_of(draw_performance_profiles(made_study(n_seeds=10), **FEW))


def test_what_has_no_intervals_is_refused():
    with pytest.raises(FigureError, match="two seeds at least"):
        draw_performance_profiles(made_study(n_seeds=1))
    ds = made_study(n_seeds=10)
    ds["accuracy"][0, 0] = np.nan
    with pytest.raises(IncompleteStudyError, match="1 cell is missing"):
        draw_performance_profiles(ds, **FEW)


def test_a_metric_on_which_every_run_diverged_is_left_out_and_named():
    ds = made_study(datasets=["voc", "city"], metrics=["accuracy", "loss"])
    ds["loss"][:] = np.inf
    figure = draw_performance_profiles(ds, **FEW)
    (axes,) = figure.axes
    assert "Accuracy" in axes.get_xlabel()
    assert "Left out, since every run diverged: loss." in texts_of(figure).replace("\n", " ")
    with pytest.raises(FigureError, match="every run diverged on loss, so there is no share to draw"):
        draw_performance_profiles(ds, metrics=["loss"], **FEW)


def test_texts_are_apart():
    methods = [f"a rather long name of method number {i}" for i in range(12)]
    check_readable(draw_performance_profiles(made_study(methods, n_seeds=10), **FEW))
