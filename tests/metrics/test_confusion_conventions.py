"""Metrics of confusion matrices where classes are absent: the golden cases, and degenerate matrices."""

import json
from pathlib import Path

import numpy as np
import pytest

from mushin.metrics.catalog import find_metric

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "metrics.json").read_text())


def score(name, confusion, **options):
    return find_metric(name).score(confusion, **options)


@pytest.mark.parametrize(
    "case",
    [case for case in GOLDEN["cases"] if case["kind"] == "labels"],
    ids=lambda case: case["name"],
)
def test_golden_cases(case):
    names = {
        "accuracy_macro": "accuracy_macro",
        "f1_micro": "f1_micro",
        "miou": "iou_macro",
        "f1": "f1_macro",
        "precision": "precision_macro",
        "recall": "recall_macro",
        "miou_per_class": "iou_per_class",
        "f1_per_class": "f1_per_class",
        "recall_per_class": "recall_per_class",
        "precision_per_class": "precision_per_class",
    }
    confusion = case["expected"].get("confusion_matrix")
    for golden, name in names.items():
        expected = case["expected"].get(golden)
        if isinstance(expected, dict) or isinstance(confusion, dict) or expected is None:
            continue  # torchmetrics failed on these labels, and mushin refuses them in the evaluation.
        if golden == "f1_micro" and "out-of-range" in case["name"]:
            continue  # It counts the impossible label, which no matrix can.
        found = score(name, np.array(confusion), ignore_index=case["ignore_index"])
        np.testing.assert_allclose(found, np.array(expected, dtype=float), atol=1e-6, err_msg=name)


NOTHING = np.zeros((3, 3), dtype=np.int64)
ONE_CLASS = np.diag([4, 0, 0])
ALL_AS_ONE = np.array([[3, 0, 0], [2, 0, 0], [4, 0, 0]])


@pytest.mark.parametrize(
    ("name", "confusion", "expected"),
    [
        ("mcc", NOTHING, 0.0),
        ("mcc", ONE_CLASS, 0.0),
        ("mcc", ALL_AS_ONE, 0.0),
        ("cohen_kappa", NOTHING, np.nan),
        ("cohen_kappa", ONE_CLASS, np.nan),
        ("cohen_kappa", ALL_AS_ONE, 0.0),
        ("cohen_kappa_linear", ONE_CLASS, np.nan),
        ("cohen_kappa_quadratic", NOTHING, np.nan),
        ("balanced_accuracy", NOTHING, np.nan),
        ("balanced_accuracy", ONE_CLASS, 1.0),
        ("balanced_accuracy", [[2, 2, 0], [0, 0, 0], [0, 0, 0]], 0.5),
        ("accuracy_macro", [[2, 2, 0], [0, 0, 0], [0, 0, 0]], 0.25),
        ("iou_macro", NOTHING, np.nan),
        ("iou_micro", NOTHING, 0.0),
        ("fwiou", NOTHING, 0.0),
        ("iou_per_class", ONE_CLASS, [1.0, 0.0, 0.0]),
        ("specificity_per_class", ONE_CLASS, [0.0, 1.0, 1.0]),
        ("accuracy_per_class", NOTHING, [0.0, 0.0, 0.0]),
    ],
)
def test_degenerate_matrices(name, confusion, expected):
    np.testing.assert_array_equal(score(name, confusion), expected)


def test_two_classes_of_which_one_occurs_have_no_correlation_as_in_scikit_learn():
    """torchmetrics says 1 here, for two classes alone."""
    assert float(score("mcc", [[4, 0], [0, 0]])) == 0.0
