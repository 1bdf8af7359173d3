"""Note who ran a stage of a cell, where, when and at what cost, in a file beside what it made."""

from __future__ import annotations

import json
import os
import platform
import shlex
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mushin.errors import CellError
from mushin.files import write_text
from mushin.layout import run_file
from mushin.provenance.cost import Cost
from mushin.provenance.git_state import GitState, git_state_of_mushin, read_git_state

FORMAT = "mushin-run/1"
COMMAND_VARIABLE = "MUSHIN_COMMAND"
"""The environment variable in which the workflow says what the user typed."""
_LONGEST = 2000


@dataclass(frozen=True)
class Run:
    """One run of a stage.

    Attributes
    ----------
    stage : str
        ``train``, ``evaluate`` or ``aggregate``.
    started, ended : str
        UTC, such as ``2026-01-31T09:00:00Z``; `ended` is empty while it runs.
    host : str
        The name of the machine.
    command : str
        What the user typed, with ``~`` for the home folder, at most 2000 characters.
    python, platform : str
        The version of Python, the operating system and the processor's architecture.
    study_git, mushin_git : GitState or None
        The commit of the working directory, and of mushin where it runs from a checkout.
    output_sha256 : str
        The hash of what the run made, which ties the note to the file; empty while it runs.
    cost : Cost or None
        What it cost, where that was measured.
    """

    stage: str
    started: str
    host: str
    command: str
    python: str
    platform: str
    study_git: GitState | None = None
    mushin_git: GitState | None = None
    ended: str = ""
    output_sha256: str = ""
    cost: Cost | None = None

    def header(self, subject: object, versions: Mapping[str, str]) -> str:
        """Return the line that opens a log."""
        packages = ", ".join(f"{name} {number}" for name, number in versions.items())
        git = "" if self.study_git is None else f", commit {self.study_git}"
        return (
            f"{self.stage} {subject}: {self.started} on {self.host}{git}, {packages}, Python {self.python}"
            f" ({self.command})"
        )


def start_run(stage: str) -> Run:
    """Note what is known when a stage begins.

    The commit is read here, since it is that of the code that is about to run.
    """
    return Run(
        stage=stage,
        started=_now(),
        host=platform.node(),
        command=_command(),
        python=platform.python_version(),
        platform=f"{platform.system()} {platform.release()} {platform.machine()}",
        study_git=read_git_state(Path.cwd()),
        mushin_git=git_state_of_mushin(),
    )


def end_run(run: Run, output_sha256: str, cost: Cost | None = None) -> Run:
    """Return the run as it stands when its output is written."""
    return replace(run, ended=_now(), output_sha256=output_sha256, cost=cost)


def write_run(folder: Path, run: Run, output_sha256: str, cost: Cost | None = None) -> None:
    """Write the note of a run that ends now into the folder of a cell, whole or not at all."""
    content = {"format": FORMAT, **asdict(end_run(run, output_sha256, cost))}
    write_text(run_file(folder, run.stage), json.dumps(content, indent=1, sort_keys=True) + "\n")


def read_run(folder: Path, stage: str) -> Run | None:
    """Read the note of a stage; None where there is none.

    Raises
    ------
    CellError
        The file is damaged, or of another format.
    """
    path = run_file(folder, stage)
    if not path.is_file():
        return None
    try:
        content: Any = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        raise CellError(f"{path}: damaged: not JSON; delete it, or run the cell again") from None
    return run_from(content, str(path))


def run_from(content: Any, where: str) -> Run:
    """Build a run from what a file holds.

    Raises
    ------
    CellError
        It is no note of a run.
    """
    if not isinstance(content, dict) or content.get("format", FORMAT) != FORMAT:
        raise CellError(f"{where}: no note of a run ({FORMAT}); delete it, or run the cell again")
    given = {key: value for key, value in content.items() if key != "format"}
    study, own = (_git_state(given.pop(key, None), where) for key in ("study_git", "mushin_git"))
    cost = _cost(given.pop("cost", None), where)
    texts = {entry.name for entry in fields(Run)} - {"study_git", "mushin_git", "cost"}
    if set(given) != texts or not all(isinstance(value, str) for value in given.values()):
        raise CellError(
            f"{where}: damaged: accepted are the texts {', '.join(sorted(texts))}; run the cell again"
        )
    return Run(**given, study_git=study, mushin_git=own, cost=cost)


def _cost(content: Any, where: str) -> Cost | None:
    if content is None:
        return None
    known = {entry.name for entry in fields(Cost)}
    if (
        not isinstance(content, dict)
        or set(content) != known
        or not all(_is_amount(content[name]) for name in known)
    ):
        raise CellError(f"{where}: damaged: a cost has {', '.join(sorted(known))}; run the cell again")
    return Cost(**content)


def _is_amount(value: object) -> bool:
    """Tell whether this is a number from 0, or none."""
    if value is None or isinstance(value, bool):
        return value is None
    return isinstance(value, (int, float)) and 0 <= value < float("inf")


def _git_state(content: Any, where: str) -> GitState | None:
    if content is None:
        return None
    kinds = {"commit": str, "dirty": bool}
    if not isinstance(content, dict) or {key: type(value) for key, value in content.items()} != kinds:
        raise CellError(
            f"{where}: damaged: a commit is a mapping with 'commit' and 'dirty'; run the cell again"
        )
    return GitState(**content)


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _command() -> str:
    """Return what the user typed: to Snakemake, where that runs the stage, or to Python."""
    typed = os.environ.get(COMMAND_VARIABLE) or shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]])
    return without_home(typed)[:_LONGEST]


def without_home(text: str) -> str:
    """Replace the home folder by ``~``: who reads the results need not know the account's name."""
    home = os.path.expanduser("~")  # noqa: PTH111 - Path.home() raises where there is none.
    return text.replace(home, "~") if len(home) > 1 else text
