"""A multilayer perceptron for regression."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import nn

from mushin.zoo.shapes import checked_dropout, checked_input_shape, checked_sizes


class MLPRegressor(nn.Module):
    """Flatten the input and pass it through hidden layers with ReLU to one value.

    Parameters
    ----------
    input_shape : sequence of int
        The shape of one sample, such as ``[10]``.
    hidden : sequence of int
        The width of each hidden layer; empty gives a linear regression.
    dropout : float
        The probability that a hidden unit is left out in training, from 0 to below 1.

    Raises
    ------
    ConfigError
        If an argument is out of range.

    Examples
    --------
    >>> MLPRegressor([10], hidden=[32])(torch.zeros(5, 10)).shape
    torch.Size([5])
    """

    def __init__(
        self, input_shape: Sequence[int], hidden: Sequence[int] = (64,), dropout: float = 0.0
    ) -> None:
        super().__init__()
        widths = (math.prod(checked_input_shape(input_shape)), *checked_sizes("hidden", hidden))
        checked_dropout(dropout)
        layers: list[nn.Module] = [nn.Flatten()]
        for n_in, n_out in pairwise(widths):
            layers += [nn.Linear(n_in, n_out), nn.ReLU(), nn.Dropout(dropout)]
        layers.append(nn.Linear(widths[-1], 1))
        self.layers = nn.Sequential(*layers)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return values of shape (N,) for inputs of shape (N, *input_shape).

        The shape is the targets': a loss of (N, 1) against (N,) would compare every sample with every other.
        """
        values: torch.Tensor = self.layers(inputs)
        return values.squeeze(1)
