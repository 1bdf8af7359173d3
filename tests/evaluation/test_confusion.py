"""Counting labels: against torchmetrics, for every label type, ignored label and memory layout."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torchmetrics.functional.classification import multiclass_confusion_matrix

from mushin.errors import DataError, PredictionError
from mushin.evaluation.confusion import ConfusionAccumulator

IGNORED = [None, 0, 2, 4, 5, 7, 255, 256, 300, 100_000, -1, -2, -100, -256, -1000, -(2**31)]


def count(predictions, targets, num_classes, ignore_index=None):
    accumulator = ConfusionAccumulator(num_classes, ignore_index)
    accumulator.update(np.asarray(predictions), np.asarray(targets))
    return accumulator.matrix()


@pytest.mark.parametrize("ignore_index", IGNORED)
@settings(deadline=None, derandomize=True, max_examples=15)
@given(data=st.data())
def test_matrix_equals_torchmetrics(ignore_index, data):
    accepted = st.integers(0, 4) if ignore_index is None else st.integers(0, 4) | st.just(ignore_index)
    targets = data.draw(st.lists(accepted, min_size=1, max_size=40))
    predictions = data.draw(st.lists(st.integers(0, 4), min_size=len(targets), max_size=len(targets)))
    expected = multiclass_confusion_matrix(
        torch.tensor(predictions), torch.tensor(targets), num_classes=5, ignore_index=ignore_index
    )
    np.testing.assert_array_equal(count(predictions, targets, 5, ignore_index), expected)


@pytest.mark.parametrize("dtype", ["u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8"])
@pytest.mark.parametrize("ignore_index", [None, -1, 1, 100, 255, -1000])
def test_every_integer_type_counts_alike(dtype, ignore_index):
    random = np.random.default_rng(1)
    targets, predictions = random.integers(0, 5, (2, 400))
    if ignore_index is not None and np.iinfo(dtype).min <= ignore_index <= np.iinfo(dtype).max:
        targets[::7] = ignore_index
    expected = count(predictions, targets, 5, ignore_index)
    np.testing.assert_array_equal(
        count(predictions.astype(dtype), targets.astype(dtype), 5, ignore_index), expected
    )


@pytest.mark.parametrize("num_classes", [2, 21, 150, 700])
def test_large_batches_in_parts_equal_one_count(num_classes):
    random = np.random.default_rng(2)
    targets, predictions = random.integers(0, num_classes, (2, 150_001))
    expected = np.bincount(targets * num_classes + predictions, minlength=num_classes**2)
    accumulator = ConfusionAccumulator(num_classes, 255)
    for start, end in ((0, 10), (10, 140_000), (140_000, 140_000), (140_000, 150_001)):
        accumulator.update(predictions[start:end], targets[start:end])
    expected = expected.reshape(num_classes, num_classes)
    if num_classes > 255:
        expected[255] = 0
    np.testing.assert_array_equal(accumulator.matrix(), expected)


@pytest.mark.parametrize("ignore_index", IGNORED)
@pytest.mark.parametrize("wrong", [6, 8, 100, 254, 301, -3, -101, 2**33, 2**62, -(2**62), 2**63 - 1])
def test_target_out_of_range_is_named(ignore_index, wrong):
    with pytest.raises(DataError, match=rf"a target is {wrong}; accepted are 0 to 4") as caught:
        count([0, 1, 2, 3], [0, 1, wrong, 3], 5, ignore_index)
    assert f"ignore_index={wrong} if it marks" in str(caught.value)
    if ignore_index is not None:
        assert f"accepted are 0 to 4 and ignore_index={ignore_index}." in str(caught.value)


def test_target_out_of_range_is_refused_however_rare():
    targets = np.zeros(200_000, dtype=np.uint8)
    targets[-1] = 254
    with pytest.raises(DataError, match="a target is 254"):
        count(np.zeros_like(targets), targets, 5, 255)


@pytest.mark.parametrize("wrong", [5, -1, 255, 2**62])
@pytest.mark.parametrize("target", [3, 255])
def test_prediction_out_of_range_is_named_at_ignored_samples_too(wrong, target):
    with pytest.raises(PredictionError, match=rf"a prediction is {wrong}; accepted are 0 to 4"):
        count([0, wrong], [0, target], 5, 255)


def test_matrix_of_no_batch_is_zero():
    matrix = ConfusionAccumulator(3).matrix()
    assert matrix.dtype == np.int64
    np.testing.assert_array_equal(matrix, np.zeros((3, 3)))
