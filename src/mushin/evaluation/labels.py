"""Read class labels, targets or predictions, as flat arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from mushin.errors import MushinError

Labels = NDArray[Any]
"""A flat array of integers of any width."""


def flat_labels(labels: Tensor, name: str, error: type[MushinError]) -> Labels:
    """Return a tensor of labels as a flat array on the host, without a copy where that is possible.

    Raises
    ------
    MushinError
        Of type `error`, if the labels are not integers.
    """
    refuse_other_type(labels, name, error)
    flat: Labels = labels.detach().reshape(-1).cpu().numpy()
    return flat.view(np.uint8) if flat.dtype == np.bool_ else flat


def refuse_other_type(labels: Tensor, name: str, error: type[MushinError]) -> None:
    """Raise `error` if labels are not integers."""
    if labels.is_floating_point() or labels.is_complex():
        raise error(f"the {name} are {labels.dtype}; accepted are class indices of an integer type")
