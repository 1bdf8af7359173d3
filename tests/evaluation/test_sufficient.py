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
