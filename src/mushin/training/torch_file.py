"""Read what ``torch.save`` wrote without running code from it, and say in one error what is wrong."""

from __future__ import annotations

import io
import pickle
import re
import struct
import textwrap
import zipfile
import zlib
from pathlib import Path
from typing import Any

import torch

from mushin.errors import CheckpointError

_LONGEST_REASON = 200
# What a hostile or damaged pickle makes torch's restricted unpickler and its archive reader raise: they trust
# the structure of a file, though they call nothing that it names.
_FAULTS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    BufferError,
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)


def check_archive(path: Path, content: bytes, remedy: str) -> None:
    """Compare every record with its checksum, which torch itself does not, and bound what they unpack to.

    Raises
    ------
    CheckpointError
        The file is no archive of torch, is damaged, or says that it holds more than it does.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
            if unpacked > len(content):
                raise CheckpointError(
                    f"{path}: the checkpoint is damaged: it says that its {len(content)} bytes hold"
                    f" {unpacked}, but torch.save compresses nothing; {remedy}"
                )
            broken = archive.testzip()
    except _FAULTS as error:
        if isinstance(error, CheckpointError):
            raise
        raise CheckpointError(
            f"{path}: the checkpoint ({len(content)} bytes) is damaged, truncated, or not written by "
            f"torch.save; {remedy}"
        ) from None
    if broken is not None:
        raise CheckpointError(f"{path}: the checkpoint is damaged: {broken} fails its checksum; {remedy}")


def load_weights_only(
    path: Path, content: bytes, *, map_location: str | torch.device, refusal: str, remedy: str
) -> Any:
    """Unpickle with ``weights_only=True``.

    Parameters
    ----------
    path : Path
        Named in errors.
    content : bytes
        The file.
    map_location : str or torch.device
        Where the tensors go.
    refusal, remedy : str
        What to do where the file holds more than weights, and where it is damaged.

    Raises
    ------
    CheckpointError
        The file names what is not let through, or is damaged.
    """
    try:
        return torch.load(io.BytesIO(content), map_location=map_location, weights_only=True)
    except pickle.UnpicklingError as error:
        raise CheckpointError(
            f"{path}: refused, since the checkpoint holds more than weights{_refused_name(error)}{refusal}"
        ) from None
    except _FAULTS as error:
        raise damaged(path, error, remedy) from None


def damaged(path: Path, error: Exception, remedy: str) -> CheckpointError:
    """Return the error for a file that torch cannot read."""
    reason = textwrap.shorten(str(error).partition("\n")[0] or type(error).__name__, _LONGEST_REASON)
    return CheckpointError(f"{path}: the checkpoint is damaged: {reason}; {remedy}")


def unsafe_names(path: Path, content: bytes, remedy: str) -> list[str]:
    """Return what a file names beyond weights.

    Raises
    ------
    CheckpointError
        The file is damaged.
    """
    try:
        return list(torch.serialization.get_unsafe_globals_in_checkpoint(io.BytesIO(content)))
    except (pickle.UnpicklingError, *_FAULTS) as error:
        raise damaged(path, error, remedy) from None


def _refused_name(error: pickle.UnpicklingError) -> str:
    found = re.search(r"GLOBAL ([\w.]+)", str(error))
    return f" (it names {found[1]})" if found else ""
