"""R. A. Fisher's irises (1936, doi:10.1111/j.1469-1809.1936.tb02137.x), from a table beside this file."""

import numpy as np
import pandas as pd


def load_iris(file, test_fraction, split_seed):
    """Return a training and a test split, in standard deviations of the training split."""
    table = pd.read_csv(file)
    labels, class_names = pd.factorize(table.pop("species"), sort=True)
    inputs = table.to_numpy(np.float32)

    order = np.random.default_rng(split_seed).permutation(len(inputs))
    test, train = np.split(order, [round(test_fraction * len(order))])
    inputs = (inputs - inputs[train].mean(axis=0)) / inputs[train].std(axis=0)
    return {
        "train": (inputs[train], labels[train]),
        "test": (inputs[test], labels[test]),
        "class_names": list(class_names),
    }
