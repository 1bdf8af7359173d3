"""Write arrays to ``.npz`` with reproducible bytes, and read them without running what a file says."""

from __future__ import annotations

import hashlib
import io
import math
import os
import re
import struct
import textwrap
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from mushin.errors import DataError
from mushin.files import write_bytes

_MAGIC = b"\x93NUMPY"
_LONGEST_HEADER = 10_000
_LONGEST_REASON = 200
# numpy's own header, read as text: numpy evaluates it as Python, and unpickles objects where it is let.
_HEADER = re.compile(
    r"\s*\{\s*'descr':\s*'([<>|=][a-zA-Z]\d{0,4})',\s*'fortran_order':\s*(True|False),"
    r"\s*'shape':\s*\(((?:\d{1,19}\s*,?\s*){0,8})\)\s*,?\s*\}\s*"
)
_NUMBERS = {"b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"}
# What deflate packs into a byte at most.
_BEST_RATIO = 1032
_FAULTS = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    IndexError,
    OSError,  # a place before the file's start
    OverflowError,
    RuntimeError,  # an encrypted archive
    ValueError,
)


def write_npz(path: Path, arrays: Mapping[str, NDArray[Any]]) -> str:
    """Write arrays whole or not at all; `numpy.load` reads them.

    Equal arrays give equal bytes: nothing is compressed, and there are no times.

    Parameters
    ----------
    path : Path
        Its folder is made if it is missing.
    arrays : mapping of str to array
        Of numbers.

    Returns
    -------
    str
        The SHA-256 of the file, 64 hexadecimal digits.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, array in arrays.items():
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            entry.create_system = 3  # as on Unix, on every system
            with archive.open(entry, "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.ascontiguousarray(array), allow_pickle=False)
    content = buffer.getvalue()
    write_bytes(path, content)
    return hashlib.sha256(content).hexdigest()


def read_npz(path: Path) -> dict[str, NDArray[Any]]:
    """Read every array of an ``.npz`` file.

    Raises
    ------
    DataError
        If the file is damaged, no ``.npz``, says that it holds more than it does, or holds anything but
        arrays of numbers.
    """
    with path.open("rb") as file:
        try:
            with zipfile.ZipFile(file) as archive:
                return _read_entries(path, archive)
        except DataError:
            raise
        except _FAULTS as error:
            reason = textwrap.shorten(str(error), _LONGEST_REASON)
            raise DataError(
                f"{path}: damaged, or no .npz file ({reason}); write it with numpy.savez"
            ) from None


def _read_entries(path: Path, archive: zipfile.ZipFile) -> dict[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = {}
    _refuse_bomb(path, archive.infolist())
    for entry in archive.infolist():
        name = entry.filename.removesuffix(".npy")
        if name in arrays:
            raise DataError(f"{path}: the array {name!r} is there twice")
        _refuse_impossible_size(path, entry)
        with archive.open(entry) as member:
            arrays[name] = _read_npy(member, entry.file_size, f"{path}: {name}")
    return arrays


def _refuse_impossible_size(path: Path, entry: zipfile.ZipInfo) -> None:
    """Refuse what would take memory and not be there."""
    packed = entry.compress_size
    beyond = entry.header_offset + packed > path.stat().st_size
    is_plain = entry.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    if beyond or not is_plain or entry.file_size > _BEST_RATIO * packed + _LONGEST_HEADER:
        raise DataError(
            f"{path}: {entry.filename} says that it holds {entry.file_size} bytes, packed into {packed},"
            " which cannot be; write the file with numpy.savez"
        )


def _refuse_bomb(path: Path, entries: list[zipfile.ZipInfo]) -> None:
    """Refuse entries that share their bytes, or that unpack to more than this machine has."""
    packed, unpacked = (
        sum(getattr(entry, size) for entry in entries) for size in ("compress_size", "file_size")
    )
    if packed > path.stat().st_size:
        raise DataError(f"{path}: damaged: its arrays overlap; write it with numpy.savez")
    if unpacked > physical_memory():
        raise DataError(
            f"{path}: its arrays take {unpacked} bytes, more than this machine has; leave out what is no"
            " prediction, or score it in parts"
        )


def physical_memory() -> int:
    """Return how much memory this machine has, in bytes."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _read_npy(stream: IO[bytes], size: int, where: str) -> NDArray[Any]:
    """Read one array of `size` bytes, header included."""
    start = stream.read(8)
    if not start.startswith(_MAGIC) or len(start) < 8 or start[6] not in (1, 2, 3):
        raise DataError(f"{where}: no array of numpy; write the file with numpy.savez")
    width = 2 if start[6] == 1 else 4
    length = int.from_bytes(stream.read(width), "little")
    if length > _LONGEST_HEADER:
        raise DataError(f"{where}: a header of {length} bytes; accepted: {_LONGEST_HEADER} at most")
    found = _HEADER.fullmatch(stream.read(length).decode("latin-1"))
    if found is None or found[1][1:] not in _NUMBERS:
        kind = "an array of objects or records" if found is None else f"an array of type {found[1]}"
        raise DataError(f"{where}: {kind}, or damaged; accepted: numbers")
    kind_of_number, shape = np.dtype(found[1]), tuple(int(number) for number in re.findall(r"\d+", found[3]))
    left = size - 8 - width - length
    if math.prod(shape) * kind_of_number.itemsize != left:
        raise DataError(
            f"{where}: shape {shape} of {kind_of_number} does not fit the {left} bytes that follow"
        )
    array = np.frombuffer(stream.read(), kind_of_number)
    order: Any = "F" if found[2] == "True" else "C"
    return array.reshape(shape, order=order).astype(kind_of_number.newbyteorder("="), copy=False)
