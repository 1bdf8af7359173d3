"""Evaluation of regressions: what is accepted, what it leaves behind, what is refused."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from mushin.errors import ConfigError, DataError, PredictionError
from mushin.evaluation.evaluate import evaluate_model
from mushin.evaluation.predict import predict_values
from mushin.evaluation.tasks import Task
from mushin.metrics.catalog import get_metric

PREDICTED = torch.tensor([0.5, 2.0, -1.0, 4.0])
TARGETS = torch.tensor([1.0, 2.0, 0.0, 3.0])


def evaluate(batches, task="regression", **options):
    return evaluate_model(nn.Identity(), batches, task=task, **options)


def test_statistics_hold_moments_and_values_in_float64():
    statistics = evaluate([(PREDICTED[:3], TARGETS[:3]), (PREDICTED[3:], TARGETS[3:])])
    assert list(statistics.arrays()) == ["regression_moments", "target_value", "predicted_value"]
    assert (statistics.n_samples, statistics.num_classes, statistics.confusion) == (4, None, None)
    np.testing.assert_array_equal(statistics.target_value, TARGETS.double())
    np.testing.assert_array_equal(statistics.predicted_value, PREDICTED.double())
    assert all(array.dtype == np.float64 for array in statistics.arrays().values())
    assert float(get_metric("mse").score(statistics.arrays())) == (0.25 + 0 + 1 + 1) / 4


def test_values_are_kept_only_where_a_metric_needs_them():
    statistics = evaluate([(PREDICTED, TARGETS)], Task("errors", ["mse", "r2"]))
    assert list(statistics.arrays()) == ["regression_moments"]


@pytest.mark.parametrize("output_shape", [(4,), (4, 1)])
@pytest.mark.parametrize("target_shape", [(4,), (4, 1)])
@pytest.mark.parametrize("explicit", [False, True])
def test_a_last_axis_of_one_does_not_matter(output_shape, target_shape, explicit):
    batches = [(PREDICTED.reshape(output_shape), TARGETS.reshape(target_shape))]
    predict_fn = predict_values if explicit else None
    found = evaluate(batches, predict_fn=predict_fn)
    np.testing.assert_array_equal(
        found.regression_moments, evaluate([(PREDICTED, TARGETS)]).regression_moments
    )


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64, torch.int32])
def test_every_real_type_is_accepted(dtype):
    batches = [(PREDICTED.round().to(dtype), TARGETS.to(dtype))]
    expected = evaluate([(PREDICTED.round(), TARGETS)])
    np.testing.assert_array_equal(evaluate(batches).regression_moments, expected.regression_moments)


def test_depth_maps_are_scored_pixel_by_pixel():
    images = evaluate([(PREDICTED.reshape(1, 2, 2), TARGETS.reshape(1, 2, 2))])
    np.testing.assert_array_equal(
        images.regression_moments, evaluate([(PREDICTED, TARGETS)]).regression_moments
    )


def test_predict_fn_may_give_none_or_the_predictions_for_probabilities():
    loader = DataLoader(TensorDataset(PREDICTED[:, None], TARGETS), batch_size=2)
    for second in (lambda p: None, lambda p: p):
        found = evaluate(loader, predict_fn=lambda model, x, second=second: (x, second(x)))
        assert found.n_samples == 4


@pytest.mark.parametrize("value", [torch.nan, torch.inf, -torch.inf])
def test_predictions_that_are_not_finite_name_the_batch(value):
    wrong = PREDICTED.clone()
    wrong[1] = value
    with pytest.raises(PredictionError, match="batch 1: the predictions hold NaN or inf; the model has prob"):
        evaluate([(PREDICTED, TARGETS), (wrong, TARGETS)])
    with pytest.raises(DataError, match="batch 0: the targets hold NaN or inf; leave such samples out"):
        evaluate([(PREDICTED, wrong)])


def test_predictions_whose_squares_overflow_are_refused():
    with pytest.raises(PredictionError, match=r"batch 0: .* as large as 1e\+200, and squares"):
        evaluate([(torch.tensor([1e200, 0.0], dtype=torch.float64), torch.zeros(2))])


@pytest.mark.parametrize(
    ("output", "targets", "message"),
    [
        (torch.zeros(4), torch.zeros(3), r"the predictions have shape \(4,\) and the targets \(3,\)"),
        (torch.zeros(4, 2), torch.zeros(4), r"the predictions have shape \(4, 2\)"),
        (torch.tensor(0.0), torch.zeros(1), r"the predictions have shape \(\) and the targets \(1,\)"),
        (torch.zeros(4, dtype=torch.complex64), torch.zeros(4), r"torch\.complex64; accepted are real"),
    ],
)
def test_predictions_of_another_form_are_refused(output, targets, message):
    with pytest.raises(PredictionError, match=f"batch 0: .*{message}"):
        evaluate([(output, targets)])


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        (torch.zeros(4, 2), r"targets have shape \(4, 2\), several values per sample"),
        (torch.zeros(4, dtype=torch.complex64), "accepted are real numbers"),
    ],
)
def test_targets_of_another_form_are_refused(targets, message):
    with pytest.raises(DataError, match=f"batch 0: .*{message}"):
        evaluate([(torch.zeros(targets.shape), targets)])


def test_dict_output_shows_a_predict_fn():
    with pytest.raises(PredictionError, match=r"keys 'value'(.*\n)*.*return model\(x\)\['value'\], None"):
        evaluate_model(lambda x: {"value": x}, [(PREDICTED, TARGETS)], task="regression")


@pytest.mark.parametrize("option", [{"num_classes": 3}, {"ignore_index": 0}])
def test_options_of_classes_are_refused(option):
    with pytest.raises(ConfigError, match=f"{next(iter(option))} is .*'regression' has no classes; leave it"):
        evaluate([(PREDICTED, TARGETS)], **option)


@pytest.mark.parametrize("batches", [[], [(torch.zeros(0), torch.zeros(0))]])
def test_data_without_values_is_refused(batches):
    with pytest.raises(DataError, match="nothing to evaluate"):
        evaluate(batches)
