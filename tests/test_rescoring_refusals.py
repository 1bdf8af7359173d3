"""What scoring a study again refuses, and how it says so."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mushin
from mushin.cells import Cell
from mushin.errors import ConfigError, DataError, UnknownNameError
from mushin.labelled import ResultsDataset
from random_study import merge_study

Study = Callable[..., ResultsDataset]


@pytest.fixture
def study(tmp_path: Path, make_cell: Callable[..., Cell]) -> Study:
    return partial(merge_study, tmp_path, make_cell)


def diagonal(confusion: Any) -> Any:
    return np.trace(confusion, axis1=-2, axis2=-1)


OWN = mushin.ScoreFunction(diagonal, higher_is_better=True)


@pytest.mark.parametrize(
    ("metrics", "options", "error", "message"),
    [
        ("mmc", {}, UnknownNameError, "metric 'mmc' is unknown; did you mean 'mcc'"),
        ([], {}, ConfigError, "metrics: none is named; known are accuracy"),
        (["mcc", "f1", "mcc"], {}, ConfigError, "metrics: 'mcc' appears twice"),
        ([3], {}, ConfigError, "metrics: got 3; accepted are names, and mappings"),
        ([OWN], {}, ConfigError, "metrics: got ScoreFunction.*accepted are names, and mappings"),
        (
            {"hits": diagonal},
            {},
            ConfigError,
            r"metric 'hits' does not say which direction is better; declare it: "
            r"metrics=\{'hits': mushin.ScoreFunction\(diagonal, higher_is_better=True\)\}",
        ),
        ({"hits": "accuracy"}, {}, ConfigError, "metric 'hits' is 'accuracy'; declare it"),
        ({"mcc": OWN}, {}, ConfigError, "metrics: 'mcc' is a metric of mushin's own; choose another name"),
        ({"seed": OWN}, {}, ConfigError, "metrics: 'seed' is the name of a dimension"),
        ({"class": OWN}, {}, ConfigError, "metrics: 'class' is the name of a dimension"),
        ({7: OWN}, {}, ConfigError, "metrics: 7 is no name for a metric"),
        (
            "auroc",
            {"merge_classes": {"animal": ["cat", "dog"]}},
            ConfigError,
            "metric 'auroc' needs probabilities, and none are kept for merged or chosen classes",
        ),
        (["mcc", "ece"], {"classes": ["cat", "dog"]}, ConfigError, "metric 'ece' needs probabilities"),
        ("mcc", {"classes": ["cat", "dig"]}, UnknownNameError, "class 'dig' is unknown; did you mean 'dog'"),
    ],
)
def test_a_mistake_is_named(study: Study, metrics: Any, options: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        mushin.score(study(), metrics, **options)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda ds: ds.drop_vars("confusion"),
            r"hold no confusion matrices; .*open_results\(.*group='NAME'\)",
        ),
        (lambda ds: ds["confusion"], "results must be an xarray.Dataset, got ResultsArray"),
        (lambda ds: ds.mean("seed"), "confusion holds float64, not counts"),
        (lambda ds: ds.sum("prediction"), r"confusion has the dimensions \('method', 'seed', 'target'\)"),
        (lambda ds: ds.drop_vars("target"), "needs the same labels along target and prediction, got None"),
        (lambda ds: ds.assign_coords(target=["cat", "car", "dog"]), "needs the same labels along"),
        (
            lambda ds: ds.assign_coords(target=["a", "a", "b"], prediction=["a", "a", "b"]),
            "has the class a twice",
        ),
        (lambda ds: ds.assign(confusion=-ds["confusion"]), "confusion holds negative counts"),
        (
            lambda ds: ds.drop_vars("mann_whitney_u"),
            "metric 'auroc' needs mann_whitney_u, which these results do not hold; evaluate again",
        ),
    ],
)
def test_results_of_another_form_are_refused(study: Study, change: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        mushin.score(change(study()), ["mcc", "auroc"])
