"""Read scikit-learn's example data sets, split class by class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mushin.errors import ConfigError
from mushin.zoo.extras import needs_extra

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Example:
    """A data set of scikit-learn, split.

    Parameters
    ----------
    train_inputs, test_inputs : float64 array, shape (N, F)
    train_labels, test_labels : int64 array, shape (N,)
    class_names : tuple of str
    """

    train_inputs: FloatArray
    train_labels: IntArray
    test_inputs: FloatArray
    test_labels: IntArray
    class_names: tuple[str, ...]


def load_example(name: str, *, test_fraction: float, split_seed: int) -> Example:
    """Load a data set that comes with scikit-learn, and split it.

    Parameters
    ----------
    name : str
        As in ``sklearn.datasets.load_NAME``.
    test_fraction : float
        The part of each class that goes to the test split, between 0 and 1.
    split_seed : int
        Chooses the samples; it has nothing to do with the seeds of training.

    Raises
    ------
    ConfigError
        If `test_fraction` leaves a class without a training or a test sample.
    DataError
        If scikit-learn is not installed.
    """
    bunch = load_bunch(name)
    inputs = np.asarray(bunch.data, dtype=np.float64)
    labels = np.asarray(bunch.target, dtype=np.int64)
    in_test = _choose_test(labels, test_fraction, split_seed)
    return Example(
        train_inputs=inputs[~in_test],
        train_labels=labels[~in_test],
        test_inputs=inputs[in_test],
        test_labels=labels[in_test],
        class_names=tuple(str(class_name) for class_name in bunch.target_names),
    )


def load_bunch(name: str) -> Any:
    """Return ``sklearn.datasets.load_NAME()``; DataError if scikit-learn is not installed."""
    with needs_extra("sklearn", "scikit-learn"):
        import sklearn.datasets
    return getattr(sklearn.datasets, f"load_{name}")()


def _choose_test(labels: IntArray, test_fraction: float, split_seed: int) -> npt.NDArray[np.bool_]:
    generator = np.random.default_rng(split_seed)
    in_test = np.zeros(len(labels), dtype=bool)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        n_test = round(len(members) * test_fraction)
        if not 0 < n_test < len(members):
            raise ConfigError(
                f"test_fraction: {test_fraction}; accepted: between 0 and 1, so that training and test both "
                f"get samples of each class (class {label} has {len(members)})"
            )
        in_test[generator.permutation(members)[:n_test]] = True
    return in_test
