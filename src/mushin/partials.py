"""Name temporary files after their writers, and remove those whose writer is dead."""

from __future__ import annotations

import functools
import hashlib
import os
import re
import uuid
from pathlib import Path

_NAME = re.compile(r"\..+\.(?P<machine>[0-9a-f]{8})-(?P<process>\d+)-[0-9a-f]{8}\.partial", re.DOTALL)
_ABANDONED_AFTER = 24 * 3600.0
"""Seconds. A file is under its temporary name for as long as it takes to write it."""


def partial_name(path: Path) -> Path:
    """Return a new temporary name beside `path`, which tells the machine and the process that writes."""
    return path.with_name(f".{path.name}.{_machine()}-{os.getpid()}-{uuid.uuid4().hex[:8]}.partial")


def remove_abandoned(folder: Path, now: float) -> None:
    """Remove the temporary files of a folder that no living process writes.

    A process that is killed in the middle of a write leaves one. It is removed where its writer ran on this
    machine and is gone; or where it ran elsewhere, as on another node of a cluster, and the file is a day
    old. All others stay, those of the second writer of two at once among them. Nothing is locked, since not
    every shared file system has locks that hold between nodes, and HDF5 puts its own on what it writes.

    Parameters
    ----------
    folder : Path
        What to look through.
    now : float
        The time by the clock of the file system, such as ``st_ctime`` of a file that was just written: the
        clocks of two machines may differ.
    """
    for file in sorted(folder.iterdir()):
        name = _NAME.fullmatch(file.name)
        if name is None:
            continue
        if name["machine"] == _machine():
            abandoned = not _is_alive(int(name["process"]))
        else:
            abandoned = _is_older(file, now - _ABANDONED_AFTER)
        if abandoned:
            file.unlink(missing_ok=True)


def _is_older(file: Path, time: float) -> bool:
    try:
        # Not the time of modification: a link that is being made has that of its original.
        return file.stat().st_ctime < time
    except FileNotFoundError:
        return False


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@functools.cache
def _machine() -> str:
    """Return what the processes that see each other's numbers have in common, as 8 hexadecimal digits.

    Containers may share a host's name, and a machine counts its processes anew after a restart.
    """
    facts = [os.uname().nodename]
    boot, namespace = Path("/proc/sys/kernel/random/boot_id"), Path("/proc/self/ns/pid")
    if boot.is_file():
        facts.append(boot.read_text())
    if namespace.is_symlink():
        facts.append(str(namespace.readlink()))
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()[:8]
