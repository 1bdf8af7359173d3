"""The catalogue of metrics: what it knows, and what it refuses."""

import math

import numpy as np
import pytest

from mushin.errors import ConfigError, DataError, UnknownNameError
from mushin.metrics.catalog import get_metric, list_metrics
from mushin.metrics.confusion_metrics import CONFUSION_METRICS

STATISTICS = {
    "confusion": np.array([[3, 1], [0, 4]]),
    "calibration_count": np.array([0, 8]),
    "calibration_confidence": np.array([0.0, 7.0]),
    "calibration_correct": np.array([0, 7]),
    "mann_whitney_u": np.array([12.0, 16.0]),
}


OF_CLASSES = ("accuracy", "auroc", "dice", "ece", "f1", "miou", "pixel_acc", "precision", "recall")
OF_VALUES = {
    "mse": (False, "squared units of the target", (0, math.inf)),
    "mae": (False, "units of the target", (0, math.inf)),
    "rmse": (False, "units of the target", (0, math.inf)),
    "r2": (True, "1", (-math.inf, 1)),
    "pearson": (True, "1", (-1, 1)),
    "spearman": (True, "1", (-1, 1)),
}


def test_all_metrics_of_the_built_in_tasks_are_known():
    assert {*OF_CLASSES, *OF_VALUES} <= set(list_metrics())
    assert list(list_metrics()) == sorted(list_metrics())
    assert all(get_metric(name).name == name for name in list_metrics())


def test_errors_are_better_when_lower():
    lower = [name for name in (*OF_CLASSES, *OF_VALUES) if not get_metric(name).higher_is_better]
    assert lower == ["ece", "mse", "mae", "rmse"]


@pytest.mark.parametrize("name", OF_VALUES)
def test_metric_of_values_describes_itself_for_a_file(name):
    metric = get_metric(name)
    assert (metric.higher_is_better, metric.units, metric.valid_range) == OF_VALUES[name]
    assert metric.target_kind == "values"
    assert not metric.needs_probabilities
    assert metric.long_name
    assert "torchmetrics" in metric.source


def test_only_auroc_and_ece_need_probabilities():
    assert [name for name in OF_CLASSES if get_metric(name).needs_probabilities] == ["auroc", "ece"]


@pytest.mark.parametrize("name", OF_CLASSES)
def test_metric_describes_itself_for_a_file(name):
    metric = get_metric(name)
    assert metric.long_name
    assert metric.units == "1"
    assert metric.valid_range == (0.0, 1.0)
    assert "torchmetrics" in metric.source


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("accuracy", 7 / 8),
        ("pixel_acc", 7 / 8),
        ("miou", 0.775),
        ("precision", 0.9),
        ("recall", 0.875),
        ("auroc", (12 + 16) / 32),
        ("ece", 0.0),
    ],
)
def test_metric_scores_one_cell_and_many(name, expected):
    metric = get_metric(name)
    assert float(metric.score(STATISTICS)) == pytest.approx(expected)
    many = {key: np.stack([value] * 3) for key, value in STATISTICS.items()}
    np.testing.assert_allclose(metric.score(many), [expected] * 3)


def test_dice_is_f1():
    assert get_metric("dice").score(STATISTICS) == get_metric("f1").score(STATISTICS)


def test_ignored_class_is_left_out_of_miou():
    only_first = get_metric("miou").score(STATISTICS, ignore_index=1)
    assert float(only_first) == pytest.approx(0.75)


def test_unknown_metric_is_refused_with_a_suggestion():
    with pytest.raises(UnknownNameError, match="metric 'mIoU' is unknown; did you mean 'miou'"):
        get_metric("mIoU")


def test_missing_statistics_are_named():
    with pytest.raises(DataError, match=r"'auroc' needs mann_whitney_u; these statistics hold confusion\."):
        get_metric("auroc").score({"confusion": STATISTICS["confusion"]})


ALSO_OF_CONFUSION = [name for name in list_metrics() if name in CONFUSION_METRICS]


@pytest.mark.parametrize("name", ALSO_OF_CONFUSION)
def test_metric_of_rescoring_is_the_same_in_a_battery(name):
    metric, known = get_metric(name), CONFUSION_METRICS[name]
    for attribute in ("name", "long_name", "source", "units", "higher_is_better", "valid_range"):
        assert getattr(metric, attribute) == getattr(known, attribute)
    assert (metric.requires, metric.target_kind, metric.needs_probabilities) == (
        ("confusion",),
        "classes",
        False,
    )
    stacked = np.array([STATISTICS["confusion"], [[2, 2], [1, 5]]])
    np.testing.assert_array_equal(
        metric.score({"confusion": stacked}, ignore_index=1), known.score(stacked, ignore_index=1)
    )


def test_every_metric_of_rescoring_is_in_a_battery_but_those_per_class():
    per_class = {name for name, metric in CONFUSION_METRICS.items() if metric.per_class}
    assert set(CONFUSION_METRICS) - per_class == set(ALSO_OF_CONFUSION)
    assert "mcc" in ALSO_OF_CONFUSION
    for name in per_class:
        with pytest.raises(
            ConfigError, match=f"{name}' has a score per class.*mushin score .*--metric {name}"
        ):
            get_metric(name)
