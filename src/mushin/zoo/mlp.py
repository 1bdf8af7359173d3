"""A multilayer perceptron."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import nn

from mushin.zoo.shapes import checked_dropout, checked_input_shape, checked_num_classes, checked_sizes


class MLP(nn.Module):
    """Flatten the input and pass it through hidden layers with ReLU to logits.

    Parameters
    ----------
    input_shape : sequence of int
        The shape of one sample, such as ``[1, 8, 8]`` or ``[13]``.
    num_classes : int
        At least 2.
    hidden : sequence of int
        The width of each hidden layer; empty gives a linear classifier.
    dropout : float
        The probability that a hidden unit is left out in training, from 0 to below 1.

    Raises
    ------
    ConfigError
        If an argument is out of range.

    Examples
    --------
    >>> MLP([13], 3, hidden=[32, 16])(torch.zeros(5, 13)).shape
    torch.Size([5, 3])
    """

    def __init__(
        self,
        input_shape: Sequence[int],
        num_classes: int,
        hidden: Sequence[int] = (64,),
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        widths = (math.prod(checked_input_shape(input_shape)), *checked_sizes("hidden", hidden))
        checked_dropout(dropout)
        layers: list[nn.Module] = [nn.Flatten()]
        for n_in, n_out in pairwise(widths):
            layers += [nn.Linear(n_in, n_out), nn.ReLU(), nn.Dropout(dropout)]
        layers.append(nn.Linear(widths[-1], checked_num_classes(num_classes)))
        self.layers = nn.Sequential(*layers)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return logits of shape (N, num_classes) for inputs of shape (N, *input_shape)."""
        logits: torch.Tensor = self.layers(inputs)
        return logits
