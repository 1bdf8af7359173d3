import sys
from functools import partial

import numpy as np
import pytest
import torch
from sklearn import datasets

from mushin.errors import ConfigError, DataError, UnknownNameError
from mushin.training.data import check_labels, count_samples
from mushin.training.progress import Progress
from mushin.training.train import train_method
from mushin.zoo.cnn import CNN
from mushin.zoo.digits import load_digits
from mushin.zoo.linear import LinearClassifier
from mushin.zoo.mlp import MLP
from mushin.zoo.tabular import load_tabular

TABLES = {"iris": (150, 4, 3), "wine": (178, 13, 3), "breast_cancer": (569, 30, 2)}


def test_digits_are_images_from_0_to_1():
    data = load_digits()
    for inputs, labels in (data.train, data.test):
        assert inputs.dtype is torch.float32
        assert inputs.shape[1:] == (1, 8, 8)
        assert (inputs.min(), inputs.max()) == (0.0, 1.0)
        assert labels.dtype is torch.int64
        check_labels(labels, 10)
    assert data.class_names == tuple("0123456789")


def test_digits_hold_each_image_once():
    data = load_digits()
    ours = torch.cat([data.train[0], data.test[0]]).numpy().reshape(-1, 64) * 16
    order = np.lexsort(ours.T)
    theirs = datasets.load_digits().data
    np.testing.assert_array_equal(ours[order], theirs[np.lexsort(theirs.T)])


def test_each_class_gives_the_same_part_to_the_test_split():
    data = load_digits(test_fraction=0.25)
    n_train, n_test = (torch.bincount(split[1]).double() for split in (data.train, data.test))
    assert ((n_test / (n_train + n_test) - 0.25).abs() < 0.005).all()


@pytest.mark.parametrize("load", [load_digits, partial(load_tabular, "wine")])
def test_the_split_depends_on_its_seed_only(load):
    torch.manual_seed(1)
    one = load(split_seed=3)
    torch.manual_seed(2)
    assert torch.equal(one.test[0], load(split_seed=3).test[0])
    assert not torch.equal(one.test[0], load(split_seed=4).test[0])


@pytest.mark.parametrize("name", TABLES)
def test_tables_have_their_sizes_and_classes(name):
    n_samples, n_columns, n_classes = TABLES[name]
    data = load_tabular(name)
    assert count_samples(data.train) + count_samples(data.test) == n_samples
    assert data.train[0].shape[1] == n_columns
    assert len(data.class_names) == n_classes
    assert data.train[1].unique().tolist() == list(range(n_classes))


@pytest.mark.parametrize("name", TABLES)
def test_tables_are_standardised_by_the_training_split_alone(name):
    data = load_tabular(name)
    train, test = data.train[0].double(), data.test[0].double()
    assert train.mean(0).tolist() == pytest.approx([0.0] * train.shape[1], abs=1e-6)
    assert train.std(0, correction=0).tolist() == pytest.approx([1.0] * train.shape[1], abs=1e-6)
    assert (test.mean(0).abs() > 1e-3).any()


def test_an_unknown_table_is_refused():
    with pytest.raises(UnknownNameError, match="data set 'wines' is unknown; did you mean 'wine'"):
        load_tabular("wines")


@pytest.mark.parametrize("fraction", [0.0, 1.0, -0.5, 1.5, 0.001])
def test_a_fraction_that_leaves_a_class_without_samples_is_refused(fraction):
    with pytest.raises(ConfigError, match=f"test_fraction: {fraction}; accepted: between 0 and 1"):
        load_digits(test_fraction=fraction)


@pytest.mark.parametrize("load", [load_digits, partial(load_tabular, "wine")])
def test_a_missing_scikit_learn_is_named_with_its_extra(monkeypatch, load):
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(DataError, match=r"need scikit-learn.*pip install 'mushin\[examples\]'"):
        load()


@pytest.mark.parametrize(("method", "at_least"), [(LinearClassifier, 0.94), (MLP, 0.95), (CNN, 0.96)])
def test_the_digits_are_learned_with_the_recommended_settings(method, at_least):
    data = load_digits()
    trained = train_method(
        partial(method, [1, 8, 8], 10),
        data,
        seed=0,
        optimizer=partial(torch.optim.AdamW, lr=0.01),
        epochs=30,
        batch_size=64,
        device="cpu",
        num_classes=10,
        report=Progress(),
    )
    with torch.no_grad():
        predictions = trained.model(data.test[0]).argmax(1)
    assert (predictions == data.test[1]).double().mean() >= at_least
