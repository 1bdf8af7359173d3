"""Save a model's weights with reproducible bytes, and load them safely."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from mushin.errors import CheckpointError
from mushin.files import write_bytes
from mushin.training.torch_file import check_archive, load_weights_only

_SHOWN_KEYS = 3
_REMEDY = "train the method again"
_STATE_DICT = "; save a state dict: torch.save(model.state_dict(), path)"


def save_checkpoint(path: Path, model: nn.Module) -> str:
    """Write the state dict of `model` to `path`, whole or not at all.

    The tensors are stored as on the CPU, wherever the model lies. Equal weights give equal bytes, under any
    file name.

    Parameters
    ----------
    path : Path
        Its folder is made if it is missing.
    model : torch.nn.Module

    Returns
    -------
    str
        The SHA-256 of the file, 64 hexadecimal digits.
    """
    state = model.state_dict()
    for key, value in state.items():
        if isinstance(value, torch.Tensor):
            state[key] = _compact(value.cpu())
    # Written to a file, the archive would carry the file's name inside.
    buffer = io.BytesIO()
    torch.save(state, buffer)
    content = buffer.getvalue()
    write_bytes(path, content)
    return hashlib.sha256(content).hexdigest()


def load_checkpoint(
    path: Path,
    model: nn.Module,
    *,
    expected_sha256: str | None = None,
    map_location: str | torch.device = "cpu",
) -> None:
    """Load the weights at `path` into `model`, which stays as it was where that fails.

    Only weights are unpickled (``weights_only=True``): a file cannot run code.

    Parameters
    ----------
    path : Path
        What `save_checkpoint` wrote, or any ``torch.save(model.state_dict(), path)``.
    model : torch.nn.Module
        A model of the same architecture; its parameters keep their device.
    expected_sha256 : str, optional
        The SHA-256 that the file must have, 64 hexadecimal digits.
    map_location : str or torch.device
        Where the tensors lie between file and model.

    Raises
    ------
    CheckpointError
        If the file is missing, is damaged, has another SHA-256, holds more than weights, or belongs to
        another architecture.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise CheckpointError(f"{path}: the checkpoint does not exist; train the method first") from None
    if expected_sha256 is None:
        check_archive(path, content, _REMEDY)
    else:
        _check_sha256(path, content, expected_sha256)
    state = _read_state(path, content, map_location)
    _check_architecture(path, state, model)
    model.load_state_dict(state)


def _compact(tensor: torch.Tensor) -> torch.Tensor:
    """Copy a view into a larger storage, since a file would hold that storage whole."""
    return tensor if tensor.untyped_storage().nbytes() == tensor.nbytes else tensor.clone()


def _check_sha256(path: Path, content: bytes, expected: str) -> None:
    found = hashlib.sha256(content).hexdigest()
    if found != expected.lower():
        raise CheckpointError(
            f"{path}: the checkpoint's SHA-256 is {found}, expected {expected}; it was changed or replaced "
            "after it was recorded; restore it, or delete it and run again, which trains it anew"
        )


def _read_state(path: Path, content: bytes, map_location: str | torch.device) -> Mapping[str, Any]:
    state = load_weights_only(path, content, map_location=map_location, refusal=_STATE_DICT, remedy=_REMEDY)
    if not isinstance(state, Mapping):
        raise CheckpointError(f"{path}: the checkpoint holds a {type(state).__name__}, not a state dict")
    if not _are_versions(getattr(state, "_metadata", None)):
        raise CheckpointError(f"{path}: the checkpoint is damaged: its versions of layers; {_REMEDY}")
    return state


def _are_versions(metadata: Any) -> bool:
    """Tell whether this is what torch keeps beside a state dict, and hands to the layers unchecked."""
    if metadata is None:
        return True
    return isinstance(metadata, Mapping) and all(
        isinstance(of_layer, Mapping) and type(of_layer.get("version", 1)) is int
        for of_layer in metadata.values()
    )


def _check_architecture(path: Path, state: Mapping[str, Any], model: nn.Module) -> None:
    own = model.state_dict()
    misshaped = [
        f"{key} {_shape(state[key])} for {_shape(own[key])}"
        for key in own
        if key in state and _shape(state[key]) != _shape(own[key])
    ]
    faults = [
        _listing("missing", [key for key in own if key not in state]),
        _listing("unexpected", [str(key) for key in state if key not in own]),
        _listing("of another shape", misshaped),
    ]
    if any(faults):
        raise CheckpointError(
            f"{path}: the checkpoint belongs to another architecture than {type(model).__name__}: "
            f"{'; '.join(filter(None, faults))}; build the model with the settings it was trained with"
        )


def _shape(value: Any) -> Any:
    if not isinstance(value, torch.Tensor):
        return type(value).__name__
    is_plain = value.layout == torch.strided and value.device.type != "meta"
    if is_plain and not (value.is_quantized or value.is_complex()):
        return tuple(value.shape)
    return f"{tuple(value.shape)} {value.dtype} {value.layout} {value.device.type}"


def _listing(what: str, keys: list[str]) -> str:
    shown = ", ".join(keys[:_SHOWN_KEYS])
    more = ", ..." if len(keys) > _SHOWN_KEYS else ""
    return f"{len(keys)} {what} ({shown}{more})" if keys else ""
