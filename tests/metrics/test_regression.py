"""Scores of regressions: against scikit-learn, scipy and torchmetrics, and where values are constant."""

import numpy as np
import pytest
import torch
import torchmetrics.functional as reference
from scipy import stats
from sklearn import metrics as sklearn

from mushin.evaluation.moments import MomentsAccumulator
from mushin.metrics.catalog import get_metric

NAMES = ("mse", "mae", "rmse", "r2", "pearson", "spearman")
BY_LIBRARY = {
    "mse": sklearn.mean_squared_error,
    "mae": sklearn.mean_absolute_error,
    "rmse": sklearn.root_mean_squared_error,
    "r2": sklearn.r2_score,
    "pearson": lambda t, p: stats.pearsonr(t, p).statistic,
    "spearman": lambda t, p: stats.spearmanr(t, p).statistic,
}
BY_TORCHMETRICS = {
    "mse": reference.mean_squared_error,
    "mae": reference.mean_absolute_error,
    "rmse": lambda p, t: reference.mean_squared_error(p, t, squared=False),
    "r2": reference.r2_score,
    "pearson": reference.pearson_corrcoef,
    "spearman": reference.spearman_corrcoef,
}


def statistics_of(targets, predictions, batch=10**6):
    targets, predictions = np.asarray(targets, float), np.asarray(predictions, float)
    accumulator = MomentsAccumulator()
    for start in range(0, targets.size, batch):
        accumulator.update(targets[start : start + batch], predictions[start : start + batch])
    return {
        "regression_moments": accumulator.moments(),
        "target_value": targets,
        "predicted_value": predictions,
    }


def score(name, targets, predictions, batch=10**6):
    return float(get_metric(name).score(statistics_of(targets, predictions, batch)))


def draw(seed, n=200, decimals=None):
    rng = np.random.default_rng(seed)
    targets = rng.normal(size=n)
    predictions = 0.7 * targets + rng.normal(size=n)
    return (
        (targets, predictions) if decimals is None else (targets.round(decimals), predictions.round(decimals))
    )


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("decimals", [None, 0, 1])
@pytest.mark.parametrize("n", [2, 3, 17, 1000])
@pytest.mark.parametrize("offset", [0.0, 1e6])
def test_score_equals_scikit_learn_and_scipy(name, decimals, n, offset):
    targets, predictions = draw(n + 1, n, decimals)
    targets, predictions = targets + offset, predictions + offset
    expected = BY_LIBRARY[name](targets, predictions)
    assert score(name, targets, predictions, batch=7) == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_score_equals_torchmetrics(name):
    targets, predictions = draw(5)
    expected = BY_TORCHMETRICS[name](torch.from_numpy(predictions), torch.from_numpy(targets))
    assert score(name, targets, predictions) == pytest.approx(float(expected), rel=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_the_size_of_a_batch_changes_no_more_than_rounding(name):
    targets, predictions = draw(6, 1000)
    whole = score(name, targets, predictions)
    for batch in (1, 7, 999):
        assert score(name, targets, predictions, batch) == pytest.approx(whole, rel=1e-12)


def test_a_large_mean_costs_no_digits():
    targets, predictions = draw(7, 500)
    near = score("pearson", targets, predictions, 10)
    assert score("pearson", targets + 1e9, predictions - 1e9, 10) == pytest.approx(near, rel=1e-6)


@pytest.mark.parametrize("constant", [0.0, 0.1, -1e9, 1 / 3])
def test_constant_targets_score_as_the_references_define(constant):
    targets, predictions = np.full(9, constant), np.arange(9.0)
    assert score("r2", targets, predictions, 4) == sklearn.r2_score(targets, predictions) == 0.0
    assert score("r2", targets, targets, 4) == sklearn.r2_score(targets, targets) == 1.0
    for name in ("pearson", "spearman"):
        assert np.isnan(score(name, targets, predictions, 4))
        assert np.isnan(score(name, predictions, targets, 4))
        with pytest.warns(stats.ConstantInputWarning):
            assert np.isnan(BY_LIBRARY[name](targets, predictions))


def test_one_value_has_errors_but_no_correlation():
    found = [score(name, [1.0], [3.0]) for name in NAMES]
    np.testing.assert_array_equal(found, [4.0, 2.0, 2.0, np.nan, np.nan, np.nan])


@pytest.mark.parametrize("name", NAMES)
def test_no_value_has_no_score(name):
    assert np.isnan(score(name, [], []))


@pytest.mark.parametrize("name", NAMES)
def test_leading_axes_are_kept(name):
    cells = [statistics_of(*draw(seed, 50)) for seed in range(6)]
    stacked = {key: np.stack([cell[key] for cell in cells]).reshape(2, 3, -1) for key in cells[0]}
    together = get_metric(name).score(stacked)
    assert together.shape == (2, 3)
    np.testing.assert_array_equal(together.ravel(), [get_metric(name).score(cell) for cell in cells])


def test_correlations_stay_within_their_range():
    targets = np.array([0.1, 0.2, 0.30000000000000004])
    for name in ("pearson", "spearman"):
        assert score(name, targets, 3 * targets) <= 1.0
        assert score(name, targets, -3 * targets) >= -1.0
