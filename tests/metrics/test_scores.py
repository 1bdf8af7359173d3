"""Scores of probabilities, against what they are by hand; elsewhere they meet torchmetrics."""

import numpy as np
import pytest

from mushin.metrics import scores


def test_calibration_error_weighs_the_gap_of_each_bin_by_its_count():
    error = scores.expected_calibration_error(
        [[1, 3, 0], [0, 0, 0]], [[0.5, 2.4, 0], [0, 0, 0]], [[1, 3, 0], [0, 0, 0]]
    )
    assert error[0] == pytest.approx((0.5 + 0.6) / 4)
    assert np.isnan(error[1])


def test_auroc_of_a_class_without_pairs_is_zero_and_stays_in_the_mean():
    assert float(scores.macro_auroc([4.0, 4.0, 0.0], [2, 2, 0], [2, 2, 4])) == pytest.approx(2 / 3)


def test_auroc_of_no_sample_is_nan_beside_cells_that_have_some():
    area = scores.macro_auroc([[1.0, 1.0], [0.0, 0.0]], [[1, 1], [0, 0]], [[1, 1], [0, 0]])
    np.testing.assert_array_equal(area, [1.0, np.nan])
