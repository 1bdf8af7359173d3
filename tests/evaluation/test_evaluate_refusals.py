"""What an evaluation refuses, and what it says then."""

import pytest
import torch
from torch import nn

from mushin.errors import ConfigError, DataError, PredictionError, UnknownNameError
from mushin.evaluation.evaluate import evaluate_model
from mushin.evaluation.predict import default_predict


def evaluate(batches, num_classes=3, task="classification", **options):
    return evaluate_model(nn.Identity(), batches, task=task, num_classes=num_classes, **options)


@pytest.mark.parametrize("row", [[0.0, torch.inf], [-torch.inf, -torch.inf]])
def test_infinite_logits_without_probabilities_name_the_batch(row):
    batches = [(torch.zeros(2, 2), torch.tensor([0, 1])), (torch.tensor([row]), torch.tensor([0]))]
    with pytest.raises(PredictionError, match=r"batch 1: softmax of the logits is NaN, for they hold \+inf"):
        evaluate(batches, 2)


@pytest.mark.parametrize("task", ["classification", "segmentation"])
def test_nan_logits_name_the_batch(task):
    batches = [(torch.zeros(2, 3), torch.tensor([0, 1])), (torch.full((1, 3), torch.nan), torch.tensor([0]))]
    with pytest.raises(
        PredictionError, match="batch 1: the logits hold NaN; the model has probably diverged"
    ):
        evaluate(batches, task=task)


@pytest.mark.parametrize("targets", [torch.zeros(4, 1, dtype=torch.int64), torch.zeros(3, dtype=torch.int64)])
def test_targets_of_another_shape_show_both_shapes(targets):
    message = (
        rf"batch 0: the logits, less their class axis, have shape \(4,\) and the targets \({len(targets)}"
    )
    with pytest.raises(PredictionError, match=message):
        evaluate([(torch.zeros(4, 3), targets)])
    with pytest.raises(PredictionError, match=r"batch 0: the predictions have shape \(4,\) and the targets"):
        evaluate([(torch.zeros(4, 3), targets)], predict_fn=default_predict)


def test_wrong_number_of_classes_shows_the_shape():
    with pytest.raises(PredictionError, match=r"batch 0: the logits have shape \(4, 5\); expected \(N, 3, "):
        evaluate([(torch.zeros(4, 5), torch.zeros(4, dtype=torch.int64))])


def test_target_out_of_range_names_the_batch():
    batches = [(torch.zeros(2, 3), torch.tensor([0, 1])), (torch.zeros(1, 3), torch.tensor([3]))]
    with pytest.raises(DataError, match="batch 1: a target is 3; accepted are 0 to 2"):
        evaluate(batches)


def test_predict_fn_that_returns_one_tensor_is_refused():
    batches = [(torch.zeros(2, 3), torch.tensor([0, 1]))]
    with pytest.raises(
        PredictionError, match="batch 0: predict_fn returned a Tensor; it must return the 2-tuple"
    ):
        evaluate(batches, predict_fn=lambda model, x: x.argmax(dim=1))


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (1.1, r"range from 0 to 1\.1; accepted are values in \[0, 1\]\. Did the predict_fn return logits"),
        (-0.5, r"range from -0\.5 to 0; accepted"),
        (torch.nan, "the probabilities hold NaN"),
        (torch.inf, "range from 0 to inf"),
    ],
)
def test_probabilities_out_of_range_are_refused(value, message):
    wrong = torch.zeros(2, 3)
    wrong[1, 2] = value
    batches = [(torch.zeros(2, 3), torch.tensor([0, 1]))]
    with pytest.raises(PredictionError, match=f"batch 0: .*{message}"):
        evaluate(batches, predict_fn=lambda model, x: (torch.tensor([0, 1]), wrong))


def test_float_labels_are_refused():
    with pytest.raises(
        DataError, match=r"batch 0: the targets are torch\.float32; accepted are class indices"
    ):
        evaluate([(torch.zeros(2, 3), torch.zeros(2))])
    with pytest.raises(
        PredictionError, match=r"batch 0: the predictions are torch\.float32; accepted are class"
    ):
        evaluate([(torch.zeros(2, 3), torch.tensor([0, 1]))], predict_fn=lambda model, x: (x[:, 0], None))


@pytest.mark.parametrize("batches", [[], iter([]), [(torch.zeros(0, 3), torch.zeros(0, dtype=torch.int64))]])
def test_loader_without_samples_is_refused(batches):
    with pytest.raises(DataError, match=r"nothing to evaluate: [01] batches without a sample"):
        evaluate(batches)


@pytest.mark.parametrize(
    ("batch", "message"),
    [
        (torch.zeros(2, 3), r"it is a Tensor; accepted is a pair \(inputs, targets\)"),
        ((torch.zeros(2, 3),), "it is a tuple of 1; accepted is a pair"),
        ([1, 2, 3], "it is a list of 3; accepted is a pair"),
        ({"image": 1, "label": 2}, "it is a dict; accepted is a pair"),
        ((torch.zeros(3), 1), "the targets are a int; accepted is a tensor. Pass a DataLoader"),
    ],
)
def test_batch_that_is_no_pair_is_refused(batch, message):
    good = (torch.zeros(2, 3), torch.tensor([0, 1]))
    with pytest.raises(DataError, match=f"batch 1: {message}"):
        evaluate([good, batch])


@pytest.mark.parametrize("data", [None, 7])
def test_data_that_is_no_iterable_is_refused(data):
    with pytest.raises(DataError, match="accepted is an iterable of"):
        evaluate(data)


@pytest.mark.parametrize("model", [{"weight": torch.zeros(1)}, "model.pt", None])
def test_model_that_cannot_be_called_is_refused(model):
    with pytest.raises(PredictionError, match=r"accepted is a torch\.nn\.Module or a function"):
        evaluate_model(model, [], task="classification", num_classes=3)


@pytest.mark.parametrize("num_classes", [1, 0, -3, 2.0, "3", None, True])
def test_number_of_classes_must_be_two_or_more(num_classes):
    with pytest.raises(ConfigError, match=r"num_classes is .*; accepted is an integer of 2 or more"):
        evaluate([], num_classes)


@pytest.mark.parametrize("ignore_index", [255.0, "255", True])
def test_ignored_label_must_be_an_integer(ignore_index):
    with pytest.raises(ConfigError, match=r"ignore_index is .*; accepted is an integer or None"):
        evaluate([], ignore_index=ignore_index)


def test_unknown_task_is_refused():
    with pytest.raises(UnknownNameError, match="did you mean 'segmentation'"):
        evaluate([], task="segmentations")


def test_predict_fn_that_cannot_be_called_is_refused():
    with pytest.raises(ConfigError, match="predict_fn is 'softmax'; accepted is a function"):
        evaluate([], predict_fn="softmax")


@pytest.mark.parametrize("device", ["tpu9", "cuda:99"])
def test_device_that_cannot_be_used_is_refused(device):
    with pytest.raises(ConfigError, match=f"device '{device}' cannot be used here"):
        evaluate([], device=device)


def test_model_comes_back_after_an_error():
    model = nn.Sequential(nn.Dropout(), nn.Dropout()).train()
    model[0].eval()
    with pytest.raises(PredictionError, match="the logits have shape"):
        evaluate_model(
            model, [(torch.zeros(2, 4), torch.tensor([0, 1]))], task="classification", num_classes=3
        )
    assert [module.training for module in model.modules()] == [True, False, True]
