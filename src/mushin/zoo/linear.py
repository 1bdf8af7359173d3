"""A linear classifier, also known as multinomial logistic regression."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import nn

from mushin.zoo.shapes import checked_input_shape, checked_num_classes


class LinearClassifier(nn.Module):
    """Flatten the input and map it linearly to logits.

    Parameters
    ----------
    input_shape : sequence of int
        The shape of one sample, such as ``[1, 8, 8]`` or ``[13]``.
    num_classes : int
        At least 2.

    Raises
    ------
    ConfigError
        If an argument is out of range.

    Examples
    --------
    >>> LinearClassifier([1, 8, 8], 10)(torch.zeros(5, 1, 8, 8)).shape
    torch.Size([5, 10])
    """

    def __init__(self, input_shape: Sequence[int], num_classes: int) -> None:
        super().__init__()
        n_inputs = math.prod(checked_input_shape(input_shape))
        self.layers = nn.Sequential(nn.Flatten(), nn.Linear(n_inputs, checked_num_classes(num_classes)))

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return logits of shape (N, num_classes) for inputs of shape (N, *input_shape)."""
        logits: torch.Tensor = self.layers(inputs)
        return logits
