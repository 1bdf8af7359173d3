"""Hand a command to a warm worker: the side of the process that was started for it."""

from __future__ import annotations

import errno
import json
import os
import signal
import socket
import sys
import time
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

from mushin.warm.messages import SIGNALS, Request, other_side, send_request
from mushin.warm.run import WarmRun

_SERVER = "mushin.warm.server"
_ATTEMPTS = 200
_PAUSE = 0.01
"""Seconds between two attempts to connect."""


@dataclass(frozen=True)
class WarmWorker:
    """A process that a server forked for this one; it ends with this one, and with the server.

    Attributes
    ----------
    pid : int
        Its number.
    in_order : int
        The reading end of the pipe into which it writes when it ends in order.
    """

    pid: int
    in_order: int
    _answers: BufferedReader

    def wait(self) -> tuple[int, int]:
        """Wait until it has ended; return its wait status and its peak memory, as ``ru_maxrss`` counts.

        Raises
        ------
        WorkerLostError
            The server ended first, and the worker with it.
        """
        line = self._answers.readline()
        if not line:
            from mushin.errors import WorkerLostError

            raise WorkerLostError(
                "the process that warm workers are forked from was killed, and this one with it; run again,"
                " or without it: --config overrides=resources.warm_workers=false"
            )
        answer = json.loads(line)
        return answer["status"], answer["peak"]


def start_warm_worker(words: list[str]) -> WarmWorker | None:
    """Have a command run in a warm worker of this process's run.

    The worker has the standard streams, the working directory, the environment and the process group of this
    process. The first job of a run starts the server.

    Parameters
    ----------
    words : list of str
        ``sys.argv``.

    Returns
    -------
    WarmWorker or None
        None where there can be none: outside of a run, where a job has several threads (the libraries read
        their number when they are loaded), on other systems than Linux, or with a note on standard error
        where the server is gone or refuses. The command then has to run in this process.
    """
    run = WarmRun.of_environment(os.environ)
    if run is None or sys.platform != "linux" or os.environ.get("OMP_NUM_THREADS") != "1":
        return None
    reading, writing = os.pipe()
    try:
        ignored = [number for number in SIGNALS if signal.getsignal(number) is signal.SIG_IGN]
        request = Request(words, str(Path.cwd()), dict(os.environ), ignored)
        found = _ask(run, request, writing)
    except (BrokenPipeError, ConnectionResetError):
        found = f"its server has ended; see {run.log}"
    except OSError as error:
        found = str(error)
    finally:
        os.close(writing)
    if isinstance(found, str):
        os.close(reading)
        print(f"mushin: no warm worker, so this starts directly: {found}", file=sys.stderr)
        return None
    pid, answers = found
    return WarmWorker(pid, reading, answers)


def _ask(run: WarmRun, request: Request, in_order: int) -> tuple[int, BufferedReader] | str:
    """Return the worker's number and where its end will be told; or why there is none."""
    connection = _connect(run)
    if other_side(connection)[1] != os.geteuid():
        return "its server is another user's"
    send_request(connection, request, [0, 1, 2, in_order])
    answers = connection.makefile("rb")
    line = answers.readline()
    if not line:
        return f"its server has ended; see {run.log}"
    answer = json.loads(line)
    return str(answer["refused"]) if "refused" in answer else (answer["pid"], answers)


def _connect(run: WarmRun) -> socket.socket:
    """Connect to the server of a run, which the first to come starts."""
    with socket.socket(socket.AF_UNIX) as listener:
        if _is_first(listener, run.address):
            listener.listen(socket.SOMAXCONN)
            _start_server(run, listener)
        for _ in range(_ATTEMPTS):
            connection = socket.socket(socket.AF_UNIX)
            try:
                connection.connect(run.address)
            except ConnectionRefusedError:  # Another one comes first, and does not listen yet.
                connection.close()
                time.sleep(_PAUSE)
            else:
                return connection
    raise TimeoutError(f"its server does not listen; see {run.log}")


def _is_first(listener: socket.socket, address: str) -> bool:
    try:
        listener.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return False
        raise
    return True


def _start_server(run: WarmRun, listener: socket.socket) -> None:
    import subprocess

    Path(run.log).parent.mkdir(parents=True, exist_ok=True)
    with Path(run.log).open("ab") as log:
        subprocess.Popen(
            [sys.executable, "-m", _SERVER, str(listener.fileno()), str(run.process), *run.libraries],
            pass_fds=[listener.fileno()],
            process_group=0,  # Ctrl-C is for the jobs; the server ends with the run.
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
