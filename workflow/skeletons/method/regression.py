"""The model that conf/method/NAME.yaml builds: one hidden layer, to be replaced."""

import math

from torch import nn


class Model(nn.Module):
    """Turn inputs of shape (N, *input_shape) into values of shape (N,)."""

    def __init__(self, input_shape, width):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Flatten(),
            nn.Linear(math.prod(input_shape), width),
            nn.ReLU(),
            nn.Linear(width, 1),
        )

    def forward(self, inputs):
        """Return the values."""
        return self.layers(inputs).squeeze(1)
