"""The convolutional encoder that the segmentation networks of the zoo share."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import nn

from mushin.errors import ConfigError
from mushin.zoo.shapes import checked_input_shape, checked_sizes


class Encoder(nn.Module):
    """Blocks of two convolutions with batch normalisation and ReLU; max-pooling halves the image in between.

    Parameters
    ----------
    input_shape : sequence of int
        Channels, height and width of one sample. Height and width are multiples of
        ``2 ** (len(channels) - 1)``, so that every halving is exact.
    channels : sequence of int
        The channels of each block, finest first; at least one.

    Raises
    ------
    ConfigError
        If an argument is out of range, or height or width cannot be halved so often.

    Examples
    --------
    >>> [tuple(block.shape) for block in Encoder([1, 16, 24], [8, 16])(torch.zeros(5, 1, 16, 24))]
    [(5, 8, 16, 24), (5, 16, 8, 12)]
    """

    def __init__(self, input_shape: Sequence[int], channels: Sequence[int]) -> None:
        super().__init__()
        n_channels, height, width = checked_input_shape(input_shape, axes="channels, height, width")
        self.channels = checked_sizes("channels", channels)
        if not self.channels:
            raise ConfigError("channels: []; accepted: a list with the channels of at least one block")
        _check_halving(height, width, n_halvings=len(self.channels) - 1)
        self.blocks = nn.ModuleList(convolve_twice(*pair) for pair in pairwise((n_channels, *self.channels)))
        self.halve = nn.MaxPool2d(2)

    def forward(self, images: torch.Tensor) -> list[torch.Tensor]:
        """Return the features of every block, finest first: (N, channels[i], H / 2**i, W / 2**i)."""
        features: list[torch.Tensor] = []
        for block in self.blocks:
            features.append(block(self.halve(features[-1]) if features else images))
        return features


def convolve_twice(n_in: int, n_out: int) -> nn.Sequential:
    """Build two 3 x 3 convolutions that keep the image's size, each with batch normalisation and ReLU."""
    layers: list[nn.Module] = []
    for n_before in (n_in, n_out):
        layers += [
            nn.Conv2d(n_before, n_out, kernel_size=3, padding=1, bias=False),
            nn.BatchNorm2d(n_out),
            nn.ReLU(),
        ]
    return nn.Sequential(*layers)


def _check_halving(height: int, width: int, *, n_halvings: int) -> None:
    step = 2**n_halvings
    if height % step or width % step:
        raise ConfigError(
            f"input_shape: images of {height} x {width} cannot be halved {n_halvings} times; accepted: "
            f"height and width that are multiples of {step} (crop or pad the images), or fewer channels"
        )
