"""Import once what training and evaluating need, and fork a process for every job that asks.

Run as ``python -m mushin.warm.server DESCRIPTOR PROCESS [LIBRARY …]`` by the first job of a run, with the
socket to listen on, the process whose end is the run's, and further modules to import.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import os
import selectors
import signal
import socket
import sys
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from mushin.entry import main_of_worker
from mushin.warm.forked import Job, become, leave
from mushin.warm.messages import other_side, receive_request, send_answer

_MODULES = (
    "netCDF4",
    "numpy",
    "torch",
    "torch._dynamo",
    "mushin.cli",
    "mushin.stages.evaluate",
    "mushin.stages.train",
    "mushin.training.gpu_lease",
)
_READ_AT_START = ("GOMP_", "KMP_", "LD_", "MKL_", "OMP_", "OPENBLAS_", "PYTHON", "TORCH")
"""How the variables begin that Python and the libraries read when they are loaded."""
_FAULTS_OF_LIBRARIES = (ImportError, OSError, AttributeError, RuntimeError)
"""What a library raises that is missing, lacks a shared one, or was built for another numpy."""
_PATIENCE = 10.0
"""Seconds that a client has for its request, which it sends at once."""


def main(arguments: Sequence[str]) -> None:
    """Serve a run until it is over; in a forked process, do the job."""
    descriptor, process, *libraries = arguments
    listener = socket.socket(fileno=int(descriptor))
    started_with = dict(os.environ)
    _load(libraries)
    job = Server(listener, int(process), started_with).serve()
    if job is None:
        leave(0)
    become(job, {name: value for name, value in os.environ.items() if name not in started_with})
    leave(main_of_worker(job.in_order))


def _load(libraries: Sequence[str]) -> None:
    """Import what jobs need; what cannot be imported is an error of the jobs, and theirs to report."""
    for module in _MODULES:
        importlib.import_module(module)
    _import_ahead(libraries)
    _tidy()


def _import_ahead(libraries: Sequence[str]) -> None:
    for module in libraries:
        try:
            importlib.import_module(module)
        except _FAULTS_OF_LIBRARIES as error:
            print(f"not imported ahead: {module}: {error}", file=sys.stderr, flush=True)


def _tidy() -> None:
    """Leave the workers no part in the past of this process, which would only cost them time."""
    import torch._dynamo.utils

    # What torch does at exit: take 170 registries apart, and sum the times of compilations.
    atexit.unregister(torch._dynamo.utils.dump_compile_times)
    for finalizer in list(weakref.finalize._registry):  # type: ignore[attr-defined]
        finalizer.atexit = False
    gc.collect()
    gc.freeze()  # The collector would touch all objects, and the kernel copy them for every worker.


@dataclass(frozen=True)
class _Worker:
    """A job's process, what tells its end, and the client that waits for it."""

    pid: int
    ended: int
    client: socket.socket


class _RefusedError(Exception):
    """Why a job has to start directly."""


class Server:
    """A loop that forks a process per request, and tells its client when it has ended.

    Parameters
    ----------
    listener : socket
        Where clients connect.
    process : int
        When this process ends, no further job is taken; the server ends with its last worker.
    environment : mapping
        What the libraries were loaded with.
    """

    def __init__(self, listener: socket.socket, process: int, environment: Mapping[str, str]) -> None:
        self._listener = listener
        self._is_over = False
        self._workers: list[_Worker] = []
        self._environment = _startup_variables(environment)
        # Unlike epoll, poll keeps nothing in the kernel that a forked process would share.
        self._selector = selectors.PollSelector()
        try:
            self._run = os.pidfd_open(process)
        except ProcessLookupError:
            self._is_over = True
        else:
            self._watch(self._run, self._end)
            self._watch(listener, self._accept)

    def serve(self) -> Job | None:
        """Serve until the run is over and return None; in a forked process, return what that has to do."""
        while self._workers or not self._is_over:
            for key, _ in self._selector.select():
                # What came before in this round may have closed it, or a new one may have its number.
                is_current = self._selector.get_map().get(key.fd) is key
                job: Job | None = key.data() if is_current else None
                if job is not None:
                    return job
        return None

    def _watch(self, readable: int | socket.socket, act: Callable[[], Job | None]) -> None:
        self._selector.register(readable, selectors.EVENT_READ, act)

    def _end(self) -> None:
        """Take no further job: whoever still asks starts directly."""
        self._is_over = True
        self._selector.unregister(self._run)
        self._selector.unregister(self._listener)
        self._listener.close()

    def _accept(self) -> Job | None:
        """Read a request and fork for it."""
        client, _ = self._listener.accept()
        client.settimeout(_PATIENCE)
        process, user = other_side(client)
        try:
            received = receive_request(client)
        except (TimeoutError, ConnectionResetError):
            received = None
        if received is None:
            client.close()
            return None
        request, descriptors = received
        try:
            self._check(process, user, request.environment)
            job = Job(request, descriptors, os.getpid(), os.getpgid(process))
            pid = os.fork()
        except (_RefusedError, OSError) as error:  # The client may have ended, or the memory.
            send_answer(client, refused=str(error))
            client.close()
        else:
            if pid == 0:
                client.close()
                self._forget()
                return job
            self._add(_Worker(pid, os.pidfd_open(pid), client))
        for descriptor in descriptors:
            os.close(descriptor)
        return None

    def _check(self, process: int, user: int, environment: Mapping[str, str]) -> None:
        """Refuse where a forked process would not be what the job expects."""
        if user != os.geteuid():
            raise _RefusedError("it belongs to another user")
        if os.getsid(process) != os.getsid(0):
            raise _RefusedError("it runs in another session")
        differing = _startup_variables(environment).items() ^ self._environment.items()
        if differing:
            names = ", ".join(sorted({name for name, _ in differing}))
            raise _RefusedError(f"libraries read at their start what differs now: {names}")
        if len(list(Path("/proc/self/task").iterdir())) > 1:
            raise _RefusedError(
                "a library that was imported ahead has started threads, which no fork survives"
            )

    def _add(self, worker: _Worker) -> None:
        self._workers.append(worker)
        self._watch(worker.ended, partial(self._bury, worker))
        self._watch(worker.client, partial(self._kill, worker))
        send_answer(worker.client, pid=worker.pid)

    def _bury(self, worker: _Worker) -> None:
        """Tell the client how its worker ended."""
        _, status, used = os.wait4(worker.pid, 0)
        self._workers.remove(worker)
        self._selector.unregister(worker.ended)
        os.close(worker.ended)
        if worker.client in self._selector.get_map():
            self._selector.unregister(worker.client)
        send_answer(worker.client, status=status, peak=used.ru_maxrss)
        worker.client.close()

    def _kill(self, worker: _Worker) -> None:
        """End the worker of a client that has gone away; clients send nothing more."""
        self._selector.unregister(worker.client)
        os.kill(worker.pid, signal.SIGKILL)

    def _forget(self) -> None:
        """Close, in a forked process, all that is the server's."""
        self._selector.close()
        self._listener.close()
        os.close(self._run)
        for worker in self._workers:
            os.close(worker.ended)
            worker.client.close()


def _startup_variables(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith(_READ_AT_START)}


if __name__ == "__main__":
    main(sys.argv[1:])
