"""Axial slices of the MNI152 brain template with its tissues, as shipped with nilearn."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from mushin.errors import ConfigError, DataError
from mushin.training.data import Data
from mushin.zoo.blocks import hold_out_blocks
from mushin.zoo.extras import extra_folder, needs_extra

ByteArray = npt.NDArray[np.uint8]
IntArray = npt.NDArray[np.int64]

CLASS_NAMES = ("background", "csf", "grey matter", "white matter")
UNCERTAIN = 255
N_SLICES = 137

_FIELD = (197, 233, 189)
_WINDOW = (slice(18, 178), slice(21, 213))
_LEAST_BRAIN = 0.05
_WHOLE = np.uint8(255)


def load_brain(
    certainty: float = 0.6, downsample: int = 2, test_blocks: int = 4, block_slices: int = 12, gap: int = 3
) -> Data:
    """Load the slices, and hold out blocks of neighbouring ones.

    The images are the T1 intensities of the 137 axial slices of which at least 5 % is brain, cropped to 160 x
    192 mm around it. They are shifted and scaled by the mean and the standard deviation of the training
    slices' pixels, so that nothing of the test split reaches the training.

    The labels come from the template's probabilities of grey and white matter. Inside the brain (T1 above 0)
    what they leave of 1 is cerebrospinal fluid; outside all is background. A pixel gets the class of the
    highest probability where that reaches `certainty`, and 255 elsewhere: such a pixel holds several tissues,
    or anatomies differed.

    Slices 1 mm apart look almost the same, so the test split takes whole blocks of neighbours, and `gap`
    slices on either side of each block belong to no split.

    Parameters
    ----------
    certainty : float
        The least probability of a labelled pixel, from 0 to 1.
    downsample : {1, 2, 4}
        How many millimetres a pixel is wide; intensities and probabilities are averaged. The images have
        160 / `downsample` x 192 / `downsample` pixels.
    test_blocks, block_slices, gap : int
        How many blocks are held out, of how many slices, and how many are left out beside each.

    Returns
    -------
    Data
        Inputs float32, shape (N, 1, H, W), in standard deviations; labels int64, shape (N, H, W), 0 to 3 in
        the order background, csf, grey matter, white matter, and 255.

    Raises
    ------
    ConfigError
        If an argument is out of range.
    DataError
        If nilearn is not installed, or ships another template.

    References
    ----------
    Fonov, Evans, Botteron, Almli, McKinstry and Collins, Unbiased average age-appropriate atlases for
    pediatric studies, NeuroImage 2011, https://doi.org/10.1016/j.neuroimage.2010.07.033 (ICBM 2009a
    symmetric, 1 mm, as converted by nilearn).

    Examples
    --------
    >>> load_brain().train[0].shape
    torch.Size([65, 1, 80, 96])
    """
    if not 0 <= certainty <= 1:
        raise ConfigError(f"certainty: {certainty!r}; accepted: a number from 0 to 1")
    if downsample not in (1, 2, 4):
        raise ConfigError(f"downsample: {downsample!r}; accepted: 1, 2 or 4")
    train, test = hold_out_blocks(N_SLICES, test_blocks=test_blocks, block_slices=block_slices, gap=gap)
    intensity, grey, white = _read_slices()
    images = _sum_tiles(intensity, downsample).astype(np.float32) / downsample**2
    shares = [_sum_tiles(share, downsample) for share in _tissue_shares(intensity > 0, grey, white)]
    labels = torch.from_numpy(_label(np.stack(shares, axis=1), certainty, whole=int(_WHOLE) * downsample**2))
    scaled = torch.from_numpy((images - images[train].mean()) / images[train].std())[:, None]
    return Data(
        train=(scaled[train], labels[train]), test=(scaled[test], labels[test]), class_names=CLASS_NAMES
    )


def _read_slices() -> list[ByteArray]:
    """Return T1, grey and white matter of the slices with enough brain, cropped; slices first, 0 to 255."""
    volumes = [_read_template(kind) for kind in ("t1", "gm", "wm")]
    enough = (volumes[0] > 0).mean(axis=(0, 1)) >= _LEAST_BRAIN
    return [np.moveaxis(volume[*_WINDOW, enough], 2, 0) for volume in volumes]


def _read_template(kind: str) -> ByteArray:
    with needs_extra("nibabel", "nibabel"):
        import nibabel
    # Importing nilearn.datasets takes ten times as long as reading its files.
    folder = extra_folder("nilearn", "nilearn") / "datasets" / "data"
    file: Path = folder / f"mni_icbm152_{kind}_tal_nlin_sym_09a_converted.nii.gz"
    if not file.is_file():
        raise DataError(f"{file}: no such file; install a nilearn that ships it, such as 0.13")
    image: Any = nibabel.load(file)
    values = np.asarray(image.dataobj, dtype=np.uint8)
    if values.shape != _FIELD:
        raise DataError(f"{file}: has the shape {values.shape}; accepted: the 1 mm template, {_FIELD}")
    return values


def _tissue_shares(
    brain: npt.NDArray[np.bool_], grey: ByteArray, white: ByteArray
) -> tuple[ByteArray, ByteArray, ByteArray, ByteArray]:
    """Return the probability of each class in every voxel, in 255ths; they add up to 255."""
    # The maps' sum never exceeds 255, so bytes do not wrap around.
    fluid = _WHOLE - grey - white
    return _WHOLE * ~brain, fluid * brain, grey * brain, white * brain


def _sum_tiles(slices: ByteArray, side: int) -> IntArray:
    """Add up squares of pixels."""
    n_slices, height, width = slices.shape
    tiles = slices.reshape(n_slices, height // side, side, width // side, side)
    summed: IntArray = tiles.sum(axis=(2, 4), dtype=np.int64)
    return summed


def _label(shares: IntArray, certainty: float, *, whole: int) -> IntArray:
    """Label the pixels; whole numbers keep a share that equals `certainty` from depending on rounding."""
    least = math.ceil(certainty * whole - 1e-6)
    return np.where(shares.max(axis=1) >= least, shares.argmax(axis=1), UNCERTAIN)
