"""Load a whole model that ``torch.save(model, path)`` wrote, without running code from the file."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path, PosixPath, PurePath, PurePosixPath, PureWindowsPath, WindowsPath
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from mushin.errors import CheckpointError
from mushin.training.torch_file import check_archive, load_weights_only, unsafe_names

_OWN = (
    "; give load_fn=, a function of the path that returns the model: build the model, and load its weights"
    " with torch.load(path, weights_only=True)"
)
_REMEDY = "save the model again"
_ACTIVATIONS = frozenset(
    [
        "celu",
        "elu",
        "gelu",
        "glu",
        "hardshrink",
        "hardsigmoid",
        "hardswish",
        "hardtanh",
        "leaky_relu",
        "log_softmax",
        "logsigmoid",
        "mish",
        "relu",
        "relu6",
        "selu",
        "sigmoid",
        "silu",
        "softmax",
        "softmin",
        "softplus",
        "softshrink",
        "softsign",
        "tanh",
        "tanhshrink",
    ]
)
# What a module keeps beside its parameters: containers without behaviour of their own.
_CONTAINERS = (
    set,
    frozenset,
    slice,
    complex,
    PurePath,
    PurePosixPath,
    PureWindowsPath,
    PosixPath,
    WindowsPath,
)


def load_model(path: Path | str) -> nn.Module:
    """Load a model that was saved whole; the default of ``load_fn`` in `mushin.Study`.

    Only tensors, plain values, activations, and classes of modules that this session has imported already
    are let through (``weights_only=True`` with these allowed). So the file can name a model, but runs no code
    that was not there before; a class of those that acts on the world when it is made can be made.

    Parameters
    ----------
    path : path
        What ``torch.save(model, path)`` wrote.

    Returns
    -------
    torch.nn.Module
        On the CPU.

    Raises
    ------
    CheckpointError
        The file is missing or damaged, holds no module, or names something else than classes of modules.
    """
    path = Path(path)
    if not path.is_file():
        raise CheckpointError(f"{path}: the checkpoint does not exist")
    content = path.read_bytes()
    check_archive(path, content, _REMEDY)
    named = unsafe_names(path, content, _REMEDY)
    with torch.serialization.safe_globals(list(_allowed(named, path))):
        model = load_weights_only(path, content, map_location="cpu", refusal=_OWN, remedy=_REMEDY)
    if not isinstance(model, nn.Module):
        raise CheckpointError(f"{path}: holds a {type(model).__name__}, not a model{_OWN}")
    return model


def _allowed(named: list[str], path: Path) -> Iterator[Any]:
    """Return the classes that a file names, where they are modules that are imported already."""
    for dotted in named:
        found = _imported(dotted)
        is_module = isinstance(found, type) and issubclass(found, nn.Module)
        if not (is_module or found in _CONTAINERS or _is_activation(found)):
            hint = "" if found is not None else ", which is not imported here: import it first"
            raise CheckpointError(
                f"{path}: refused, since it names {dotted}{hint}; accepted are classes of torch.nn.Module and"
                f" activations of torch.nn.functional{_OWN}"
            )
        yield found


def _is_activation(found: Any) -> bool:
    """Tell whether it is a function that a module may hold as its activation."""
    name = str(getattr(found, "__name__", ""))
    return name in _ACTIVATIONS and getattr(functional, name) is found


def _imported(dotted: str) -> Any:
    """Find a name in the modules that are imported, without importing any."""
    parts = dotted.split(".")
    for depth in range(len(parts) - 1, 0, -1):
        module = sys.modules.get(".".join(parts[:depth]))
        if module is not None:
            found: Any = module
            for part in parts[depth:]:
                found = vars(found).get(part) if hasattr(found, "__dict__") else None
            return found
    return getattr(sys.modules["builtins"], dotted, None)
