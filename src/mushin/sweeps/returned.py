"""Check what a task returns, and make it scalars and arrays that files can hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mushin.errors import SweepError

Scalar: TypeAlias = bool | int | float | str | None
Metric: TypeAlias = Scalar | NDArray[Any]

_ACCEPTED = "numbers, bool, str, None, and arrays, tensors or nested lists of numbers or of str"
_INT64 = np.iinfo(np.int64)


def read_returned(returned: Any) -> dict[str, Metric]:
    """Return the metrics of one job.

    Numbers of numpy and tensors of one element without dimensions become Python's; tensors are copied to the
    CPU; float16, bfloat16 and long double become float32, float32 and float64, since netCDF lacks them.

    Raises
    ------
    SweepError
        The task returned no dict, or a value that no file can hold.

    Examples
    --------
    >>> read_returned({"accuracy": np.float32(0.5), "curve": [1, 2]})
    {'accuracy': 0.5, 'curve': array([1, 2])}
    """
    if not isinstance(returned, Mapping):
        raise SweepError(
            f"the task returned {_type_of(returned)}; accepted: a dict of names to values, "
            'such as {"accuracy": 0.9}'
        )
    return {_name(name): _metric(value, name) for name, value in returned.items()}


def _name(name: Any) -> str:
    if not isinstance(name, str) or not name.strip() or "/" in name or "\0" in name:
        raise SweepError(
            f"the task returned the name {name!r}; accepted: a str with no '/' that is not empty"
        )
    return name


def _metric(value: Any, name: str) -> Metric:
    if value is None or isinstance(value, bool | str):
        return value if value is None or isinstance(value, bool) else str.__str__(value)
    array = _array(value, name)
    if array.dtype.kind == "f" and array.dtype.itemsize not in (4, 8):
        array = array.astype(np.float32 if array.dtype.itemsize < 4 else np.float64)
    if array.dtype.kind not in "biufU" or (
        array.dtype.kind == "u" and array.size and array.max() > _INT64.max
    ):
        raise _refused(value, name)
    if array.ndim:
        return array
    scalar: Scalar = array.item()
    return scalar


def _array(value: Any, name: str) -> NDArray[Any]:
    if hasattr(value, "detach") and hasattr(value, "cpu"):
        value = value.detach().cpu()
        if str(value.dtype) == "torch.bfloat16":
            value = value.float()
    elif not (isinstance(value, int | float | list | tuple) or hasattr(value, "__array__")):
        raise _refused(value, name)
    if isinstance(value, list | tuple):
        value = [_array(item, name) if hasattr(item, "detach") else item for item in value]
    try:
        return np.asarray(value)
    except ValueError as error:
        raise SweepError(f"the task returned {name!r} as lists of unequal lengths: {error}") from None


def _refused(value: Any, name: str) -> SweepError:
    return SweepError(f"the task returned {name!r} as {_type_of(value)}; accepted: {_ACCEPTED}")


def _type_of(value: Any) -> str:
    if value is None:
        return "None"
    dtype = getattr(value, "dtype", None)
    return f"a value of type {type(value).__name__}" + (f" of {dtype}" if dtype is not None else "")
