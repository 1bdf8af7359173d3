"""A small U-Net for segmentation."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import nn

from mushin.zoo.encoder import Encoder, convolve_twice
from mushin.zoo.shapes import checked_num_classes


class UNet(nn.Module):
    """Halve the image block by block, double it again, and join the encoder's features at every size.

    Parameters
    ----------
    input_shape : sequence of int
        Channels, height and width of one sample. Height and width are multiples of
        ``2 ** (len(channels) - 1)``.
    num_classes : int
        At least 2.
    channels : sequence of int
        The channels of each block of the encoder, finest first; the decoder mirrors them.

    Raises
    ------
    ConfigError
        If an argument is out of range, or height or width cannot be halved so often.

    References
    ----------
    Ronneberger, Fischer and Brox, U-Net: Convolutional Networks for Biomedical Image Segmentation, 2015,
    https://doi.org/10.1007/978-3-319-24574-4_28 (here with padding and batch normalisation).

    Examples
    --------
    >>> UNet([1, 16, 24], 4)(torch.zeros(5, 1, 16, 24)).shape
    torch.Size([5, 4, 16, 24])
    """

    def __init__(
        self, input_shape: Sequence[int], num_classes: int, channels: Sequence[int] = (8, 16, 32)
    ) -> None:
        super().__init__()
        self.encoder = Encoder(input_shape, channels)
        upwards = list(pairwise(reversed(self.encoder.channels)))
        self.upsample = nn.ModuleList(
            nn.ConvTranspose2d(coarse, fine, kernel_size=2, stride=2) for coarse, fine in upwards
        )
        self.merge = nn.ModuleList(convolve_twice(2 * fine, fine) for _, fine in upwards)
        self.head = nn.Conv2d(self.encoder.channels[0], checked_num_classes(num_classes), kernel_size=1)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return logits of shape (N, num_classes, H, W) for images of shape (N, channels, H, W)."""
        *skipped, features = self.encoder(images)
        for upsample, merge, skip in zip(self.upsample, self.merge, reversed(skipped), strict=True):
            features = merge(torch.cat([skip, upsample(features)], dim=1))
        logits: torch.Tensor = self.head(features)
        return logits
