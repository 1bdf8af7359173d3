"""Keep a second Study out of a results folder while one runs."""

from __future__ import annotations

import errno
import fcntl
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mushin.errors import BusyError
from mushin.files import naming_storage

_LOCK = ".study.lock"
_WITHOUT_LOCKS = (errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)


@contextmanager
def only_run(results: Path) -> Iterator[None]:
    """Hold the lock of a results folder, which ends with the process, however that ends.

    Two Studies at once would train every cell twice, and may write each other's checkpoints.

    Parameters
    ----------
    results : Path
        The folder; it is made if it is missing. The lock is on a file in it, and holds between the nodes of
        a shared file system where that has locks.

    Raises
    ------
    BusyError
        Another process holds it.
    StorageError
        The folder cannot be written to.

    Warns
    -----
    UserWarning
        The file system has no locks.
    """
    path = results / _LOCK
    with naming_storage(path):
        results.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        _lock(descriptor, results)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, results: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise BusyError(
            f"{results}: another Study runs in this folder; wait until it ends and run again, which repeats"
            " nothing, or give this one a working_dir of its own"
        ) from None
    except OSError as error:
        if error.errno not in _WITHOUT_LOCKS:
            raise
        warnings.warn(
            f"{results}: this file system has no locks, so nothing keeps a second Study from running here;"
            " see to it that there is one at a time",
            UserWarning,
            stacklevel=5,
        )
