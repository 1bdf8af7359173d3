import subprocess
import sys
from functools import partial

import pytest
import torch

from mushin.errors import ConfigError
from mushin.training.progress import Progress
from mushin.training.train import train_method
from mushin.zoo.drawn_shapes import draw_shapes
from mushin.zoo.fcn import FCN
from mushin.zoo.unet import UNet

MODELS = (UNet, FCN)


@pytest.mark.parametrize("method", MODELS)
@pytest.mark.parametrize("shape", [(1, 16, 24), (3, 8, 4)])
def test_a_batch_of_images_gives_logits_for_every_pixel(method, shape):
    assert method(list(shape), 5)(torch.zeros(2, *shape)).shape == (2, 5, *shape[1:])


@pytest.mark.parametrize("method", MODELS)
def test_one_block_takes_images_of_any_size(method):
    assert method([1, 7, 9], 3, channels=[4])(torch.zeros(2, 1, 7, 9)).shape == (2, 3, 7, 9)


def test_the_numbers_of_weights_follow_from_the_sizes():
    def twice(n_in, n_out):
        return 9 * n_in * n_out + 9 * n_out * n_out + 4 * n_out

    def count(model):
        return sum(weight.numel() for weight in model.parameters())

    encoder = twice(3, 4) + twice(4, 6)
    assert count(FCN([3, 8, 8], 5, channels=[4, 6])) == encoder + (6 * 5 + 5)
    decoder = (4 * 6 * 4 + 4) + twice(8, 4) + (4 * 5 + 5)
    assert count(UNet([3, 8, 8], 5, channels=[4, 6])) == encoder + decoder


def test_only_the_unet_sees_single_pixels_at_full_size():
    noise = torch.randn(1, 1, 16, 16, generator=torch.Generator().manual_seed(0))

    def roughness(method):
        torch.manual_seed(0)
        logits = method([1, 16, 16], 2).eval()(noise).double()
        bend = logits[..., 2:] - 2 * logits[..., 1:-1] + logits[..., :-2]
        return float((bend.abs() < 1e-6).double().mean())

    # Bilinear interpolation is straight between the coarse pixels' centers.
    assert roughness(FCN) > 0.4
    assert roughness(UNet) < 0.1


@pytest.mark.parametrize("method", MODELS)
def test_the_seed_decides_the_initial_weights(method):
    def logits(seed):
        torch.manual_seed(seed)
        return method([1, 8, 8], 3)(torch.ones(2, 1, 8, 8))

    assert torch.equal(logits(0), logits(0))
    assert not torch.equal(logits(0), logits(1))


@pytest.mark.parametrize("method", MODELS)
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1, 30, 32], 3), "images of 30 x 32 cannot be halved 2 times; accepted: .* multiples of 4"),
        (([1, 32, 33], 3), "images of 32 x 33 cannot be halved 2 times"),
        (([32, 32], 3), r"input_shape: \[32, 32\]; accepted: a list of channels, height, width"),
        (([1, 32, 32], 1), "num_classes: 1; accepted: a whole number of at least 2"),
        (([1, 32, 32], 3, []), r"channels: \[\]; accepted: .* at least one block"),
        (([1, 32, 32], 3, [8, 0]), r"channels: \[8, 0\]"),
    ],
)
def test_a_size_that_does_not_fit_is_refused(method, arguments, message):
    with pytest.raises(ConfigError, match=message):
        method(*arguments)


@pytest.mark.parametrize("method", MODELS)
def test_the_shapes_are_learned_in_a_few_epochs(method):
    data = draw_shapes(noise=0.1)
    trained = train_method(
        partial(method, [1, 32, 32], 4),
        data,
        seed=0,
        optimizer=partial(torch.optim.AdamW, lr=0.01),
        scheduler=partial(torch.optim.lr_scheduler.CosineAnnealingLR, T_max=4),
        epochs=4,
        batch_size=8,
        device="cpu",
        num_classes=4,
        ignore_index=255,
        report=Progress(),
    )
    images, labels = data.test
    with torch.no_grad():
        predictions = trained.model(images).argmax(1)
    # All background would be right in four pixels of five.
    assert (predictions == labels)[labels != 255].double().mean() > 0.92


def test_importing_a_model_file_imports_nothing_heavy_but_torch():
    code = (
        "import sys, mushin.zoo.unet, mushin.zoo.fcn\n"
        "heavy = {'sklearn', 'scipy', 'pandas', 'xarray', 'hydra', 'torchmetrics'} & set(sys.modules)\n"
        "print(sorted(heavy), any(name.startswith('mushin.training') for name in sys.modules))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[] False"
