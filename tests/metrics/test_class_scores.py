"""Scores of classes, by their names in the catalogue: against torchmetrics and their own invariants."""

import numpy as np
import pytest
import torch
import torchmetrics.functional.classification as reference
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mushin.metrics.catalog import get_metric

CONFUSION = st.integers(2, 6).flatmap(
    lambda size: hnp.arrays(np.int64, (size, size), elements=st.integers(0, 4) | st.just(0))
)
BY_REFERENCE = {
    "accuracy": lambda p, t, c: reference.multiclass_accuracy(p, t, c, average="micro"),
    "precision": lambda p, t, c: reference.multiclass_precision(p, t, c),
    "recall": lambda p, t, c: reference.multiclass_recall(p, t, c),
    "f1": lambda p, t, c: reference.multiclass_f1_score(p, t, c),
    "miou": lambda p, t, c: reference.multiclass_jaccard_index(p, t, c),
}


def score(name, confusion, **options):
    return get_metric(name).score({"confusion": confusion}, **options)


def labels_of(confusion):
    """Targets and predictions with these counts."""
    targets, predictions = np.nonzero(confusion)
    times = confusion[targets, predictions]
    return torch.from_numpy(np.repeat(targets, times)), torch.from_numpy(np.repeat(predictions, times))


@pytest.mark.parametrize("name", BY_REFERENCE)
@settings(deadline=None, derandomize=True, max_examples=40)
@given(confusion=CONFUSION)
def test_score_equals_torchmetrics(name, confusion):
    targets, predictions = labels_of(confusion)
    if not len(targets):
        return
    expected = float(BY_REFERENCE[name](predictions, targets, len(confusion)))
    assert float(score(name, confusion)) == pytest.approx(expected, abs=1e-6)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(confusion=CONFUSION, ignored=st.integers(0, 5))
def test_mean_iou_with_an_ignored_class_equals_torchmetrics(confusion, ignored):
    ignored %= len(confusion)
    targets, predictions = labels_of(confusion)
    if not len(targets):
        return
    expected = reference.multiclass_jaccard_index(predictions, targets, len(confusion), ignore_index=ignored)
    confusion[ignored] = 0
    found = float(score("miou", confusion, ignore_index=ignored))
    assert found == pytest.approx(float(expected), abs=1e-6, nan_ok=True)


@pytest.mark.parametrize("name", BY_REFERENCE)
def test_leading_axes_are_kept(name):
    study = np.random.default_rng(0).integers(0, 9, size=(2, 3, 5, 5))
    together = score(name, study)
    assert together.shape == (2, 3)
    assert together.dtype == np.float64
    np.testing.assert_array_equal(together, [[score(name, cell) for cell in method] for method in study])


@pytest.mark.parametrize("name", BY_REFERENCE)
@settings(deadline=None, derandomize=True, max_examples=40)
@given(confusion=CONFUSION, data=st.data())
def test_score_ignores_the_order_of_the_classes_and_stays_in_range(name, confusion, data):
    order = data.draw(st.permutations(range(len(confusion))))
    value = float(score(name, confusion))
    assert np.isnan(value) or 0.0 <= value <= 1.0
    assert float(score(name, confusion[np.ix_(order, order)])) == pytest.approx(value, abs=1e-12, nan_ok=True)


def test_no_sample_scores_zero_except_mean_iou():
    nothing = np.zeros((3, 3), dtype=np.int64)
    assert [float(score(name, nothing)) for name in list(BY_REFERENCE)[:4]] == [0.0] * 4
    assert np.isnan(score("miou", nothing))


@pytest.mark.parametrize("ignored", [-1, 3, 255])
def test_mean_iou_keeps_all_classes_where_the_ignored_label_is_none(ignored):
    confusion = np.array([[3, 1, 0], [0, 4, 0], [1, 0, 2]])
    assert score("miou", confusion, ignore_index=ignored) == score("miou", confusion)


def test_counts_beyond_float32_are_exact():
    big = 2**53
    assert float(score("accuracy", [[big - 1, 1], [0, 0]])) == (big - 1) / big
