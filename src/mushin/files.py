"""Write a file whole or not at all, and tell a whole file from a damaged one."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from mushin.errors import StorageError
from mushin.partials import partial_name, remove_abandoned

_SEAL = b"\nsealed by mushin, sha256 "
_SEAL_LENGTH = len(_SEAL) + 2 * hashlib.sha256().digest_size + 1
_KEPT = "what was complete is kept; then run again"
_REMEDIES = {
    errno.ENOSPC: f"make room on its file system: {_KEPT}",
    errno.EDQUOT: f"remove files, or have the quota raised: {_KEPT}",
    errno.EROFS: f"mount it writable, or choose another results folder: {_KEPT}",
    errno.EACCES: f"get the right to write there, or choose another results folder: {_KEPT}",
    errno.EPERM: f"get the right to write there, or choose another results folder: {_KEPT}",
}
_FULL_BELOW = 2**16
"""Bytes. What is left of a full disk is less than what was to be written next."""


@contextmanager
def replacing(path: Path, *, sealed: bool = False) -> Iterator[Path]:
    """Yield a temporary name in the folder of `path`; on success rename it to `path`.

    A reader sees the old file or the new one, never a part. Where the body raises, the temporary file is
    removed and `path` stays as it was. Where the process is killed, the temporary file stays; the next
    write beside it removes it, see `mushin.partials.remove_abandoned`.

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

    Raises
    ------
    StorageError
        The file system is full or read-only, or refuses to be written to.
    """
    with naming_storage(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    with _temporary(path) as temporary, naming_storage(path):
        yield temporary
        with temporary.open("r+b") as written:
            if sealed:
                written.write(_seal(written.read()))
                written.flush()
            os.fsync(written.fileno())
            now = os.fstat(written.fileno()).st_ctime
        temporary.replace(path)
        remove_abandoned(path.parent, now)


@contextmanager
def _temporary(path: Path) -> Iterator[Path]:
    temporary = partial_name(path)
    try:
        yield temporary
    finally:
        # On a read-only disk, removing what does not exist is an error too, and would hide the first.
        if temporary.exists():
            temporary.unlink(missing_ok=True)


@contextmanager
def naming_storage(path: Path) -> Iterator[None]:
    """Say what to do where storage fails in the block, which writes `path`.

    Raises
    ------
    StorageError
        The file system is full or read-only, or refuses to be written to.
    """
    try:
        yield
    except (OSError, RuntimeError) as error:
        number = error.errno if isinstance(error, OSError) else None
        # Of a full or read-only disk, netCDF says "Permission denied" or "HDF error".
        if number in (None, errno.EACCES):
            number = _fault_of_disk(path.parent) or number
        if number not in _REMEDIES:
            raise
        raise _storage_error(path, number) from None


def _fault_of_disk(folder: Path) -> int | None:
    if not folder.is_dir():
        return None
    disk = os.statvfs(folder)
    if disk.f_flag & os.ST_RDONLY:
        return errno.EROFS
    return errno.ENOSPC if disk.f_bavail * disk.f_frsize < _FULL_BELOW else None


def _storage_error(path: Path, number: int) -> StorageError:
    return StorageError(f"{path}: cannot be written: {os.strerror(number)}; {_REMEDIES[number]}")


def write_bytes(path: Path, content: bytes) -> None:
    """Write `content` to `path` whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def write_text(path: Path, content: str) -> None:
    """Write `content` to `path` as UTF-8, whole or not at all."""
    write_bytes(path, content.encode())


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, 64 hexadecimal digits, with a small part of it in memory at a time."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


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
