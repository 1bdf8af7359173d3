"""A model comes back as it was."""

import pytest
import torch
from torch import nn

from mushin.evaluation.lending import lent

CPU, META = torch.device("cpu"), torch.device("meta")


def partly_frozen():
    model = nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.BatchNorm1d(2), nn.Dropout()))
    model.train()
    model[1][0].eval()
    return model


def modes(model):
    return [module.training for module in model.modules()]


def test_every_submodule_is_in_eval_mode_and_gets_its_mode_back():
    model = partly_frozen()
    before = modes(model)
    with lent(model, CPU):
        assert not any(modes(model))
    assert modes(model) == before == [True, True, True, False, True]


def test_modes_come_back_after_an_error():
    model = partly_frozen()
    before = modes(model)
    with pytest.raises(KeyError), lent(model, CPU):
        raise KeyError
    assert modes(model) == before


def test_model_moves_to_the_device_and_back():
    model = nn.Linear(2, 2).to("meta")
    with lent(model, META):
        assert model.weight.device == META
    assert model.weight.device == META


def test_model_on_several_devices_stays_where_it_is():
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2).to("meta"))
    with lent(model, CPU):
        assert model[1].weight.device == META
    assert model[1].weight.device == META


def test_function_is_left_alone():
    with lent(lambda x: x, CPU):
        pass
