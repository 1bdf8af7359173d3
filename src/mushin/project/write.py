"""Write new files, and never over one that exists."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mushin.errors import ProjectError


def write_new_files(folder: Path, files: Mapping[str, bytes]) -> list[Path]:
    """Write all of `files` below `folder`, or none.

    Parameters
    ----------
    folder : path
        Made if it is missing.
    files : mapping of str to bytes
        What to write, by the path below `folder`.

    Returns
    -------
    list of path
        The written files, in the order of `files`.

    Raises
    ------
    ProjectError
        One of them exists, or cannot be written.
    """
    existing = [str(folder / name) for name in files if (folder / name).exists()]
    if existing:
        raise ProjectError(f"{', '.join(existing)}: there already; nothing is written, choose another name")
    written: list[Path] = []
    try:
        for name, content in files.items():
            _write_new(folder / name, content, written)
    except OSError as error:
        for path in written:
            path.unlink(missing_ok=True)
        raise ProjectError(
            f"{error.filename or folder}: cannot be written: {error.strerror}; nothing is written: make it"
            " writable, or choose another folder"
        ) from None
    return written


def _write_new(path: Path, content: bytes, written: list[Path]) -> None:
    """Write one file and add it to those written, as soon as it is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as new:  # which fails where another program was faster
        written.append(path)
        new.write(content)
