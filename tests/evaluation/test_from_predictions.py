from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from scipy.stats import spearmanr
from sklearn import metrics as oracle

from mushin.errors import ConfigError, DataError, PredictionError
from mushin.evaluation.evaluate import evaluate_model
from mushin.evaluation.from_predictions import evaluate_predictions
from mushin.evaluation.tasks import Task, get_task
from mushin.metrics.catalog import get_metric
from mushin.predictions.arrays import as_predictions


def batches(targets: torch.Tensor, size: int = 7) -> Iterator[tuple[None, torch.Tensor]]:
    for part in targets.split(size):
        yield None, part


@pytest.fixture
def targets() -> torch.Tensor:
    return torch.randint(4, (50,), generator=torch.Generator().manual_seed(0))


@pytest.fixture
def logits() -> torch.Tensor:
    return torch.randn(50, 4, generator=torch.Generator().manual_seed(1))


def test_predictions_of_a_model_score_as_the_model_does(targets: torch.Tensor, logits: torch.Tensor) -> None:
    predictions = as_predictions(logits.softmax(dim=1), "mlp")
    options: dict[str, Any] = {"task": "classification", "num_classes": 4, "ignore_index": 3}
    found = evaluate_predictions(predictions, batches(targets), **options).arrays()
    model = evaluate_model(torch.nn.Identity(), [(logits, targets)], **options).arrays()
    assert found.keys() == model.keys()
    for name, values in model.items():
        np.testing.assert_allclose(found[name], values, rtol=1e-12, err_msg=name)


def test_scores_are_those_of_scikit_learn(targets: torch.Tensor, logits: torch.Tensor) -> None:
    predictions = as_predictions(logits.softmax(dim=1), "mlp")
    found = evaluate_predictions(predictions, batches(targets), task="classification", num_classes=4).arrays()
    probabilities = predictions.probabilities
    assert probabilities is not None
    expected = {
        "accuracy": oracle.accuracy_score(targets, predictions.labels),
        "f1": oracle.f1_score(targets, predictions.labels, average="macro"),
        "auroc": oracle.roc_auc_score(targets, probabilities.astype(float), multi_class="ovr"),
    }
    for name in ("f1", "auroc"):
        assert float(get_metric(name).score(found)) == pytest.approx(expected[name], abs=1e-6)


def test_labels_of_masks_are_scored_where_no_metric_needs_more() -> None:
    masks = torch.tensor([[[0, 1], [1, 2]]])
    predictions = as_predictions(masks.flip(0), "unet")
    found = evaluate_predictions(predictions, [(None, masks)], task="segmentation", num_classes=3)
    np.testing.assert_array_equal(found.confusion, np.diag([1, 2, 1]))


def test_labels_alone_are_refused_where_a_metric_needs_probabilities() -> None:
    predictions = as_predictions([0, 1], "svm")
    for task, message in (
        ("classification", r"auroc and ece of task 'classification' .*\(accuracy,f1,precision,recall\)"),
        (Task("ranking", ("auroc",)), r"auroc of task 'ranking' .*\(nothing here\)"),
    ):
        with pytest.raises(PredictionError, match=message):
            evaluate_predictions(predictions, [(None, torch.tensor([0, 1]))], task=task, num_classes=2)


LABELS_ONLY = Task("labels", ("accuracy",))


@pytest.mark.parametrize(
    ("labels", "targets", "error", "message"),
    [
        ([0, 1, 1], [0, 1], PredictionError, "3 predictions came for 2 test samples"),
        ([[0, 1]], [0], PredictionError, r"batch 0: .*\(1, 2\) and the targets \(1,\)"),
        ([0, 1], [0, 2], DataError, "batch 0: a target is 2"),
        ([0, 2], [0, 1], PredictionError, "batch 0: a prediction is 2"),
    ],
)
def test_predictions_that_do_not_fit_the_targets_are_refused(
    labels: Any, targets: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        evaluate_predictions(
            as_predictions(labels, "svm"),
            [(None, torch.tensor(targets))],
            task=LABELS_ONLY,
            num_classes=2,
        )


def test_test_split_without_a_sample_is_refused() -> None:
    with pytest.raises(DataError, match="no sample"):
        evaluate_predictions(as_predictions([0], "svm"), [], task=LABELS_ONLY, num_classes=2)


def test_values_are_scored_as_those_of_a_model() -> None:
    rng = np.random.default_rng(0)
    targets, values = rng.normal(size=(2, 50))
    batches = [(None, torch.from_numpy(targets[:30])), (None, torch.from_numpy(targets[30:]))]
    found = evaluate_predictions(as_predictions(values, "ridge"), batches, task="regression")
    scores = {name: float(get_metric(name).score(found.arrays())) for name in get_task("regression").metrics}
    assert scores["mse"] == pytest.approx(oracle.mean_squared_error(targets, values), rel=1e-12)
    assert scores["r2"] == pytest.approx(oracle.r2_score(targets, values), rel=1e-12)
    assert scores["spearman"] == pytest.approx(spearmanr(targets, values).statistic, rel=1e-12)


def test_predictions_of_the_other_kind_are_refused() -> None:
    labels, values = as_predictions([0, 1], "forest"), as_predictions([0.5, 1.0], "ridge")
    targets = [(None, torch.tensor([0, 1]))]
    with pytest.raises(PredictionError, match="labels came, but the task is on values"):
        evaluate_predictions(labels, targets, task="regression")
    with pytest.raises(PredictionError, match="which are values, but the task is on classes"):
        evaluate_predictions(values, targets, task=LABELS_ONLY, num_classes=2)
    with pytest.raises(ConfigError, match="num_classes is 2, but task 'regression' has no classes"):
        evaluate_predictions(values, targets, task="regression", num_classes=2)
    with pytest.raises(ConfigError, match="num_classes is None; accepted is an integer of 2 or more"):
        evaluate_predictions(labels, targets, task=LABELS_ONLY)


def test_values_of_another_number_are_refused() -> None:
    targets = [(None, torch.tensor([0.0, 1.0]))]
    with pytest.raises(PredictionError, match="3 predictions came for 2 test samples"):
        evaluate_predictions(as_predictions([0.5, 1.0, 2.0], "ridge"), targets, task="regression")
    with pytest.raises(PredictionError, match=r"shape \(1,\) and the targets \(2,\)"):
        evaluate_predictions(as_predictions([0.5], "ridge"), targets, task="regression")
