"""The data set that conf/data/NAME.yaml loads: a drawn surface under noise, to be replaced."""

import numpy as np


def load(samples):
    """Return inputs of shape (N, *input_shape) with float targets of shape (N,), for training and test."""
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(samples, 2)).astype(np.float32)
    noise = rng.normal(scale=0.1, size=samples).astype(np.float32)
    targets = np.sin(inputs[:, 0]) + inputs[:, 1] + noise
    half = samples // 2
    return {"train": (inputs[:half], targets[:half]), "test": (inputs[half:], targets[half:])}
