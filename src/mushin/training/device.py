"""Choose the device that a model trains and predicts on."""

from __future__ import annotations

import re

import torch

from mushin.errors import ConfigError


def resolve_device(device: str | torch.device) -> torch.device:
    """Return the device of this name, after checking that this machine has it.

    Parameters
    ----------
    device : {"auto", "cpu", "cuda", "cuda:N", "mps"} or torch.device
        ``"auto"`` is the first GPU of CUDA where there is one, and the CPU elsewhere.

    Raises
    ------
    ConfigError
        If the name is unknown, or this machine has no such device.

    Examples
    --------
    >>> resolve_device("cpu")
    device(type='cpu')
    """
    name = str(device)
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    kind, _, index = name.partition(":")
    if not re.fullmatch(r"(cpu|mps)(:0)?|cuda(:\d+)?", name):
        raise ConfigError(
            f"device: {name!r} is unknown; accepted: auto, cpu, cuda, cuda:N with N from 0, mps"
        )
    if kind == "mps" and not torch.backends.mps.is_available():
        raise ConfigError(
            f"device: {name!r}, but torch finds no Metal GPU here; use device=cpu or device=auto"
        )
    if kind == "cuda":
        _check_cuda(name, int(index or 0))
    return torch.device(name)


def _check_cuda(name: str, index: int) -> None:
    if not torch.cuda.is_available():
        raise ConfigError(
            f"device: {name!r}, but torch finds no CUDA GPU here (torch {torch.__version__}); use "
            "device=cpu or device=auto, or install a torch build for CUDA"
        )
    count = torch.cuda.device_count()
    if index >= count:
        raise ConfigError(f"device: {name!r}, but there are {count} CUDA GPUs; the last is cuda:{count - 1}")
