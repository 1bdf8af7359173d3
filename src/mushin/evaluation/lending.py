"""Lend a model to an evaluation, and give it back as it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain

import torch
from torch import nn

from mushin.evaluation.predict import Model


@contextmanager
def lent(model: Model, device: torch.device) -> Iterator[None]:
    """Put a model in eval mode on `device`; afterwards restore the mode of each submodule, and its device.

    A callable that is not a `torch.nn.Module` is left alone. So is the place of a model whose tensors lie on
    several devices: it looks after that itself.

    Parameters
    ----------
    model : callable
        The model.
    device : torch.device
        Where it is to run.
    """
    if not isinstance(model, nn.Module):
        yield
        return
    was_training = {module: module.training for module in model.modules()}
    home = {tensor.device for tensor in chain(model.parameters(), model.buffers())}
    try:
        model.eval()
        if len(home) == 1:
            model.to(device)
        yield
    finally:
        for module, training in was_training.items():
            module.training = training
        if len(home) == 1:
            model.to(home.pop())
