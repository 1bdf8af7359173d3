"""The diabetes table that comes with scikit-learn, for regression."""

from __future__ import annotations

import numpy as np
import torch

from mushin.errors import ConfigError
from mushin.training.data import Data
from mushin.zoo.examples import FloatArray, load_bunch


def load_diabetes(test_fraction: float = 0.3, split_seed: int = 0) -> Data:
    """Load the progression of diabetes of 442 patients by 10 measurements, split and standardised.

    Inputs and targets are shifted and scaled by the mean and the standard deviation that they have in the
    training split, so that nothing of the test split reaches the training. Efron et al. 2004,
    doi:10.1214/009053604000000067.

    Parameters
    ----------
    test_fraction : float
        The part that goes to the test split, between 0 and 1.
    split_seed : int
        Chooses the test samples; it has nothing to do with the seeds of training.

    Returns
    -------
    Data
        Inputs float32, shape (N, 10), and targets float32, shape (N,), in standard deviations.

    Raises
    ------
    ConfigError
        If `test_fraction` leaves fewer than two training or test samples.
    DataError
        If scikit-learn is not installed.

    Examples
    --------
    >>> load_diabetes()
    Data(train=309 samples, test=133 samples, validation=None, class_names=None)
    """
    bunch = load_bunch("diabetes")
    inputs, targets = np.asarray(bunch.data, np.float64), np.asarray(bunch.target, np.float64)
    n_test = round(len(targets) * test_fraction)
    if not 2 <= n_test <= len(targets) - 2:
        raise ConfigError(
            f"test_fraction: {test_fraction}; accepted: between 0 and 1, so that training and test both get"
            f" two of the {len(targets)} samples"
        )
    order = np.random.default_rng(split_seed).permutation(len(targets))
    test, train = np.sort(order[:n_test]), np.sort(order[n_test:])

    def standardised(values: FloatArray, rows: np.ndarray[tuple[int], np.dtype[np.int64]]) -> torch.Tensor:
        scaled = (values[rows] - values[train].mean(axis=0)) / values[train].std(axis=0)
        return torch.from_numpy(scaled.astype(np.float32))

    return Data(
        train=(standardised(inputs, train), standardised(targets, train)),
        test=(standardised(inputs, test), standardised(targets, test)),
    )
