"""Images of drawn circles, squares and triangles with their masks."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import torch

from mushin.errors import ConfigError
from mushin.training.data import Data

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

CLASS_NAMES = ("background", "circle", "square", "triangle")
VOID = 255

_MOST_SHAPES = 3
_HALF_BORDER = 0.75


def draw_shapes(
    n_train: int = 160, n_test: int = 64, size: int = 32, noise: float = 0.3, drawing_seed: int = 0
) -> Data:
    """Draw one to three shapes per image; later ones cover earlier ones.

    All shapes are equally bright, so that only their form tells them apart. The pixels along their outlines
    are labelled 255, as in data sets drawn by hand.

    Parameters
    ----------
    n_train, n_test : int
        Images per split, at least 1.
    size : int
        Height and width in pixels, at least 16.
    noise : float
        Standard deviation of the normal noise on every pixel, at least 0; shapes are 1 brighter than the
        background.
    drawing_seed : int
        Chooses the shapes and the noise; it has nothing to do with the seeds of training.

    Returns
    -------
    Data
        Inputs float32, shape (N, 1, size, size); labels int64, shape (N, size, size): 0 background, 1 circle,
        2 square, 3 triangle, and 255.

    Raises
    ------
    ConfigError
        If an argument is out of range.

    Examples
    --------
    >>> draw_shapes(n_train=8, n_test=4).train[0].shape
    torch.Size([8, 1, 32, 32])
    """
    for name, number, least in (("n_train", n_train, 1), ("n_test", n_test, 1), ("size", size, 16)):
        if number < least:
            raise ConfigError(f"{name}: {number}; accepted: a whole number of at least {least}")
    if not noise >= 0:
        raise ConfigError(f"noise: {noise}; accepted: a number of at least 0")
    rng = np.random.default_rng(drawing_seed)
    drawn = [_draw(size, rng) for _ in range(n_train + n_test)]
    brightness = np.stack([bright for bright, _ in drawn])[:, None]
    noisy = brightness + rng.normal(0, noise, size=brightness.shape)
    images = torch.from_numpy(noisy.astype(np.float32))
    labels = torch.from_numpy(np.stack([mask for _, mask in drawn]))
    return Data(
        train=(images[:n_train], labels[:n_train]),
        test=(images[n_train:], labels[n_train:]),
        class_names=CLASS_NAMES,
    )


def _draw(size: int, rng: np.random.Generator) -> tuple[FloatArray, IntArray]:
    """Return the brightness and the labels of one image."""
    brightness = np.zeros((size, size))
    mask = np.zeros((size, size), dtype=np.int64)
    for _ in range(rng.integers(1, _MOST_SHAPES + 1)):
        label = int(rng.integers(1, len(CLASS_NAMES)))
        radius = rng.uniform(size / 8, size / 4)
        center = rng.uniform(radius, size - radius, size=2)
        rows, columns = np.indices((size, size)) + 0.5 - center[:, None, None]
        distance = _DISTANCES[label](rows, columns, radius)
        brightness[distance < 0] = 1
        mask[distance < 0] = label
        mask[np.abs(distance) < _HALF_BORDER] = VOID
    return brightness, mask


# The signed distance of a pixel from an outline, negative inside; along straight edges and the circle exact.


def _from_circle(rows: FloatArray, columns: FloatArray, radius: float) -> FloatArray:
    return np.hypot(rows, columns) - radius


def _from_square(rows: FloatArray, columns: FloatArray, radius: float) -> FloatArray:
    return np.maximum(np.abs(rows), np.abs(columns)) - 0.8 * radius


def _from_triangle(rows: FloatArray, columns: FloatArray, radius: float) -> FloatArray:
    """Measure from an equilateral triangle that stands on an edge, about as large as the square."""
    slanted = np.abs(columns) * (math.sqrt(3) / 2) - rows / 2
    distance: FloatArray = np.maximum(slanted, rows) - 0.7 * radius
    return distance


_DISTANCES: dict[int, Callable[[FloatArray, FloatArray, float], FloatArray]] = {
    1: _from_circle,
    2: _from_square,
    3: _from_triangle,
}
