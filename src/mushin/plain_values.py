"""Describe values as JSON, so that two of them can be compared by their content."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

import numpy as np


def is_plain(value: Any) -> bool:
    """Tell whether a value can be compared by its content."""
    if isinstance(value, list | tuple | set | frozenset):
        return all(map(is_plain, value))
    if isinstance(value, Mapping):
        return all(map(is_plain, value)) and all(map(is_plain, value.values()))
    return value is None or isinstance(
        _array(value), bool | int | float | complex | str | bytes | PurePath | np.generic | np.ndarray
    )


def plain_value(value: Any) -> Any:
    """Describe a value as JSON; what cannot be compared by its content stands by its type.

    Examples
    --------
    >>> plain_value({"widths": (8, 16), "rate": 0.1})
    {'widths': [8, 16], 'rate': 0.1}
    """
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, np.generic):
        return plain_value(value.item())
    if isinstance(value, complex):
        return str(value)
    if isinstance(value, bytes):
        return f"{len(value)} bytes {hashlib.sha256(value).hexdigest()[:16]}"
    if isinstance(value, PurePath):
        return value.as_posix()
    if isinstance(value, Mapping):
        return {str(key): plain_value(of) for key, of in value.items()}
    if isinstance(value, list | tuple):
        return [plain_value(of) for of in value]
    if isinstance(value, set | frozenset):
        return sorted((plain_value(of) for of in value), key=repr)
    array = _array(value)
    if isinstance(array, np.ndarray) and array.dtype != object:
        content = hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()[:16]
        return f"array {array.dtype} {list(array.shape)} {content}"
    if hasattr(value, "__qualname__"):
        return dotted_name(value)
    return f"a {dotted_name(type(value))}"


def _array(value: Any) -> Any:
    """Return a tensor as an array; numpy has no bfloat16."""
    torch = sys.modules.get("torch")
    if torch is None or not isinstance(value, torch.Tensor):
        return value
    tensor = value.detach().cpu()
    return (tensor.float() if str(tensor.dtype) == "torch.bfloat16" else tensor).numpy()


def dotted_name(value: Any) -> str:
    """Return the module and the qualified name of a function or class, or of the class of an object."""
    named = value if hasattr(value, "__qualname__") else type(value)
    return f"{named.__module__}.{named.__qualname__}"
