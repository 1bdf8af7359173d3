from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from mushin.errors import PredictionError
from mushin.predictions.arrays import as_predictions, check_predictions, refuse_other_kind

PROBABILITIES = np.array([[0.5, 0.25, 0.25], [0.25, 0.25, 0.5]])


@pytest.mark.parametrize(
    "value",
    [
        PROBABILITIES,
        PROBABILITIES.astype(np.float16),
        torch.from_numpy(PROBABILITIES),
        PROBABILITIES.tolist(),
        {"probabilities": PROBABILITIES},
        {"labels": None, "probabilities": PROBABILITIES},
    ],
    ids=["float64", "float16", "tensor", "list", "mapping", "None beside it"],
)
def test_probabilities_come_as_float32_with_their_highest_class(value: object) -> None:
    found = as_predictions(value, "forest")
    assert found.probabilities is not None
    assert found.probabilities.dtype == np.float32
    np.testing.assert_array_equal(found.probabilities, PROBABILITIES)
    np.testing.assert_array_equal(found.labels, [0, 2])


@pytest.mark.parametrize(
    ("labels", "kind"),
    [
        ([0, 255], np.uint8),
        ([0, 256], np.int32),
        ([2**31], np.int64),
        ([True, False], np.uint8),
        (np.array([3], dtype=np.uint64), np.uint8),
        (torch.tensor([1, 2]), np.uint8),
        (np.zeros((2, 4, 5), dtype=np.int64), np.uint8),
    ],
)
def test_labels_come_in_the_smallest_type(labels: Any, kind: type) -> None:
    found = as_predictions(labels, "forest")
    assert found.labels.dtype == kind
    assert found.probabilities is None
    np.testing.assert_array_equal(found.labels, np.asarray(labels))
    assert len(found) == len(labels)


def test_labels_beside_probabilities_are_kept_though_another_class_is_more_probable() -> None:
    found = as_predictions({"labels": [1, 1], "probabilities": PROBABILITIES}, "forest")
    np.testing.assert_array_equal(found.labels, [1, 1])


def test_equals_that_float32_cannot_tell_apart_are_told_apart() -> None:
    close = np.array([[0.5 - 1e-12, 0.5 + 1e-12]])
    assert as_predictions(close, "forest").labels.tolist() == [1]


def test_what_comes_back_can_be_written_and_is_not_the_methods_own_array() -> None:
    frozen = np.array([0, 1], dtype=np.uint8)
    frozen.flags.writeable = False
    assert as_predictions(frozen, "forest").labels.flags.writeable


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "None came; end the function with 'return predictions'"),
        ("cat", "not of numbers"),
        (["cat", "dog"], "not of numbers"),
        ([[1, 2], [3]], "no array came"),
        (3, r"shape \(\) came"),
        ([], r"shape \(0,\) came"),
        ([1j], "array of complex128"),
        (torch.zeros(2, 2, requires_grad=True), r"no array came .*detach\(\)"),
        ({"label": [0]}, "'label' is unknown; did you mean 'labels'"),
        ({}, "neither labels nor probabilities nor values came"),
        ({"labels": [0.0, 1.0]}, "the labels are float64; labels are whole numbers"),
        ([0, -1], "a label is -1"),
        (np.array([2**63], dtype=np.uint64), "a label is 9223372036854775808"),
        ({"probabilities": [[0, 1]]}, "the probabilities are int64; accepted: floats"),
        ([[np.nan, 0.5]], "hold NaN"),
        ([[np.inf, 0.5]], "range from 0.5 to inf"),
        ([[-1.5, 2.5]], "range from -1.5 to 2.5; .* Apply softmax"),
        ([[0.5, 0.5], [0.9, 0.9]], "sum to 1.8 over the classes"),
        ([[0.1, 0.1]], "sum to 0.2"),
        (
            {"labels": [0], "probabilities": PROBABILITIES},
            r"shape \(1,\) and the probabilities \(2, 3\)",
        ),
    ],
)
def test_what_cannot_be_scored_is_refused_in_the_name_of_its_source(value: object, message: str) -> None:
    with pytest.raises(PredictionError, match=f"^forest: .*{message}"):
        as_predictions(value, "forest")


