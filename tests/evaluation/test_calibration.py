"""Calibration bins: against torchmetrics, at the edges, and where float32 sums fail."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torchmetrics.functional.classification import multiclass_calibration_error

from mushin.evaluation.calibration import CalibrationAccumulator, bin_edges
from mushin.metrics.scores import expected_calibration_error


def bins_of(probabilities, targets):
    accumulator = CalibrationAccumulator()
    accumulator.update(probabilities, targets)
    return accumulator


def error_of(bins):
    return float(expected_calibration_error(bins.count, bins.confidence, bins.correct))


@settings(deadline=None, derandomize=True, max_examples=60)
@given(
    st.integers(2, 6),
    st.lists(st.tuples(st.integers(0, 10**6), st.floats(0.01, 50)), min_size=1, max_size=30),
)
def test_error_equals_torchmetrics(num_classes, samples):
    logits = torch.stack(
        [torch.randn(num_classes, generator=torch.Generator().manual_seed(s)) * scale for s, scale in samples]
    )
    probabilities = logits.softmax(dim=1)
    targets = torch.tensor([seed % num_classes for seed, _ in samples])
    expected = multiclass_calibration_error(probabilities, targets, num_classes=num_classes, n_bins=15)
    assert error_of(bins_of(probabilities.numpy(), targets.numpy())) == pytest.approx(
        float(expected), abs=2e-6
    )


@pytest.mark.parametrize("bin_number", range(16))
def test_bin_holds_its_lower_edge_and_not_its_upper_one(bin_number):
    edge = bin_edges()[bin_number]
    below = np.nextafter(edge, np.float32(0), dtype=np.float32)
    probabilities = np.array([[edge, 0], [below, 0]], dtype=np.float32)
    counts = bins_of(probabilities, np.array([0, 0])).count
    assert counts[bin_number] == (2 if bin_number == 0 else 1)
    assert counts[max(0, bin_number - 1)] >= 1


def test_row_and_class_major_probabilities_bin_alike():
    probabilities = np.random.default_rng(0).dirichlet(np.ones(5), size=300).astype(np.float32)
    targets = np.random.default_rng(1).integers(0, 5, 300)
    rows, columns = bins_of(probabilities, targets), bins_of(np.asfortranarray(probabilities), targets)
    np.testing.assert_array_equal(rows.count, columns.count)
    np.testing.assert_array_equal(rows.confidence, columns.confidence)
    np.testing.assert_array_equal(rows.correct, columns.correct)


def test_sums_stay_right_where_float32_sums_stop_growing():
    n_samples = 2**25
    accumulator = CalibrationAccumulator()
    batch = np.tile(np.array([[0.7, 0.3]], dtype=np.float32), (2**19, 1))
    targets = np.zeros(2**19, dtype=np.int64)
    for _ in range(n_samples // 2**19):
        accumulator.update(batch, targets)
    assert accumulator.count.sum() == n_samples
    assert error_of(accumulator) == pytest.approx(0.3, abs=1e-7)


def test_confidence_that_rounds_above_one_counts_as_one():
    probabilities = np.array([[1.0000001, 0.0]], dtype=np.float32)
    bins = bins_of(probabilities, np.array([0]))
    assert bins.count[15] == 1
    assert error_of(bins) == 0.0


def test_confidence_that_rounds_below_zero_counts_as_zero():
    bins = bins_of(np.array([[-1e-7, -2e-7]], dtype=np.float32), np.array([1]))
    assert (bins.count[0], bins.confidence[0], bins.correct[0]) == (1, 0, 0)
