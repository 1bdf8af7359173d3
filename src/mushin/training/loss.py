"""The loss that training uses where the configuration names none."""

from __future__ import annotations

import torch
from torch.nn.functional import cross_entropy

from mushin.errors import TrainingError

_NOT_A_CLASS = -100


def mean_cross_entropy(
    logits: torch.Tensor, targets: torch.Tensor, *, ignore_index: int | None = None
) -> torch.Tensor:
    """Average the cross-entropy over all samples or pixels that count.

    Equal to `torch.nn.functional.cross_entropy`, except where every target of a batch is ignored: torch gives
    NaN, which would spoil the weights for good; this gives 0, and no gradient.

    Parameters
    ----------
    logits : float tensor, shape (N, C) or (N, C, H, W)
        Unnormalised scores.
    targets : int64 tensor, shape (N,) or (N, H, W)
        Class labels.
    ignore_index : int, optional
        The label of what does not count.

    Returns
    -------
    float tensor, shape ()
        In nats, at least 0, lower is better.

    Raises
    ------
    TrainingError
        If the model's output is not a tensor, or the targets are not labels.

    Examples
    --------
    >>> mean_cross_entropy(torch.zeros(1, 4), torch.tensor([2]))
    tensor(1.3863)
    """
    if not isinstance(logits, torch.Tensor):
        raise TrainingError(
            f"the model returned a {type(logits).__name__}; the default loss takes a tensor of logits, shape "
            "(N, num_classes, ...); name a loss that takes what the model returns"
        )
    if targets.is_floating_point():
        raise TrainingError(
            f"the targets are {targets.dtype}; the default loss takes class labels; for a regression"
            " name a loss of values: loss: {_target_: torch.nn.MSELoss}"
        )
    ignored = _NOT_A_CLASS if ignore_index is None else ignore_index
    total = cross_entropy(logits, targets, ignore_index=ignored, reduction="sum")
    return total / (targets != ignored).sum().clamp(min=1)