@pytest.mark.parametrize(
    "value",
    [
        [0.5, -2.0],
        np.array([[0.5], [-2.0]], dtype=np.float32),
        torch.tensor([0.5, -2.0]),
        {"values": [0.5, -2.0]},
    ],
    ids=["list", "column", "tensor", "mapping"],
)
def test_values_come_as_float64(value: object) -> None:
    found = as_predictions(value, "ridge")
    assert found.values is not None
    assert found.values.dtype == np.float64
    assert found.values.tolist() == [0.5, -2.0]
    assert list(found.arrays()) == ["values"]
    assert len(found) == 2
    assert as_predictions({"values": np.array([3, -1])}, "tree").arrays()["values"].tolist() == [3.0, -1.0]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([0.5, np.nan, np.inf], "the value of sample 2 is nan, one of 2 that are NaN or inf"),
        ({"values": [[0.5, 0.5]]}, r"values of shape \(1, 2\) came; accepted: \(N,\), one per sample"),
        ({"values": [0.5], "labels": [1]}, "values came beside (labels|values) and (labels|values)"),
        ({"value": [0.5]}, "'value' is unknown; did you mean 'values'"),
    ],
)
def test_values_that_cannot_be_scored_are_refused(value: object, message: str) -> None:
    with pytest.raises(PredictionError, match=f"^ridge: .*{message}"):
        as_predictions(value, "ridge")


def test_values_are_no_classes_and_classes_no_values() -> None:
    values = as_predictions([0.5, 0.7], "ridge")
    with pytest.raises(PredictionError, match=r"floats of shape \(2,\) came, .*a column per class, \(N, C\)"):
        check_predictions(values, "ridge", n_samples=2, num_classes=3)
    with pytest.raises(PredictionError, match="2 predictions came for 3 test samples"):
        check_predictions(values, "ridge", n_samples=3, num_classes=None)
    refuse_other_kind(values, "ridge", of_values=True)
    labels = as_predictions([0, 1], "forest")
    with pytest.raises(PredictionError, match=r"labels came, but the task is on values; give floats \(N,\)"):
        refuse_other_kind(labels, "forest", of_values=True)


def test_faulty_sample_is_found_beyond_the_first_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mushin.predictions.arrays._CHUNK", 4)
    rows = np.tile([0.5, 0.5], (9, 1))
    assert len(as_predictions(rows, "forest")) == 9
    rows[8] = 0.3
    with pytest.raises(PredictionError, match=r"sum to 0\.6"):
        as_predictions(rows, "forest")


@pytest.mark.parametrize("decimals", [3, 4])
def test_rounded_probabilities_are_accepted(decimals: int) -> None:
    rows = np.random.default_rng(0).dirichlet(np.ones(10), size=1000)
    assert len(as_predictions(rows.round(decimals), "forest")) == 1000


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([0, 1, 2], "3 predictions came for 2 test samples"),
        ([0, 3], "a label is 3; accepted are 0 to 2"),
        ([[0.5, 0.5], [0.5, 0.5]], "of 2 classes, but num_classes is 3"),
    ],
)
def test_predictions_for_another_test_split_are_refused(value: Any, message: str) -> None:
    with pytest.raises(PredictionError, match=f"^forest: .*{message}"):
        check_predictions(as_predictions(value, "forest"), "forest", n_samples=2, num_classes=3)


def test_predictions_that_fit_pass() -> None:
    check_predictions(as_predictions(PROBABILITIES[:2], "f"), "f", n_samples=2, num_classes=3)
    check_predictions(as_predictions([7, 9], "f"), "f", n_samples=2, num_classes=None)


@given(
    arrays.arrays(
        dtype=st.one_of(arrays.integer_dtypes(), arrays.floating_dtypes(), arrays.boolean_dtypes()),
        shape=arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
    )
)
def test_any_array_is_taken_or_refused_with_our_error(array: Any) -> None:
    try:
        found = as_predictions(array, "forest")
    except PredictionError:
        return
    if found.values is not None:
        assert np.isfinite(found.values).all()
        assert array.size == len(found)
        return
    assert found.labels.min() >= 0
    assert found.probabilities is None or bool((found.probabilities <= 1.001).all())
