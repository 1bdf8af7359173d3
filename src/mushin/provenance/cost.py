"""Measure what a stage of a cell costs: time, CPU time and memory."""

from __future__ import annotations

import resource
import sys
import time
from dataclasses import dataclass

_BYTES_OF_MAXRSS = 1 if sys.platform == "darwin" else 2**10


@dataclass(frozen=True)
class Cost:
    """What a stage cost.

    Attributes
    ----------
    seconds : float
        Wall-clock time.
    cpu_seconds : float or None
        CPU time of the process and of those that it started and waited for; None where the process did more
        than this stage.
    peak_memory_mb : float or None
        The most memory that the process held, torch and other libraries included, in units of 10**6 bytes;
        None as above.
    """

    seconds: float
    cpu_seconds: float | None = None
    peak_memory_mb: float | None = None


class Stopwatch:
    """Measure from now on; the import of libraries that came before does not count as time."""

    def __init__(self) -> None:
        self._began = time.perf_counter()
        self._cpu_before = _cpu_seconds()

    def cost(self) -> Cost:
        """Return what a process that did nothing else has cost since then, and its peak of memory."""
        peak = max(resource.getrusage(who).ru_maxrss for who in _SELF_AND_CHILDREN) * _BYTES_OF_MAXRSS
        return Cost(
            seconds=round(time.perf_counter() - self._began, 3),
            cpu_seconds=round(_cpu_seconds() - self._cpu_before, 3),
            peak_memory_mb=round(peak / 1e6, 1),
        )

    def time_only(self) -> Cost:
        """Return the time that a stage has taken since then, in a process that does other things too."""
        return Cost(seconds=round(time.perf_counter() - self._began, 3))


_SELF_AND_CHILDREN = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)


def _cpu_seconds() -> float:
    used = [resource.getrusage(who) for who in _SELF_AND_CHILDREN]
    return sum(each.ru_utime + each.ru_stime for each in used)
