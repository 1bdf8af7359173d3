import subprocess
import sys
from functools import partial

import pytest
import torch
from torch import nn

from mushin.errors import ConfigError
from mushin.zoo.cnn import CNN
from mushin.zoo.linear import LinearClassifier
from mushin.zoo.mlp import MLP


def count_weights(model):
    return sum(weight.numel() for weight in model.parameters())


@pytest.mark.parametrize("method", [LinearClassifier, MLP, CNN])
def test_a_batch_of_images_gives_a_row_of_logits_each(method):
    assert method([1, 8, 8], 10)(torch.zeros(5, 1, 8, 8)).shape == (5, 10)


@pytest.mark.parametrize("method", [LinearClassifier, MLP])
def test_a_batch_of_rows_gives_a_row_of_logits_each(method):
    assert method([13], 3)(torch.zeros(5, 13)).shape == (5, 3)


def test_the_numbers_of_weights_follow_from_the_sizes():
    assert count_weights(LinearClassifier([1, 8, 8], 10)) == 64 * 10 + 10
    assert count_weights(MLP([13], 3, hidden=[32, 16])) == 13 * 32 + 32 + 32 * 16 + 16 + 16 * 3 + 3
    convolutions = (9 * 3 * 4 + 4) + (9 * 4 * 6 + 6)
    assert count_weights(CNN([3, 9, 12], 5, channels=[4, 6])) == convolutions + (6 * 2 * 3 * 5 + 5)


def test_odd_image_sizes_fit():
    assert CNN([3, 9, 13], 5)(torch.zeros(2, 3, 9, 13)).shape == (2, 5)


def test_an_mlp_without_hidden_layers_is_linear():
    assert count_weights(MLP([4], 3, hidden=[])) == count_weights(LinearClassifier([4], 3))


@pytest.mark.parametrize("method", [MLP, CNN])
def test_dropout_acts_in_training_only(method):
    model = method([1, 8, 8], 10, dropout=0.5)
    inputs = torch.rand(4, 1, 8, 8)
    assert not torch.equal(model(inputs), model(inputs))
    model.eval()
    assert torch.equal(model(inputs), model(inputs))


@pytest.mark.parametrize("method", [MLP, CNN, LinearClassifier])
def test_the_seed_decides_the_initial_weights(method):
    def logits(seed):
        torch.manual_seed(seed)
        return method([1, 8, 8], 10)(torch.ones(1, 1, 8, 8))

    assert torch.equal(logits(0), logits(0))
    assert not torch.equal(logits(0), logits(1))


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (partial(LinearClassifier, [], 3), r"input_shape: \[\]; accepted"),
        (partial(LinearClassifier, 64, 3), "input_shape: 64; accepted: a list"),
        (partial(MLP, [0, 8], 3), r"input_shape: \[0, 8\]; accepted: a list of whole numbers"),
        (partial(MLP, [1.5], 3), r"input_shape: \[1\.5\]"),
        (partial(MLP, "13", 3), "input_shape: '13'"),
        (partial(MLP, [13], 1), "num_classes: 1; accepted: a whole number of at least 2"),
        (partial(MLP, [13], 3, hidden=[0]), r"hidden: \[0\]"),
        (partial(MLP, [13], 3, dropout=1.0), r"dropout: 1\.0; accepted: a number from 0 to below 1"),
        (partial(CNN, [13], 3), r"input_shape: \[13\]; accepted: a list of channels, height, width"),
        (partial(CNN, [1, 8, 8], 3, channels=[4, 4, 4, 4]), "4 blocks halve an image of 8 x 8 below"),
        (partial(CNN, [1, 8, 8], 3, channels=[-1]), r"channels: \[-1\]"),
        (partial(CNN, [1, 8, 8], 3, dropout=-0.1), r"dropout: -0\.1"),
    ],
)
def test_a_size_out_of_range_is_refused(build, message):
    with pytest.raises(ConfigError, match=message):
        build()


def test_an_empty_list_of_channels_gives_a_linear_model():
    assert isinstance(CNN([1, 8, 8], 3, channels=[]).layers[-1], nn.Linear)


def test_importing_a_model_file_imports_nothing_heavy_but_torch():
    code = (
        "import sys, mushin.zoo.mlp, mushin.zoo.cnn, mushin.zoo.linear\n"
        "heavy = {'sklearn', 'scipy', 'pandas', 'xarray', 'hydra', 'torchmetrics'} & set(sys.modules)\n"
        "print(sorted(heavy), any(name.startswith('mushin.training') for name in sys.modules))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[] False"
