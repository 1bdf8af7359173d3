"""Scores from counts, against torchmetrics on expanded labels and against their own invariants."""

import numpy as np
import pytest
import torch
import torchmetrics.functional.classification as reference
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mushin.metrics import scores

CONFUSION = st.integers(2, 6).flatmap(
    lambda size: hnp.arrays(np.int64, (size, size), elements=st.integers(0, 4) | st.just(0))
)
BY_REFERENCE = {
    scores.accuracy: lambda p, t, c: reference.multiclass_accuracy(p, t, c, average="micro"),
    scores.macro_precision: lambda p, t, c: reference.multiclass_precision(p, t, c),
    scores.macro_recall: lambda p, t, c: reference.multiclass_recall(p, t, c),
    scores.macro_f1: lambda p, t, c: reference.multiclass_f1_score(p, t, c),
    scores.mean_iou: lambda p, t, c: reference.multiclass_jaccard_index(p, t, c),
}


def labels_of(confusion):
    """Targets and predictions with these counts."""
    targets, predictions = np.nonzero(confusion)
    times = confusion[targets, predictions]
    return torch.from_numpy(np.repeat(targets, times)), torch.from_numpy(np.repeat(predictions, times))


@pytest.mark.parametrize("score", BY_REFERENCE, ids=lambda score: score.__name__)
@settings(deadline=None, derandomize=True, max_examples=40)
@given(confusion=CONFUSION)
def test_score_equals_torchmetrics(score, confusion):
    targets, predictions = labels_of(confusion)
    if not len(targets):
        return
    expected = float(BY_REFERENCE[score](predictions, targets, len(confusion)))
    assert float(score(confusion)) == pytest.approx(expected, abs=1e-6)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(confusion=CONFUSION, ignored=st.integers(0, 5))
def test_mean_iou_with_an_ignored_class_equals_torchmetrics(confusion, ignored):
    ignored %= len(confusion)
    targets, predictions = labels_of(confusion)
    if not len(targets):
        return
    expected = reference.multiclass_jaccard_index(predictions, targets, len(confusion), ignore_index=ignored)
    confusion[ignored] = 0
    score = float(scores.mean_iou(confusion, ignore_index=ignored))
    assert score == pytest.approx(float(expected), abs=1e-6, nan_ok=True)


@pytest.mark.parametrize("score", BY_REFERENCE, ids=lambda score: score.__name__)
def test_leading_axes_are_kept(score):
    study = np.random.default_rng(0).integers(0, 9, size=(2, 3, 5, 5))
    together = score(study)
    assert together.shape == (2, 3)
    assert together.dtype == np.float64
    np.testing.assert_array_equal(together, [[score(cell) for cell in method] for method in study])


@pytest.mark.parametrize("score", BY_REFERENCE, ids=lambda score: score.__name__)
@settings(deadline=None, derandomize=True, max_examples=40)
@given(confusion=CONFUSION, data=st.data())
def test_score_ignores_the_order_of_the_classes_and_stays_in_range(score, confusion, data):
    order = data.draw(st.permutations(range(len(confusion))))
    value = float(score(confusion))
    assert np.isnan(value) or 0.0 <= value <= 1.0
    assert float(score(confusion[np.ix_(order, order)])) == pytest.approx(value, abs=1e-12, nan_ok=True)


def test_no_sample_scores_zero_except_mean_iou():
    nothing = np.zeros((3, 3), dtype=np.int64)
    assert [float(score(nothing)) for score in list(BY_REFERENCE)[:4]] == [0.0] * 4
    assert np.isnan(scores.mean_iou(nothing))


@pytest.mark.parametrize("ignored", [-1, 3, 255])
def test_mean_iou_keeps_all_classes_where_the_ignored_label_is_none(ignored):
    confusion = np.array([[3, 1, 0], [0, 4, 0], [1, 0, 2]])
    assert scores.mean_iou(confusion, ignore_index=ignored) == scores.mean_iou(confusion)


def test_counts_beyond_float32_are_exact():
    big = 2**53
    assert float(scores.accuracy([[big - 1, 1], [0, 0]])) == (big - 1) / big


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
