"""The handwritten digits that come with scikit-learn: 1797 images of 8 x 8 pixels."""

from __future__ import annotations

import numpy as np
import torch

from mushin.training.data import Data
from mushin.zoo.examples import FloatArray, load_example

_BRIGHTEST = 16.0


def load_digits(test_fraction: float = 0.3, split_seed: int = 0) -> Data:
    """Load the digits, split class by class.

    Parameters
    ----------
    test_fraction : float
        The part of each class that goes to the test split, between 0 and 1.
    split_seed : int
        Chooses the test samples; it has nothing to do with the seeds of training.

    Returns
    -------
    Data
        Inputs float32, shape (N, 1, 8, 8), from 0 to 1; labels int64, shape (N,); classes "0" to "9".

    Raises
    ------
    ConfigError
        If `test_fraction` leaves a class without a training or a test sample.
    DataError
        If scikit-learn is not installed.

    References
    ----------
    Alpaydin and Kaynak, Optical Recognition of Handwritten Digits, UCI, https://doi.org/10.24432/C50P49 (its
    test set, as distributed with scikit-learn).

    Examples
    --------
    >>> load_digits().train[0].shape
    torch.Size([1258, 1, 8, 8])
    """
    example = load_example("digits", test_fraction=test_fraction, split_seed=split_seed)
    return Data(
        train=(_images(example.train_inputs), torch.from_numpy(example.train_labels)),
        test=(_images(example.test_inputs), torch.from_numpy(example.test_labels)),
        class_names=example.class_names,
    )


def _images(pixels: FloatArray) -> torch.Tensor:
    return torch.from_numpy((pixels / _BRIGHTEST).astype(np.float32).reshape(-1, 1, 8, 8))
