"""Start `mushin`, `snakemake` and `python` as forks of one process that has imported what they import.

The imports of torch, xarray and Snakemake take seconds for each command; here they take them once. A fork
sees the arguments, the working directory, the environment and the open files of whoever asked for it.
"""

from __future__ import annotations

import json
import os
import runpy
import signal
import socket
import sys
import traceback
from pathlib import Path

IMPORTED = (
    "matplotlib.backends.backend_svg",
    "mushin.cli",
    "mushin.stages.aggregate",
    "mushin.stages.evaluate",
    "mushin.stages.plot",
    "mushin.stages.report",
    "mushin.stages.score",
    "mushin.stages.train",
    "mushin.study",
    "mushin.watched_process",
    "sklearn.datasets",
    "snakemake.cli",
    "torch._dynamo",
)


def main(where: str) -> None:
    """Serve requests until standard input ends."""
    for name in IMPORTED:
        __import__(name)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(where)
        listening.listen(64)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # Nobody waits for the forks.
        print("ready", flush=True)
        while True:
            connection, _ = listening.accept()
            if os.fork() == 0:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                listening.close()
                _serve(connection)
            connection.close()


def _serve(connection: socket.socket) -> None:
    """Run one command, send its status back, and end."""
    request, files, _, _ = socket.recv_fds(connection, 1 << 20, 3)
    asked = json.loads(request)
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    sys.stdin, sys.stdout, sys.stderr = (os.fdopen(number, mode, 1) for number, mode in enumerate("rww"))
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    os.environ.pop("MUSHIN_WARM_RUN", None)  # A job of Snakemake is forked here.
    serving, status = os.getpid(), 1
    try:
        status = _run(asked["command"])
        sys.stdout.flush()
    except BrokenPipeError:  # As with head.
        pass
    finally:
        if os.getpid() == serving:  # A command forks, too.
            connection.sendall(str(status).encode())
        os._exit(status)


def _run(command: list[str]) -> int:
    """Do what a command does, and return its exit status."""
    program, *arguments = command
    if program == "python" and arguments[:2] == ["-m", "mushin"]:
        program, arguments = "mushin", arguments[2:]
    sys.argv = [program, *arguments]
    try:
        if program == "mushin":
            from mushin.entry import main_of_process

            return main_of_process() or 0
        if program == "snakemake":
            from snakemake.cli import main as snakemake

            # Its jobs run the Python beside the one that runs it.
            sys.executable = str(Path(os.environ["WARM_PROGRAMS"]) / "python")
            snakemake(arguments)
            return 0
        if arguments[0].startswith("-"):
            os.execv(sys.executable, [sys.executable, *arguments])
        sys.argv = arguments
        sys.path.insert(0, str(Path(arguments[0]).parent.resolve()))
        runpy.run_path(arguments[0], run_name="__main__")
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    main(sys.argv[1])
