"""A small convolutional network."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import nn

from mushin.errors import ConfigError
from mushin.zoo.shapes import checked_dropout, checked_input_shape, checked_num_classes, checked_sizes


class CNN(nn.Module):
    """Halve the image once per block of convolution, ReLU and max-pooling, then map it linearly to logits.

    Parameters
    ----------
    input_shape : sequence of int
        Channels, height and width of one sample, such as ``[1, 8, 8]``. Height and width are at least
        ``2 ** len(channels)``.
    num_classes : int
        At least 2.
    channels : sequence of int
        The channels of each block; empty gives a linear classifier.
    dropout : float
        The probability that a feature is left out before the last layer in training, from 0 to below 1.

    Raises
    ------
    ConfigError
        If an argument is out of range, or the image is too small for the blocks.

    Examples
    --------
    >>> CNN([1, 8, 8], 10)(torch.zeros(5, 1, 8, 8)).shape
    torch.Size([5, 10])
    """

    def __init__(
        self,
        input_shape: Sequence[int],
        num_classes: int,
        channels: Sequence[int] = (16, 32),
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        n_channels, height, width = checked_input_shape(input_shape, axes="channels, height, width")
        widths = (n_channels, *checked_sizes("channels", channels))
        n_blocks = len(widths) - 1
        if min(height, width) < 2**n_blocks:
            raise ConfigError(
                f"channels: {n_blocks} blocks halve an image of {height} x {width} below one pixel; give "
                f"fewer, or images of at least {2**n_blocks} x {2**n_blocks}"
            )
        checked_dropout(dropout)
        layers: list[nn.Module] = []
        for n_in, n_out in pairwise(widths):
            layers += [nn.Conv2d(n_in, n_out, kernel_size=3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
        n_features = widths[-1] * (height >> n_blocks) * (width >> n_blocks)
        layers += [nn.Flatten(), nn.Dropout(dropout), nn.Linear(n_features, checked_num_classes(num_classes))]
        self.layers = nn.Sequential(*layers)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return logits of shape (N, num_classes) for images of shape (N, channels, height, width)."""
        logits: torch.Tensor = self.layers(inputs)
        return logits
