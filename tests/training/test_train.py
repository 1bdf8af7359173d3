from functools import partial

import pytest
import torch
from torch import nn

from mushin import Data
from mushin.errors import ConfigError, TrainingError
from mushin.training.progress import Progress
from mushin.training.seeding import seed_everything
from mushin.training.supervised import train_supervised
from mushin.training.train import train_method

TRAINING = {
    "optimizer": partial(torch.optim.SGD, lr=0.1),
    "epochs": 2,
    "batch_size": 4,
    "device": "cpu",
    "report": Progress(),
}


def split(n=12):
    return torch.randn(n, 2, generator=torch.Generator().manual_seed(0)), torch.arange(n) % 3


def build():
    return nn.Linear(2, 3)


def data():
    return Data(train=split(), test=split(6), validation=split(3))


def test_it_seeds_builds_and_trains_in_this_order():
    torch.rand(7)
    trained = train_method(build, data(), seed=3, **TRAINING)
    seed_everything(3)
    expected = build()
    history = train_supervised(expected, data(), seed=3, **TRAINING)
    assert torch.equal(trained.model.weight, expected.weight)
    assert trained.history == history


def test_a_fit_of_the_users_is_called_seeded_and_without_the_test_split():
    seen = {}

    def fit(data, *, seed, n_trees):
        seen.update(data=data, seed=seed, n_trees=n_trees, draw=torch.rand(()))
        return build()

    whole = data()
    trained = train_method(None, whole, seed=5, fit=partial(fit, n_trees=3))
    seed_everything(5)
    assert seen["draw"] == torch.rand(())
    assert (seen["seed"], seen["n_trees"]) == (5, 3)
    assert seen["data"].test is None
    assert seen["data"].train is whole.train
    assert seen["data"].validation is whole.validation
    assert whole.test is not None
    assert trained.history is None
    assert isinstance(trained.model, nn.Linear)


def test_a_fit_takes_the_place_of_build():
    def forbidden():
        raise AssertionError("called")

    train_method(forbidden, data(), seed=0, fit=lambda data, *, seed: build())


def test_a_fit_that_returns_nothing_is_named():
    def fit_forest(data, *, seed):
        build()

    with pytest.raises(
        TrainingError, match=r"fit_forest must return a torch\.nn\.Module; it returned None; end"
    ):
        train_method(None, data(), seed=0, fit=partial(fit_forest))


def test_a_build_that_returns_no_module_is_named():
    with pytest.raises(TrainingError, match=r"dict must return a torch\.nn\.Module; it returned a dict"):
        train_method(dict, data(), seed=0, **TRAINING)


def test_neither_build_nor_fit_is_refused():
    with pytest.raises(ConfigError, match="needs build, for the supervised loop, or fit"):
        train_method(None, data(), seed=0)


def test_training_settings_beside_fit_are_refused():
    with pytest.raises(ConfigError, match="takes no training settings; got batch_size, epochs"):
        train_method(None, data(), seed=0, fit=lambda data, *, seed: build(), epochs=3, batch_size=4)


def test_what_a_fit_raises_comes_through():
    def fit(data, *, seed):
        raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        train_method(None, data(), seed=0, fit=fit)
