"""Any classifier of scikit-learn, trained and asked for its predictions."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mushin.errors import ConfigError, TrainingError
from mushin.training.data import Split, as_pair, count_samples
from mushin.training.visible import Inputs, VisibleData


def fit_and_predict(data: VisibleData, *, seed: int, num_classes: int, estimator: Any) -> NDArray[Any]:
    """Fit an estimator to the training split and predict the test split.

    Each sample is flattened to one row. Every ``random_state`` of the estimator, or of a step of its
    pipeline, that is None becomes `seed`. The validation split is not used, and `estimator` stays as it is:
    a clone of it is fitted.

    Parameters
    ----------
    data : VisibleData
        Splits that fit into memory.
    seed : int
        From 0 to 4294967295.
    num_classes : int
        C.
    estimator : scikit-learn classifier
        What it has learned is not used.

    Returns
    -------
    float64 array, shape (N, C), or int array, shape (N,)
        Probabilities, with 0 for a class that the training split lacks; labels where the estimator has no
        ``predict_proba``.

    Raises
    ------
    ConfigError
        If `estimator` is no classifier.
    TrainingError
        If the training split holds labels that are no class.

    Examples
    --------
    >>> import torch
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> data = VisibleData((torch.eye(3), torch.arange(3)), torch.eye(3)[:2])
    >>> fit_and_predict(data, seed=0, num_classes=4, estimator=DecisionTreeClassifier())
    array([[1., 0., 0., 0.],
           [0., 1., 0., 0.]])
    """
    if not all(hasattr(estimator, name) for name in ("fit", "predict", "get_params", "set_params")):
        raise ConfigError(
            f"estimator is a {type(estimator).__name__}; accepted: a classifier of scikit-learn, such as"
            " {_target_: sklearn.ensemble.RandomForestClassifier}"
        )
    from sklearn.base import clone  # scikit-learn is an extra, which whoever has such an estimator has

    # An estimator that several seeds share would keep the random_state of the first.
    estimator = clone(estimator).set_params(**_random_states(estimator, seed))
    inputs, labels = _pair(data.train)
    estimator.fit(_rows(inputs), labels)
    rows = _rows(_inputs(data.test_inputs))
    classes = np.asarray(estimator.classes_)
    if classes.dtype.kind not in "iu" or classes.min() < 0 or classes.max() >= num_classes:
        raise TrainingError(f"the training labels are {classes.tolist()}; accepted: 0 to {num_classes - 1}")
    if not hasattr(estimator, "predict_proba"):
        predicted: NDArray[Any] = estimator.predict(rows)
        return predicted
    probabilities = np.zeros((len(rows), num_classes))
    probabilities[:, classes] = estimator.predict_proba(rows)
    return probabilities


def _random_states(estimator: Any, seed: int) -> dict[str, int]:
    parameters = estimator.get_params()
    return {
        name: seed
        for name, value in parameters.items()
        if name.rpartition("__")[2] == "random_state" and value is None
    }


def _pair(split: Split) -> tuple[Any, NDArray[Any]]:
    pair = as_pair(split)
    if pair is not None:
        return pair[0], np.asarray(pair[1])
    samples = [split[index] for index in range(count_samples(split))]
    return np.stack([np.asarray(sample[0]) for sample in samples]), np.asarray([int(s[1]) for s in samples])


def _inputs(inputs: Inputs) -> Any:
    if hasattr(inputs, "ndim"):
        return inputs
    return np.stack([np.asarray(inputs[index]) for index in range(len(inputs))])  # type: ignore[arg-type]


def _rows(inputs: Any) -> NDArray[Any]:
    array = np.asarray(inputs)
    return array.reshape(len(array), -1)
