"""Say which values a sweep can hold: those that a YAML file can hold as well."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

import numpy as np
from hydra_zen import hydra_list, multirun

from mushin.errors import ConfigError

__all__ = ["canonical_text", "hydra_list", "multirun", "plain_value"]

_ACCEPTED = "None, bool, int, float, str, or lists and dicts of these"


def plain_value(value: Any, where: str) -> Any:
    """Return a value as plain Python: None, bool, int, float, str, list or dict.

    Numbers of numpy become Python's, paths become strings, tuples and `hydra_list` become lists.

    Raises
    ------
    ConfigError
        The value is of another type, a key is no string, or a string cannot be written to a file.

    Examples
    --------
    >>> plain_value((np.float64(0.5), {"a": None}), "lr")
    [0.5, {'a': None}]
    """
    if value is None or isinstance(value, bool | np.bool_):
        return None if value is None else bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value)
    if isinstance(value, str):
        return _writable(str.__str__(value), where)
    if isinstance(value, PurePath):
        return _writable(str(value), where)
    if isinstance(value, list | tuple | hydra_list):
        return [plain_value(item, where) for item in value]
    if isinstance(value, Mapping):
        return {_key(key, where): plain_value(item, where) for key, item in value.items()}
    if isinstance(value, multirun):
        raise ConfigError(f"{where}: a multirun stands inside another value; accepted: multirun([...]) alone")
    raise ConfigError(
        f"{where}: a value of type {type(value).__name__} cannot be a parameter; accepted: {_ACCEPTED}; "
        "give a name instead, and let the task look it up"
    )


def canonical_text(value: Any) -> str:
    """Write a plain value as one line of JSON: equal text means equal values of equal types.

    Examples
    --------
    >>> canonical_text({"b": 1, "a": [None, 1.0]})
    '{"a": [null, 1.0], "b": 1}'
    """
    return json.dumps(value, sort_keys=True)


def _key(key: Any, where: str) -> str:
    if not isinstance(key, str):
        raise ConfigError(f"{where}: key {key!r} of a dict is no string; accepted: strings")
    return _writable(key, where)


def _writable(text: str, where: str) -> str:
    if "\0" in text or any("\ud800" <= char <= "\udfff" for char in text):
        raise ConfigError(f"{where}: {text!r} holds a NUL or half a surrogate pair, which no file can hold")
    return text
