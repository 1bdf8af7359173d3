"""Start the command that the shell gave; one that computes a cell in a process of its own, forked or warm.

Only what a job of the workflow needs is imported before its process is there.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from mushin.process_watch import complain, time_limit_variable, wait_for

_COMPUTING = ("train", "evaluate")


def main_of_process() -> int:
    """Run the command of ``sys.argv`` and return its exit status."""
    if _is_job(sys.argv[1:]):
        status = _run_in_worker(sys.argv[1], f"cell {sys.argv[2]}")
        if status is not None:
            return status
    from mushin.cli import parse_command, run_command

    arguments = parse_command()
    if not hasattr(arguments, "time_limit") or arguments.cell is None:
        return run_command(arguments)
    from mushin.watched_process import WatchedProcess

    with WatchedProcess(f"cell {arguments.cell}", minutes=arguments.time_limit):
        return run_command(arguments)


def main_of_worker(in_order: int) -> int:
    """Run the command of ``sys.argv`` in a process that another one waits for.

    Parameters
    ----------
    in_order : int
        The pipe that tells that one of an end in order.
    """
    from mushin.cli import parse_command, run_command
    from mushin.watched_process import WatchedBlock

    arguments = parse_command()
    with WatchedBlock(in_order, minutes=arguments.time_limit):
        return run_command(arguments)


def _is_job(words: Sequence[str]) -> bool:
    """Tell whether a command is as the rules give it: its cell first, its time limit in the environment."""
    return (
        len(words) > 1
        and words[0] in _COMPUTING
        and not words[1].startswith("-")
        and not any(word.startswith(("-h", "--h", "--t")) for word in words)
    )


def _run_in_worker(rule: str, what: str) -> int | None:
    """Return the exit status of a warm worker; None where there can be none."""
    from mushin.warm.client import start_warm_worker

    worker = start_warm_worker(sys.argv)
    if worker is None:
        return None
    from mushin.errors import WorkerLostError

    limit = os.environ.get(time_limit_variable(rule))
    try:
        return wait_for(worker, worker.in_order, what, float(limit) if limit else None)
    except WorkerLostError as error:
        complain(f"{what}: {error}")
        return 1
