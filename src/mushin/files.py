"""Write a file whole or not at all, and tell a whole file from a damaged one."""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

_SEAL = b"\nsealed by mushin, sha256 "
_SEAL_LENGTH = len(_SEAL) + 2 * hashlib.sha256().digest_size + 1


@contextmanager
def replacing(path: Path, *, sealed: bool = False) -> Iterator[Path]:
    """Yield a temporary name in the folder of `path`; on success rename it to `path`.

    A reader sees the old file or the new one, never a part. Where the body raises, the temporary file is
    removed and `path` stays as it was.

    Parameters
    ----------
    path : Path
        The file to write. Its folder is made if it is missing.
    sealed : bool, default False
        Append a line with the checksum of what was written, for `seal_of`. HDF5 and netCDF read such a file
        as before: they ignore what follows their own end.

    Yields
    ------
    Path
        The name to write to.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.partial")
    try:
        yield temporary
        with temporary.open("r+b") as written:
            if sealed:
                written.write(_seal(written.read()))
                written.flush()
            os.fsync(written.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_bytes(path: Path, content: bytes) -> None:
    """Write `content` to `path` whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def write_text(path: Path, content: str) -> None:
    """Write `content` to `path` as UTF-8, whole or not at all."""
    write_bytes(path, content.encode())


def seal_of(path: Path) -> Literal["whole", "broken", "absent"]:
    """Compare a file with the checksum that `replacing` sealed it with.

    HDF5 trusts what it reads: a few changed bytes can crash it or keep it busy for long, so the checksum is
    compared before it sees the file.

    Returns
    -------
    {"whole", "broken", "absent"}
        ``"absent"`` where the file does not end with a seal: it was cut short, or written by another program.
    """
    content = memoryview(path.read_bytes())
    body, seal = content[:-_SEAL_LENGTH], content[-_SEAL_LENGTH:].tobytes()
    if len(seal) < _SEAL_LENGTH or not seal.startswith(_SEAL):
        return "absent"
    return "whole" if seal == _seal(body) else "broken"


def _seal(content: bytes | memoryview) -> bytes:
    return _SEAL + hashlib.sha256(content).hexdigest().encode() + b"\n"
