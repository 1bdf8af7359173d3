"""A small fully convolutional network for segmentation, without skip connections."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn
from torch.nn.functional import interpolate

from mushin.zoo.encoder import Encoder
from mushin.zoo.shapes import checked_num_classes


class FCN(nn.Module):
    """Halve the image block by block, classify the coarsest features, and interpolate the logits.

    The encoder is that of `UNet`; what differs is the way back to full size.

    Parameters
    ----------
    input_shape : sequence of int
        Channels, height and width of one sample. Height and width are multiples of
        ``2 ** (len(channels) - 1)``.
    num_classes : int
        At least 2.
    channels : sequence of int
        The channels of each block, finest first.

    Raises
    ------
    ConfigError
        If an argument is out of range, or height or width cannot be halved so often.

    References
    ----------
    Long, Shelhamer and Darrell, Fully Convolutional Networks for Semantic Segmentation, 2015,
    https://doi.org/10.1109/CVPR.2015.7298965 (its variant without skips, with bilinear upsampling).

    Examples
    --------
    >>> FCN([1, 16, 24], 4)(torch.zeros(5, 1, 16, 24)).shape
    torch.Size([5, 4, 16, 24])
    """

    def __init__(
        self, input_shape: Sequence[int], num_classes: int, channels: Sequence[int] = (8, 16, 32)
    ) -> None:
        super().__init__()
        self.encoder = Encoder(input_shape, channels)
        self.head = nn.Conv2d(self.encoder.channels[-1], checked_num_classes(num_classes), kernel_size=1)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return logits of shape (N, num_classes, H, W) for images of shape (N, channels, H, W)."""
        coarse = self.head(self.encoder(images)[-1])
        return interpolate(coarse, size=images.shape[-2:], mode="bilinear", align_corners=False)
