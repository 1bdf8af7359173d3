"""The container of sufficient statistics."""

import numpy as np
import pytest

from mushin.errors import DataError
from mushin.evaluation.sufficient import SufficientStatistics

CONFUSION = np.array([[3, 1], [0, 4]])


def test_arrays_hold_what_is_present_by_name():
    statistics = SufficientStatistics(confusion=CONFUSION, n_samples=8, mann_whitney_u=np.array([1.0, 2.0]))
    assert list(statistics.arrays()) == ["confusion", "mann_whitney_u"]
    assert statistics.num_classes == 2


def test_a_sum_that_disagrees_is_refused():
    with pytest.raises(DataError, match="n_samples is 9, but the confusion matrix sums to 8"):
        SufficientStatistics(confusion=CONFUSION, n_samples=9)


def test_either_counts_or_moments_are_there():
    moments = np.array([8.0, 0, 0, 0, 0, 0, 0, 0])
    for both_or_none in ({}, {"confusion": CONFUSION, "regression_moments": moments}):
        with pytest.raises(DataError, match="either a confusion matrix or the moments of a regression"):
            SufficientStatistics(n_samples=8, **both_or_none)
    with pytest.raises(DataError, match=r"the moments have shape \(3,\); accepted: \(8,\)"):
        SufficientStatistics(n_samples=8, regression_moments=moments[:3])
    with pytest.raises(DataError, match="n_samples is 8, but the number of targets is 2"):
        SufficientStatistics(n_samples=8, regression_moments=moments, target_value=np.zeros(2))
    assert SufficientStatistics(n_samples=8, regression_moments=moments).num_classes is None


def test_records_count_every_sample_or_pixel():
    labels = np.zeros(3, dtype=np.uint8)
    pairs = {"record_target": labels, "record_prediction": labels}
    with pytest.raises(DataError, match="n_samples is 8, but the records count 3"):
        SufficientStatistics(confusion=CONFUSION, n_samples=8, **pairs)
    images = {"record_sample": np.array([0, 0, 1]), "record_count": np.array([3, 1, 4])}
    assert SufficientStatistics(confusion=CONFUSION, n_samples=8, **pairs, **images).record_count.sum() == 8
