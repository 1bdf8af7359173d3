import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy import stats

from mushin.errors import ConfigError, DataError, IncompleteStudyError, UnknownNameError
from mushin.run_aggregates import chances_of_improvement, interquartile_means, performance_profiles

ALL = [
    interquartile_means,
    chances_of_improvement,
    lambda ds, **options: performance_profiles(ds, "accuracy"),
]


def _study(values, *, higher=True):
    values = np.asarray(values, dtype=float)
    coords = {
        "dataset": [f"d{i}" for i in range(values.shape[0])],
        "method": [f"m{i}" for i in range(values.shape[1])],
        "seed": range(values.shape[2]),
    }
    array = xr.DataArray(values, coords=coords, dims=tuple(coords), attrs={"higher_is_better": higher})
    return xr.Dataset({"accuracy": array})


def _random(datasets=6, methods=3, seeds=10, seed=0):
    return np.random.default_rng(seed).normal(0.5, 0.1, (datasets, methods, seeds))


@pytest.mark.parametrize("shape", [(6, 3, 10), (1, 2, 11), (3, 2, 13)])
def test_the_interquartile_mean_is_scipys_trimmed_mean(shape):
    values = _random(*shape)
    table = interquartile_means(_study(values), resamples=100)
    expected = stats.trim_mean(values.transpose(1, 0, 2).reshape(shape[1], -1), 0.25, axis=1)
    np.testing.assert_allclose(table["iqm"], expected, rtol=1e-12)


def test_the_interval_is_the_stratified_bootstraps_inflated_for_the_number_of_runs():
    values = _random(datasets=4, methods=1, seeds=12)
    table = interquartile_means(_study(values), resamples=20_000)
    rng = np.random.default_rng(1)
    drawn = np.empty(20_000)
    for i in range(len(drawn)):
        chosen = rng.integers(0, 12, (4, 12))
        drawn[i] = stats.trim_mean(np.take_along_axis(values[:, 0], chosen, axis=1), 0.25, axis=None)
    centre = table.loc[0, "iqm"]
    expected = centre + np.sqrt(12 / 11) * (np.quantile(drawn, [0.025, 0.975]) - centre)
    np.testing.assert_allclose(table.loc[0, ["ci_low", "ci_high"]].astype(float), expected, atol=0.002)


def test_the_interval_stays_within_the_valid_range():
    ds = _study(np.where(np.arange(12) < 4, 0.9, 1.0)[None, None])
    assert interquartile_means(ds).loc[0, "ci_high"] > 1
    ds["accuracy"].attrs["valid_range"] = (0.0, 1.0)
    row = interquartile_means(ds).iloc[0]
    assert row["ci_low"] < row["iqm"] < row["ci_high"] == 1


def test_the_chance_of_improvement_is_the_mean_of_mann_whitneys():
    values = _random().round(1)  # with ties
    table = chances_of_improvement(_study(values))
    of_pair = [
        stats.mannwhitneyu(values[k, 0], values[k, 1]).statistic / values.shape[2] ** 2 for k in range(6)
    ]
    assert table.loc[0, "prob_superiority"] == pytest.approx(np.mean(of_pair), rel=1e-12)
    assert (table["ci_low"] < table["prob_superiority"]).all()
    assert (table["ci_high"] > table["prob_superiority"]).all()
    lower = chances_of_improvement(_study(values, higher=False))
    np.testing.assert_allclose(lower["prob_superiority"], 1 - table["prob_superiority"], rtol=1e-12)


def test_the_profile_is_the_share_of_runs_beyond_each_threshold():
    values = _random()
    profile = performance_profiles(_study(values), "accuracy", thresholds=[0.4, 0.5])
    assert profile["share"].sel(threshold=0.5).values == pytest.approx((values > 0.5).mean(axis=(0, 2)))
    assert bool((profile["ci_low"] <= profile["share"]).all())
    assert bool((profile["share"] <= profile["ci_high"]).all())
    lower = performance_profiles(_study(values, higher=False), "accuracy", thresholds=[0.4, 0.5])
    assert lower["share"].values == pytest.approx(1 - profile["share"].values)
    assert performance_profiles(_study(values), "accuracy").sizes["threshold"] == 101


def test_same_seed_same_interval():
    ds = _study(_random())
    pd.testing.assert_frame_equal(interquartile_means(ds), interquartile_means(ds))
    assert not interquartile_means(ds, seed=1)["ci_low"].equals(interquartile_means(ds)["ci_low"])
    pd.testing.assert_frame_equal(chances_of_improvement(ds), chances_of_improvement(ds))


def test_a_diverged_run_is_a_loss_or_an_error_for_means():
    values = _random()
    values[0, 1, 2] = np.inf
    with pytest.raises(DataError, match=r"'accuracy': a run diverged \(inf\)"):
        interquartile_means(_study(values))
    found = chances_of_improvement(_study(values))
    profile = performance_profiles(_study(values), "accuracy", thresholds=[0.5])
    values[0, 1, 2] = -1e9
    pd.testing.assert_frame_equal(found, chances_of_improvement(_study(values)))
    expected = performance_profiles(_study(values), "accuracy", thresholds=[0.5])
    xr.testing.assert_allclose(profile, expected)
    with pytest.raises(DataError, match="every run diverged"):
        performance_profiles(_study(np.full((2, 2, 10), np.inf)), "accuracy")


@pytest.mark.parametrize("function", ALL)
def test_few_runs_are_warned_of(function):
    with pytest.warns(UserWarning, match="5 runs per data set: bootstrap intervals are too narrow below 10"):
        function(_study(_random(seeds=5)))


@pytest.mark.parametrize("function", ALL)
def test_missing_cells_and_one_seed_are_refused(function):
    values = _random()
    values[0, 1, 2] = np.nan
    with pytest.raises(IncompleteStudyError, match="d0, m1, seed 2"):
        function(_study(values))
    with pytest.raises(DataError, match="two seeds at least"):
        function(_study(_random(seeds=1)))


def test_options_out_of_range_are_refused():
    ds = _study(_random())
    with pytest.raises(ConfigError, match="resamples is 10; it must be a whole number from 100"):
        interquartile_means(ds, resamples=10)
    with pytest.raises(ConfigError, match="alpha is 2"):
        chances_of_improvement(ds, alpha=2)
    with pytest.raises(UnknownNameError, match="metric 'acc' is unknown"):
        performance_profiles(ds, "acc")
    with pytest.raises(DataError, match="needs two methods"):
        chances_of_improvement(ds.isel(method=[0]))
