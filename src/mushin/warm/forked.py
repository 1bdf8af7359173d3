"""Make a freshly forked process the one that a job would have been if it had been started directly."""

from __future__ import annotations

import atexit
import importlib
import os
import signal
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from mushin.warm.messages import SIGNALS, Request
from mushin.watched_process import die_with


@dataclass(frozen=True)
class Job:
    """What a forked process has to become.

    Attributes
    ----------
    request : Request
        The command, its folder and its environment.
    descriptors : list of int
        Standard input, output and error, and the pipe for an end in order.
    server : int
        The process that forked it.
    group : int
        The process group of the client, which Ctrl-C reaches.
    """

    request: Request
    descriptors: list[int]
    server: int
    group: int

    @property
    def in_order(self) -> int:
        """The pipe into which the process writes when it ends in order."""
        return self.descriptors[3]


def become(job: Job, of_libraries: Mapping[str, str]) -> None:
    """Take over the job's streams, signals, folder, environment, arguments, process group and fate.

    Parameters
    ----------
    job : Job
        The job.
    of_libraries : mapping
        The variables that libraries set when they were loaded, as they would have in the job.
    """
    die_with(job.server)
    os.setpgid(0, job.group)
    for number, descriptor in enumerate(job.descriptors[:3]):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.set_inheritable(job.in_order, False)
    _open_streams()
    for number in SIGNALS:
        default = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
        signal.signal(number, signal.SIG_IGN if number in job.request.ignored else default)
    os.chdir(job.request.folder)
    os.environ.clear()
    os.environ.update({**of_libraries, **job.request.environment})
    sys.argv[:] = job.request.words
    if not sys.flags.safe_path:
        sys.path[0] = job.request.folder
    importlib.invalidate_caches()
    _reseed()


def _open_streams() -> None:
    """Open the standard streams anew: those of the server were made for other kinds of files."""
    encoding, errors = sys.stdout.encoding, sys.stdout.errors
    sys.stdin = open(0, encoding=encoding, errors=errors, closefd=False)  # noqa: SIM115
    buffering = 1 if os.isatty(1) else -1
    sys.stdout = open(1, "w", buffering, encoding, errors, closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", 1, encoding, "backslashreplace", closefd=False)  # noqa: SIM115


def _reseed() -> None:
    """Give numpy a random state of its own; Python sees to its own, and torch begins from a constant."""
    import numpy as np

    np.random.seed()  # noqa: NPY002 the state that users' code may use


def leave(status: int) -> NoReturn:
    """End the process as the interpreter would, but without taking its modules apart.

    That touches nearly all memory, which the kernel would have to copy for it. Forked processes of
    `multiprocessing` end in the same way.
    """
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
