"""Run what may hang, crash or be killed in a process of its own, and say what ended it."""

from __future__ import annotations

import ctypes
import faulthandler
import os
import signal
import sys
import traceback
from types import FrameType, TracebackType
from typing import Self

_LINUX_PR_SET_PDEATHSIG = 1
_GRACE = 1.0
"""Seconds between the traceback of a process that takes too long, and its end."""
_INTERRUPTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


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
        self._ends_in_order = -1

    def __enter__(self) -> Self:
        sys.stdout.flush()
        sys.stderr.flush()
        reading, self._ends_in_order = os.pipe()
        parent = os.getpid()
        child = os.fork()
        if child != 0:
            os.close(self._ends_in_order)
            raise SystemExit(_wait(child, reading, self._what, self._minutes))
        os.close(reading)
        _die_with(parent)
        faulthandler.enable()
        if self._minutes is not None:
            faulthandler.dump_traceback_later(60 * self._minutes)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None or issubclass(kind, Exception):
            os.write(self._ends_in_order, b".")
        elif issubclass(kind, SystemExit):
            traceback.print_exception(error)  # Python prints none for it.


def _die_with(parent: int) -> None:
    """Have the kernel end this process with the one that waits for it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_LINUX_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _wait(child: int, reading: int, what: str, minutes: float | None) -> int:
    """Wait for a process, complain about what ended it, and return the exit status."""
    timed_out = False

    def forward(number: int, frame: FrameType | None) -> None:
        os.kill(child, number)

    def end(number: int, frame: FrameType | None) -> None:
        nonlocal timed_out
        timed_out = True
        os.kill(child, signal.SIGKILL)

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # A terminal sends it to both.
    signal.signal(signal.SIGTERM, forward)
    signal.signal(signal.SIGHUP, forward)
    if minutes is not None:
        signal.signal(signal.SIGALRM, end)
        signal.setitimer(signal.ITIMER_REAL, 60 * minutes + _GRACE)
    _, wait_status, used = os.wait4(child, 0)
    signal.setitimer(signal.ITIMER_REAL, 0)
    status = os.waitstatus_to_exitcode(wait_status)
    if timed_out:
        _complain(
            f"{what}: ended after its time limit of {minutes:g} minutes; the traceback above shows where it"
            " was: mend that, or raise the limit (time_limit in conf/), and run again"
        )
    elif status < 0:
        _complain(_killed(what, signal.Signals(-status), used.ru_maxrss))
    elif not _ended_in_order(reading):
        _complain(
            f"{what}: its own code ended the process, with exit status {status} (sys.exit or os._exit): let"
            " it return or raise, and run again"
        )
        status = status or 1
    return status if status >= 0 else 128 - status


def _ended_in_order(reading: int) -> bool:
    os.set_blocking(reading, False)
    try:
        return os.read(reading, 1) == b"."
    except BlockingIOError:  # A process that the block started still runs.
        return False


def _killed(what: str, number: signal.Signals, peak: int) -> str:
    if number in _INTERRUPTS:
        return f"{what}: interrupted ({number.name}); what was complete is kept: run again to go on"
    if number is not signal.SIGKILL:
        return (
            f"{what}: crashed ({number.name}) in compiled code; the traceback above shows what called it:"
            " mend that, and run again"
        )
    megabytes = peak // (2**20 if sys.platform == "darwin" else 2**10)
    return (
        f"{what}: killed (SIGKILL) after it had used up to {megabytes} MB. Unless somebody killed it, memory"
        " ran out: use a smaller batch_size, fewer cells at a time (--cores), or on a cluster more mem_mb"
        " (resources in conf/), and run again"
    )


def _complain(message: str) -> None:
    print(f"mushin: error: {message}", file=sys.stderr, flush=True)
