"""The model that conf/method/NAME.yaml builds: one hidden layer, to be replaced."""

import math

from torch import nn


class Model(nn.Module):
    """Turn inputs of shape (N, *input_shape) into logits of shape (N, num_classes)."""

    def __init__(self, input_shape, num_classes, width):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Flatten(),
            nn.Linear(math.prod(input_shape), width),
            nn.ReLU(),
            nn.Linear(width, num_classes),
        )

    def forward(self, inputs):
        """Return the logits."""
        return self.layers(inputs)
