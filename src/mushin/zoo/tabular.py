"""The small tables that come with scikit-learn: iris, wine and breast cancer."""

from __future__ import annotations

import numpy as np
import torch

from mushin.errors import unknown_name
from mushin.training.data import Data
from mushin.zoo.examples import FloatArray, load_example

_NAMES = ("breast_cancer", "iris", "wine")


def load_tabular(name: str, test_fraction: float = 0.3, split_seed: int = 0) -> Data:
    """Load a table, split class by class and standardised.

    Each column is shifted and scaled by the mean and the standard deviation that it has in the training
    split, so that nothing of the test split reaches the training.

    Parameters
    ----------
    name : {"breast_cancer", "iris", "wine"}
        569, 150 or 178 samples with 30, 4 or 13 columns, in 2, 3 or 3 classes.
    test_fraction : float
        The part of each class that goes to the test split, between 0 and 1.
    split_seed : int
        Chooses the test samples; it has nothing to do with the seeds of training.

    Returns
    -------
    Data
        Inputs float32, shape (N, columns), in standard deviations; labels int64, shape (N,); the classes'
        names.

    Raises
    ------
    UnknownNameError
        If there is no such table.
    ConfigError
        If `test_fraction` leaves a class without a training or a test sample.
    DataError
        If scikit-learn is not installed.

    Examples
    --------
    >>> load_tabular("wine")
    Data(train=125 samples, test=53 samples, validation=None, class_names=('class_0', 'class_1', 'class_2'))
    """
    if name not in _NAMES:
        raise unknown_name("data set", name, _NAMES)
    example = load_example(name, test_fraction=test_fraction, split_seed=split_seed)
    mean, scale = example.train_inputs.mean(axis=0), example.train_inputs.std(axis=0)
    scale[scale == 0] = 1.0

    def standardised(inputs: FloatArray) -> torch.Tensor:
        return torch.from_numpy(((inputs - mean) / scale).astype(np.float32))

    return Data(
        train=(standardised(example.train_inputs), torch.from_numpy(example.train_labels)),
        test=(standardised(example.test_inputs), torch.from_numpy(example.test_labels)),
        class_names=example.class_names,
    )
