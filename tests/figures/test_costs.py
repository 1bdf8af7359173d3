import itertools

import numpy as np
import pandas as pd
import pytest

from figure_checks import check_readable, line_named, texts_of
from made_study import made_study
from mushin.errors import FigureError, UnknownNameError
from mushin.figures.costs import draw_costs


def _costs(ds, *, slowest=3.0):
    rng = np.random.default_rng(0)
    datasets = ds["dataset"].values if "dataset" in ds.dims else ["digits"]
    cells = list(itertools.product(datasets, ds["method"].values, ds["seed"].values))
    table = pd.DataFrame(cells, columns=["dataset", "method", "seed"])
    table["train_seconds"] = np.linspace(1.0, slowest, len(table)) + rng.random(len(table)) / 10
    table["evaluate_seconds"] = 0.5
    return table.assign(peak_memory_mb=400.0)


def test_points_are_cost_and_score_of_the_same_run():
    ds = made_study()
    costs = _costs(ds)
    figure = draw_costs(ds, costs.sample(frac=1, random_state=0))
    for axes, metric in zip(figure.axes, ("accuracy", "ece"), strict=True):
        points = line_named(axes, "runs of mlp")
        np.testing.assert_array_equal(
            points.get_xdata(), costs.loc[costs["method"] == "mlp", "train_seconds"]
        )
        np.testing.assert_array_equal(points.get_ydata(), ds[metric].sel({"method": "mlp"}))
        mean = line_named(axes, "mean of mlp")
        assert mean.get_xdata() == pytest.approx(points.get_xdata().mean())
        assert mean.get_ydata() == pytest.approx(points.get_ydata().mean())


def test_each_data_set_has_its_own_costs():
    ds = made_study(datasets=["voc", "city"], metrics=["accuracy"])
    costs = _costs(ds)
    axes = draw_costs(ds, costs).axes[1]
    expected = costs[(costs["dataset"] == "city") & (costs["method"] == "cnn")]["train_seconds"]
    np.testing.assert_array_equal(line_named(axes, "runs of cnn").get_xdata(), expected)


def test_costs_over_orders_of_magnitude_get_a_logarithmic_axis():
    ds = made_study()
    assert draw_costs(ds, _costs(ds, slowest=1000)).axes[0].get_xscale() == "log"
    assert draw_costs(ds, _costs(ds)).axes[0].get_xscale() == "linear"


def test_axes_say_units_and_directions():
    ds = made_study(metrics=["ece"])
    (axes,) = draw_costs(ds, _costs(ds)).axes
    assert axes.get_xlabel() == "training time (s)  ← cheaper"
    assert axes.get_ylabel().endswith("better ↓")
    (axes,) = draw_costs(ds, _costs(ds), cost="peak_memory_mb").axes
    assert axes.get_xlabel() == "peak memory (MB)  ← cheaper"


def test_what_is_missing_is_said():
    ds = made_study()
    ds["accuracy"][0, 0] = np.nan
    ds["accuracy"][1, 1] = np.inf
    costs = _costs(ds)
    costs.loc[costs["method"] == "linear", "train_seconds"] = np.nan
    figure = draw_costs(ds, costs)
    assert "Not measured: linear. 2 runs missing or diverged" in texts_of(figure).replace("\n", " ")
    assert len(line_named(figure.axes[0], "runs of cnn").get_xdata()) == 4
    assert len(line_named(figure.axes[0], "runs of linear").get_xdata()) == 0


def test_costs_that_nobody_measured_are_refused():
    ds = made_study()
    with pytest.raises(FigureError, match=r"no cell has train_seconds: a stage notes it in run\.train\.json"):
        draw_costs(ds, _costs(ds).assign(train_seconds=np.nan))
    with pytest.raises(UnknownNameError, match="did you mean 'train_seconds'"):
        draw_costs(ds, _costs(ds), cost="train_second")


@pytest.mark.parametrize("slowest", [3, 1000])
def test_texts_are_apart(slowest):
    ds = made_study([f"a rather long name of method number {i}" for i in range(12)])
    check_readable(draw_costs(ds, _costs(ds, slowest=slowest)))
