"""Find in the log of a cell why its last run failed."""

from __future__ import annotations

import re
from pathlib import Path

from mushin.config.plan import CellName

_ERROR = "mushin: error: "
_DONE = "wrote "
_TRACEBACK = "Traceback (most recent call last):"
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_TAIL = 2**16
"""Bytes. An error stands at the end of a log, which may be long."""


def logs_folder(results: str) -> Path:
    """Return where the workflow logs what writes to a results folder, relative to the working directory.

    Examples
    --------
    >>> logs_folder("results/tabular").as_posix()
    'logs/results/tabular'
    """
    return Path("logs") / results.strip("/")


def log_file(results: str, cell: CellName, stage: str) -> Path:
    """Return where the workflow logs a stage of a cell, relative to the working directory.

    Examples
    --------
    >>> log_file("results", CellName("digits", "mlp", 0), "train").as_posix()
    'logs/results/train/digits/mlp/0.log'
    """
    folder = logs_folder(results) / stage
    return folder / cell.dataset / cell.method / f"{cell.seed}.log"


def last_error(log: Path) -> str:
    """Return the error that ended the run of a log; empty where there is none, or no log.

    Parameters
    ----------
    log : Path
        What a command printed.

    Returns
    -------
    str
        The first line of mushin's own error, or the exception of a method's own code, below its traceback.
    """
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - _TAIL))
            lines = _ANSI.sub("", file.read().decode(errors="replace")).splitlines()
    except OSError:
        return ""
    told = [line for line in lines if line.strip()]
    if not told or told[-1].startswith(_DONE):
        return ""
    own = next((line.removeprefix(_ERROR) for line in told if line.startswith(_ERROR)), "")
    return own or _raised(told)


def _raised(lines: list[str]) -> str:
    """Return the exception below the last traceback."""
    if _TRACEBACK not in lines:
        return ""
    last = len(lines) - 1 - lines[::-1].index(_TRACEBACK)
    return next((line for line in lines[last + 1 :] if not line[0].isspace()), "")
