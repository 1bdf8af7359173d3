"""Run what may hang, crash or be killed in a process of its own, and say what ended it."""

from __future__ import annotations

import ctypes
import faulthandler
import os
import signal
import sys
import traceback
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from mushin.process_watch import wait_for

_LINUX_PR_SET_PDEATHSIG = 1


class WatchedProcess:
    """A block that runs in a process of its own, while the one that entered it waits.

    Entering forks: the new process runs the block and all that follows; the old one never gets there, but
    leaves with `SystemExit` when the new one has ended. Unless that ended in order, by returning or by an
    `Exception`, the old one prints one line that says what did, and what to do. Enter it before threads run
    and before large modules are imported.

    Parameters
    ----------
    what : str
        What runs, for the message.
    minutes : float, optional
        After this time the process is ended, wherever it hangs, and shows in a traceback where that was.

    Notes
    -----
    What a shell or Snakemake sees does not change: signals reach the block, its output and its exit status
    come through, and where the waiting process is killed, so is the other one (on Linux).
    """

    def __init__(self, what: str, *, minutes: float | None = None) -> None:
        self._what = what
        self._minutes = minutes
        self._block: WatchedBlock | None = None

    def __enter__(self) -> Self:
        sys.stdout.flush()
        sys.stderr.flush()
        reading, writing = os.pipe()
        parent = os.getpid()
        child = os.fork()
        if child != 0:
            os.close(writing)
            raise SystemExit(wait_for(_Child(child), reading, self._what, self._minutes))
        os.close(reading)
        die_with(parent)
        self._block = WatchedBlock(writing, minutes=self._minutes)
        self._block.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._block is not None
        self._block.__exit__(kind, error, trace)


class WatchedBlock:
    """A block of a process that another one waits for: that one learns whether it ended in order.

    Parameters
    ----------
    in_order : int
        The writing end of the pipe that tells.
    minutes : float, optional
        After this time the process shows in a traceback where it is; the waiting one ends it.
    """

    def __init__(self, in_order: int, *, minutes: float | None = None) -> None:
        self._in_order = in_order
        self._minutes = minutes

    def __enter__(self) -> Self:
        faulthandler.enable()
        if self._minutes is not None:
            faulthandler.dump_traceback_later(60 * self._minutes)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None or issubclass(kind, Exception):
            os.write(self._in_order, b".")
        elif issubclass(kind, SystemExit):
            traceback.print_exception(error)  # Python prints none for it.


@dataclass(frozen=True)
class _Child:
    """A process that this one started."""

    pid: int

    def wait(self) -> tuple[int, int]:
        _, status, used = os.wait4(self.pid, 0)
        return status, used.ru_maxrss


def die_with(parent: int) -> None:
    """Have the kernel end this process with the one that waits for it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_LINUX_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
