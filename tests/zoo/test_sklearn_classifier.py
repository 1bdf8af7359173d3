from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import RidgeClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from torch.utils.data import Dataset

from mushin.config.make_plan import make_plan
from mushin.config.selection import Selection
from mushin.errors import ConfigError, TrainingError
from mushin.training.visible import InputsOnly, VisibleData
from mushin.zoo.sklearn_classifier import fit_and_predict

INPUTS, TARGETS = load_iris(return_X_y=True)


@pytest.fixture
def data() -> VisibleData:
    """Half of iris as images of 2 x 2."""
    inputs = torch.from_numpy(INPUTS).reshape(-1, 1, 2, 2)
    return VisibleData((inputs[::2], torch.from_numpy(TARGETS[::2])), inputs[1::2])


def test_forest_predicts_as_scikit_learn_does_under_the_same_seed(data: VisibleData) -> None:
    found = fit_and_predict(data, seed=3, num_classes=3, estimator=RandomForestClassifier(10))
    forest = RandomForestClassifier(10, random_state=3).fit(INPUTS[::2], TARGETS[::2])
    np.testing.assert_array_equal(found, forest.predict_proba(INPUTS[1::2]))
    other = fit_and_predict(data, seed=4, num_classes=3, estimator=RandomForestClassifier(10))
    assert not np.array_equal(found, other)


def test_seed_reaches_the_steps_of_a_pipeline_but_no_state_that_is_set(data: VisibleData) -> None:
    for given, expected in ((None, 3), (9, 9)):
        pipeline = make_pipeline(StandardScaler(), RandomForestClassifier(5, random_state=given))
        found = fit_and_predict(data, seed=3, num_classes=3, estimator=pipeline)
        seeded = make_pipeline(StandardScaler(), RandomForestClassifier(5, random_state=expected))
        seeded.fit(INPUTS[::2], TARGETS[::2])
        np.testing.assert_array_equal(found, seeded.predict_proba(INPUTS[1::2]))


def test_one_estimator_serves_several_seeds_and_stays_as_it_was(data: VisibleData) -> None:
    shared = RandomForestClassifier(10)
    found = [fit_and_predict(data, seed=seed, num_classes=3, estimator=shared) for seed in (3, 4)]
    alone = fit_and_predict(data, seed=4, num_classes=3, estimator=RandomForestClassifier(10))
    np.testing.assert_array_equal(found[1], alone)
    assert not np.array_equal(*found)
    assert shared.random_state is None
    assert not hasattr(shared, "classes_")


def test_estimator_without_randomness_or_probabilities_gives_labels(data: VisibleData) -> None:
    assert fit_and_predict(data, seed=0, num_classes=3, estimator=KNeighborsClassifier()).shape == (75, 3)
    for estimator in (RidgeClassifier(), SVC()):
        assert fit_and_predict(data, seed=0, num_classes=3, estimator=estimator).dtype.kind == "i"


def test_class_without_a_training_sample_has_a_column_of_zeros() -> None:
    data = VisibleData((INPUTS[TARGETS != 1], TARGETS[TARGETS != 1]), INPUTS[:5])
    found = fit_and_predict(data, seed=0, num_classes=4, estimator=KNeighborsClassifier())
    np.testing.assert_array_equal(found[:, [1, 3]], 0)
    np.testing.assert_allclose(found.sum(axis=1), 1)


class Samples(Dataset[Any]):
    def __len__(self) -> int:
        return len(INPUTS)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        return torch.from_numpy(INPUTS[index]), int(TARGETS[index])


def test_datasets_are_gathered() -> None:
    whole = VisibleData((INPUTS, TARGETS), INPUTS)
    one_by_one = VisibleData(Samples(), InputsOnly(Samples()))
    found = [
        fit_and_predict(data, seed=0, num_classes=3, estimator=KNeighborsClassifier())
        for data in (whole, one_by_one)
    ]
    np.testing.assert_array_equal(*found)


@pytest.mark.parametrize(
    ("estimator", "num_classes", "error", "message"),
    [
        ({"n_estimators": 3}, 3, ConfigError, "estimator is a dict; accepted: a classifier of scikit-learn"),
        (KNeighborsClassifier(), 2, TrainingError, r"training labels are \[0, 1, 2\]; accepted: 0 to 1"),
    ],
)
def test_what_cannot_be_fitted_is_refused(
    data: VisibleData, estimator: Any, num_classes: int, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        fit_and_predict(data, seed=0, num_classes=num_classes, estimator=estimator)


def test_forest_of_conf_is_a_method_that_leaves_predictions(study: Any) -> None:
    plan = make_plan(Selection.from_arguments(["methods=mlp,forest"]))
    assert plan.settings["digits", "forest"].leaves_predictions
    assert not plan.settings["digits", "mlp"].leaves_predictions
    assert plan.settings["digits", "forest"].method["predict"]["num_classes"] == 10
