"""Wait for the process that computes a cell, pass signals on to it, and say in one line what ended it."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType
from typing import Protocol

from mushin.colours import paint_for

_GRACE = 1.0
"""Seconds between the traceback of a process that takes too long, and its end."""
_INTERRUPTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def time_limit_variable(rule: str) -> str:
    """Name the environment variable in which the workflow gives the minutes that a cell may take."""
    return f"MUSHIN_{rule.upper()}_TIME_LIMIT"


class Watchable(Protocol):
    """A running process."""

    @property
    def pid(self) -> int:
        """Its number, for signals."""

    def wait(self) -> tuple[int, int]:
        """Wait until it has ended; return its wait status and its peak memory, as ``ru_maxrss`` counts."""


def wait_for(process: Watchable, in_order: int, what: str, minutes: float | None) -> int:
    """Wait for a process, complain about what ended it unless that was in order, and return the exit status.

    Parameters
    ----------
    process : Watchable
        The process.
    in_order : int
        The reading end of a pipe, into which the process writes when it ends in order.
    what : str
        What runs, for the message.
    minutes : float or None
        After this time it is ended.
    """
    timed_out = False

    def forward(number: int, frame: FrameType | None) -> None:
        os.kill(process.pid, number)

    def end(number: int, frame: FrameType | None) -> None:
        nonlocal timed_out
        timed_out = True
        os.kill(process.pid, signal.SIGKILL)

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # A terminal sends it to both.
    signal.signal(signal.SIGTERM, forward)
    signal.signal(signal.SIGHUP, forward)
    if minutes is not None:
        signal.signal(signal.SIGALRM, end)
        signal.setitimer(signal.ITIMER_REAL, 60 * minutes + _GRACE)
    wait_status, peak = process.wait()
    signal.setitimer(signal.ITIMER_REAL, 0)
    status = os.waitstatus_to_exitcode(wait_status)
    if timed_out:
        complain(
            f"{what}: ended after its time limit of {minutes:g} minutes; the traceback above shows where it"
            " was: mend that, or raise the limit (time_limit in conf/), and run again"
        )
    elif status < 0:
        complain(_killed(what, signal.Signals(-status), peak))
    elif not _ended_in_order(in_order):
        complain(
            f"{what}: its own code ended the process, with exit status {status} (sys.exit or os._exit): let"
            " it return or raise, and run again"
        )
        status = status or 1
    return status if status >= 0 else 128 - status


def _ended_in_order(in_order: int) -> bool:
    os.set_blocking(in_order, False)
    try:
        return os.read(in_order, 1) == b"."
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


def complain(message: str) -> None:
    """Print an error of the waiting process."""
    opening = paint_for(sys.stderr)("mushin: error:", "red")
    print(f"{opening} {message}", file=sys.stderr, flush=True)
