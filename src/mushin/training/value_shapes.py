"""Refuse values that a loss would compare with the targets of all other samples."""

from __future__ import annotations

import torch

from mushin.errors import TrainingError


def check_value_shapes(outputs: object, targets: torch.Tensor) -> None:
    """Check that the outputs of a regression do not differ from its targets by a last axis of 1.

    A loss such as `torch.nn.MSELoss` broadcasts (N, 1) against (N,) to (N, N). It then falls, and the model
    learns one value for all samples.

    Parameters
    ----------
    outputs : object
        What the model returned; nothing but a tensor is looked at.
    targets : tensor
        Nothing but floating-point targets is looked at.

    Raises
    ------
    TrainingError
        One shape is the other with a last axis of 1.

    Examples
    --------
    >>> check_value_shapes(torch.zeros(4), torch.zeros(4))
    """
    if not isinstance(outputs, torch.Tensor) or not targets.is_floating_point():
        return
    one, other = tuple(outputs.shape), tuple(targets.shape)
    if one not in ((*other, 1), other[:-1] if other[-1:] == (1,) else None):
        return
    remedy = (
        "return outputs.squeeze(-1) from the model" if len(one) > len(other) else "give targets of shape (N,)"
    )
    raise TrainingError(
        f"the model returned values of shape {one} for targets of shape {other}, so that the loss would"
        f" compare every sample with every other; accepted: equal shapes; {remedy}"
    )
