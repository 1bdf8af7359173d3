"""Write what a command found as JSON, for programs."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import PurePath
from typing import Any

import numpy as np
import pandas as pd


def to_json(content: Any) -> str:
    r"""Return a value as JSON, readable, keys in their order.

    Parameters
    ----------
    content : object
        Mappings, sequences, DataFrames (a list of rows), dataclasses, paths, numbers of Python and numpy.

    Returns
    -------
    str
        What is no finite number becomes null, since JSON has neither NaN nor infinity.

    Examples
    --------
    >>> to_json({"n": np.int64(2), "sd": float("nan")})
    '{\n "n": 2,\n "sd": null\n}'
    """
    return json.dumps(_plain(content), indent=1, ensure_ascii=False, allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, pd.DataFrame):
        return [_plain(row) for row in value.to_dict("records")]
    if isinstance(value, Mapping):
        return {f"{key:g}" if isinstance(key, float) else str(key): _plain(of) for key, of in value.items()}
    if is_dataclass(value):
        return {entry.name: _plain(getattr(value, entry.name)) for entry in fields(value)}
    if isinstance(value, list | tuple | np.ndarray):
        return [_plain(part) for part in value]
    if isinstance(value, PurePath):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")
