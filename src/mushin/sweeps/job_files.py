"""Write and read what a job leaves in its folder: a result, or a failure."""

from __future__ import annotations

import hashlib
import io
import json
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
    """Return the result of a job; None where there is none, or only a part of one."""
    content = _read_json(folder / _RESULT)
    if content is None:
        return None
    metrics: dict[str, Metric] = dict(content["metrics"])
    if "arrays" in content:
        file = folder / _ARRAYS
        packed = file.read_bytes() if file.is_file() else b""
        if hashlib.sha256(packed).hexdigest() != content["arrays_sha256"]:
            return None
        with np.load(io.BytesIO(packed), allow_pickle=False) as arrays:
            metrics.update((name, arrays[f"arr_{i}"]) for i, name in enumerate(content["arrays"]))
    return JobResult(
        content["parameters"], content["source"], {name: metrics[name] for name in content["order"]}
    )


def write_failure(folder: Path, error: BaseException, traceback: str) -> None:
    """Write down what a job raised."""
    write_bytes(folder / _TRACEBACK, traceback.encode(errors="backslashreplace"))
    content = {"exception": type(error).__name__, "message": str(error)}
    write_text(folder / _FAILURE, json.dumps(content, indent=1) + "\n")


def read_failure(folder: Path, point: Mapping[str, Any]) -> JobFailure | None:
    """Return the failure of the job of a point; None where there is none."""
    content = _read_json(folder / _FAILURE)
    if content is None:
        return None
    return JobFailure(dict(point), content["exception"], content["message"], folder / _TRACEBACK)


def _read_json(file: Path) -> dict[str, Any] | None:
    """Read a mapping; None where the file is absent or cut short."""
    if not file.is_file():
        return None
    try:
        content: dict[str, Any] = json.loads(file.read_bytes())
    except ValueError:
        return None
    return content
