"""The reference cases of golden/metrics.json: inputs and what torchmetrics 1.9 makes of them."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch

from mushin.errors import DataError, PredictionError
from mushin.evaluation.calibration import bin_edges
from mushin.evaluation.evaluate import evaluate_model
from mushin.evaluation.tasks import Task
from mushin.metrics import scores
from mushin.metrics.catalog import get_metric

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "metrics.json").read_text())
TOLERANCE = GOLDEN["tolerance"]
LABEL_METRICS = ("accuracy", "f1", "precision", "recall", "miou")
LABELS = Task("labels", LABEL_METRICS)
PROBABILITIES = Task("probabilities", ("auroc", "ece"))

# Cases that torchmetrics accepts or fails on, and that mushin refuses with a reason.
REFUSED = {
    "empty batch only": (DataError, "nothing to evaluate: 1 batches"),
    "no update at all (empty loader)": (DataError, "nothing to evaluate: 0 batches"),
    "no update, ignore 255": (DataError, "nothing to evaluate: 0 batches"),
    "no update": (DataError, "nothing to evaluate: 0 batches"),
    "out-of-range target 255 not ignored, few": (DataError, "batch 0: a target is 255; accepted are 0 to 4"),
    "out-of-range target -1 not ignored": (DataError, "batch 0: a target is -1; accepted are 0 to 4"),
    "out-of-range target == C": (DataError, "batch 0: a target is 5; accepted are 0 to 4"),
    "out-of-range pred == C (aliases into next row!)": (PredictionError, "batch 0: a prediction is 5"),
    "out-of-range pred -1 (aliases into previous row!)": (PredictionError, "batch 0: a prediction is -1"),
    "too many unique targets": (DataError, "batch 0: a target is 3; accepted are 0 to 2"),
    "shape mismatch": (PredictionError, "batch 0: the predictions have shape"),
    "nan prob row": (PredictionError, "batch 0: the probabilities hold NaN"),
}


def cases(kind):
    chosen = [case for case in GOLDEN["cases"] if case["kind"] == kind]
    return pytest.mark.parametrize("case", chosen, ids=lambda case: case["name"])


def labels(values):
    return torch.tensor(values, dtype=torch.int64)


def evaluate(case, task, batches, predict_fn):
    return evaluate_model(
        torch.nn.Identity(),
        batches,
        task=task,
        num_classes=case["num_classes"],
        ignore_index=case["ignore_index"],
        predict_fn=predict_fn,
    )


def evaluate_labels(case):
    batches = [(labels(batch["preds"]), labels(batch["target"])) for batch in case["batches"]]
    return evaluate(case, LABELS, batches, lambda model, x: (x, x))


def evaluate_probabilities(case):
    batches = [
        (torch.tensor([[float(p) for p in row] for row in batch["probs"]]), labels(batch["target"]))
        for batch in case["batches"]
    ]
    are_logits = case["name"].startswith("logits given")
    predict_fn = None if are_logits else lambda model, x: (x.argmax(dim=1), x)
    return evaluate(case, PROBABILITIES, batches, predict_fn)


@cases("labels")
def test_label_metrics_of_the_golden_cases(case):
    if case["name"] in REFUSED:
        error, message = REFUSED[case["name"]]
        with pytest.raises(error, match=message):
            evaluate_labels(case)
        return
    statistics = evaluate_labels(case)
    expected = case["expected"]
    if case["name"] == "empty batch among others":  # torchmetrics fails; see the test below
        return
    np.testing.assert_array_equal(statistics.confusion, expected["confusion_matrix"])
    for name in LABEL_METRICS:
        score = get_metric(name).score(statistics.arrays(), ignore_index=case["ignore_index"])
        wanted = float(expected[name])
        assert float(score) == pytest.approx(wanted, abs=TOLERANCE["labels_abs"], nan_ok=True), name


def test_an_empty_batch_among_others_adds_nothing():
    case = next(case for case in GOLDEN["cases"] if case["name"] == "empty batch among others")
    full = {**case, "batches": [batch for batch in case["batches"] if batch["target"]]}
    np.testing.assert_array_equal(evaluate_labels(case).confusion, evaluate_labels(full).confusion)


@cases("probs")
def test_probability_metrics_of_the_golden_cases(case):
    if case["name"] in REFUSED:
        error, message = REFUSED[case["name"]]
        with pytest.raises(error, match=message):
            evaluate_probabilities(case)
        return
    statistics = evaluate_probabilities(case).arrays()
    expected = case["expected"]
    error_of_calibration = float(get_metric("ece").score(statistics))
    area = float(get_metric("auroc").score(statistics))
    if case["name"] == "all ignored":  # torchmetrics fails on the AUROC of nothing
        assert math.isnan(error_of_calibration)
        assert math.isnan(area)
        return
    assert error_of_calibration == pytest.approx(expected["ece"], abs=TOLERANCE["ece_abs"])
    assert area == pytest.approx(expected["auroc"], abs=TOLERANCE["auroc_abs"])
    positives = statistics["confusion"].sum(axis=1)
    for label, area_of_class in enumerate(expected["auroc_per_class"]):
        alone = scores.macro_auroc(
            statistics["mann_whitney_u"][[label]], positives[[label]], positives.sum() - positives[[label]]
        )
        assert float(alone) == pytest.approx(area_of_class, abs=TOLERANCE["auroc_abs"]), label


def test_bin_edges_are_those_of_torch_bit_for_bit():
    np.testing.assert_array_equal(bin_edges(), np.array(GOLDEN["ece_edges_float32"], dtype=np.float32))
    assert [edge.tobytes().hex() for edge in bin_edges()] == GOLDEN["ece_edges_hex"]
    np.testing.assert_array_equal(bin_edges(), torch.linspace(0, 1, 16).numpy())
