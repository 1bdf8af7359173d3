"""Write and read what a job leaves in its folder: a result, or a failure."""

from __future__ import annotations

import hashlib
import io
import json
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mushin.files import write_bytes, write_text
from mushin.sweeps.returned import Metric

_RESULT = "result.json"
_ARRAYS = "arrays.npz"
_FAILURE = "failure.json"
_TRACEBACK = "traceback.txt"
# What a damaged archive makes zipfile and numpy raise.
_NOT_ARRAYS = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    OverflowError,
    RuntimeError,
    SyntaxError,
    tokenize.TokenError,
    TypeError,
    ValueError,
)


@dataclass(frozen=True)
class JobResult:
    """What a job returned, and for what.

    Attributes
    ----------
    parameters : dict
        What the task was called with.
    source : str
        The digest of the task.
    metrics : dict
        By name.
    """

    parameters: dict[str, Any]
    source: str
    metrics: dict[str, Metric]


@dataclass(frozen=True)
class JobFailure:
    """A job that raised.

    Attributes
    ----------
    parameters : dict
        The value of each swept parameter.
    exception : str
        The type of what it raised.
    message : str
        What that said.
    traceback : Path
        The file that holds the traceback.
    """

    parameters: dict[str, Any]
    exception: str
    message: str
    traceback: Path


def forget_outcome(folder: Path) -> None:
    """Remove what an earlier run of the job left; its result goes first, since that says it is done."""
    for name in (_RESULT, _ARRAYS, _FAILURE, _TRACEBACK):
        (folder / name).unlink(missing_ok=True)


def write_result(folder: Path, result: JobResult) -> None:
    """Write a result whole or not at all: arrays first, then the file that names their checksum."""
    arrays = {name: value for name, value in result.metrics.items() if isinstance(value, np.ndarray)}
    content: dict[str, Any] = {
        "parameters": result.parameters,
        "source": result.source,
        "metrics": {name: value for name, value in result.metrics.items() if name not in arrays},
        "order": list(result.metrics),
    }
    if arrays:
        packed = io.BytesIO()
        # By position, because savez has parameters of its own that a metric may be named like.
        np.savez(packed, *arrays.values(), allow_pickle=False)
        write_bytes(folder / _ARRAYS, packed.getvalue())
        content["arrays"] = list(arrays)
        content["arrays_sha256"] = hashlib.sha256(packed.getvalue()).hexdigest()
    write_text(folder / _RESULT, json.dumps(content, indent=1) + "\n")


def read_result(folder: Path) -> JobResult | None:
    """Return the result of a job; None where there is none, or only a part of one, or none of ours.

    Nothing in the files is executed or unpickled.
    """
    content = _read_json(folder / _RESULT)
    kinds = {"parameters": dict, "source": str, "metrics": dict, "order": list}
    if content is None or any(not isinstance(content.get(key), kind) for key, kind in kinds.items()):
        return None
    metrics: dict[str, Metric] = dict(content["metrics"])
    if any(not (value is None or isinstance(value, bool | int | float | str)) for value in metrics.values()):
        return None
    if "arrays" in content:
        arrays = _read_arrays(folder / _ARRAYS, content["arrays"], content.get("arrays_sha256"))
        if arrays is None:
            return None
        metrics |= arrays
    order = content["order"]
    if any(not isinstance(name, str) or name not in metrics for name in order):
        return None
    return JobResult(content["parameters"], content["source"], {name: metrics[name] for name in order})


def _read_arrays(file: Path, names: Any, sha256: Any) -> dict[str, Metric] | None:
    """Return the arrays of a result; None where the file is not what the result says."""
    packed = file.read_bytes() if file.is_file() else b""
    is_named = isinstance(names, list) and all(isinstance(name, str) for name in names)
    if not is_named or hashlib.sha256(packed).hexdigest() != sha256:
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > len(packed):
                return None  # savez packs nothing: it would unpack to what was never there.
        with np.load(io.BytesIO(packed), allow_pickle=False) as arrays:
            found = {name: arrays[f"arr_{i}"] for i, name in enumerate(names)}
    except _NOT_ARRAYS:
        return None
    # What is no array comes as bytes.
    are_arrays = all(
        isinstance(value, np.ndarray) and value.dtype.kind in "biufU" for value in found.values()
    )
    return found if are_arrays else None


def write_failure(folder: Path, error: BaseException, traceback: str) -> None:
    """Write down what a job raised."""
    write_bytes(folder / _TRACEBACK, traceback.encode(errors="backslashreplace"))
    content = {"exception": type(error).__name__, "message": str(error)}
    write_text(folder / _FAILURE, json.dumps(content, indent=1) + "\n")


def read_failure(folder: Path, point: Mapping[str, Any]) -> JobFailure | None:
    """Return the failure of the job of a point; None where there is none."""
    content = _read_json(folder / _FAILURE)
    if content is None or any(not isinstance(content.get(key), str) for key in ("exception", "message")):
        return None
    return JobFailure(dict(point), content["exception"], content["message"], folder / _TRACEBACK)


def _read_json(file: Path) -> dict[str, Any] | None:
    """Read a mapping; None where the file is absent, cut short or something else."""
    if not file.is_file():
        return None
    try:
        content = json.loads(file.read_bytes())
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None
