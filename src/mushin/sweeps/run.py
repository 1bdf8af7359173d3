"""Run a sweep: check what is asked for, launch what is missing, read what is there."""

from __future__ import annotations

import itertools
import re
import warnings
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from mushin.errors import ConfigError, SweepError, unknown_name
from mushin.fingerprint import fingerprint
from mushin.sweeps.arguments import read_grid
from mushin.sweeps.grid import Job
from mushin.sweeps.job import RunTask
from mushin.sweeps.job_files import JobFailure, read_result
from mushin.sweeps.launch import JOBS, launch
from mushin.sweeps.launchers import launcher_overrides
from mushin.sweeps.manifest import Manifest, read_manifest, write_manifest
from mushin.sweeps.result import SweepResult, finished_result, read_sweep

ON_ERROR = ("raise", "skip")


def run_sweep(
    task: Callable[..., Any],
    parameters: Mapping[str, Any],
    *,
    name: str,
    working_dir: str | Path | None,
    launcher: str | Mapping[str, Any] | None,
    on_error: str,
    resume: bool,
) -> SweepResult:
    """Run a task over a grid; see `MultiRunMetricsWorkflow.run`."""
    if on_error not in ON_ERROR:
        raise unknown_name("on_error", str(on_error), ON_ERROR)
    if not isinstance(resume, bool):
        raise ConfigError(f"resume is {resume!r}; accepted: True or False")
    grid = read_grid(task, parameters)
    launcher_overrides(launcher)
    name = re.sub(r"\W+", "_", name)
    manifest = Manifest(name, fingerprint(task).digest, grid)
    folder = _folder(working_dir, resume)
    pending = _pending(folder, manifest, resume)
    write_manifest(folder, manifest)
    if pending:
        with _HintToResume(folder):
            launch(
                pending,
                grid,
                RunTask(task, name, manifest.source),
                working_dir=folder,
                launcher=launcher,
                stop_at_failure=on_error == "raise",
            )
    result = read_sweep(folder)
    if on_error == "raise" and result.failures:
        raise _failed(result.failures, folder)
    if on_error == "raise" and result.unfinished:
        raise SweepError(
            f"{len(result.unfinished)} jobs left neither a result nor a failure, the first of them "
            f"{Job(result.unfinished[0], {})}; go on with resume=True and working_dir={str(folder)!r}"
        )
    return result


def _folder(working_dir: str | Path | None, resume: bool) -> Path:
    """Return the absolute folder of the sweep; by default a new one, named like Hydra's own by the time."""
    if working_dir is None:
        if resume:
            raise ConfigError("resume=True needs the working_dir of the sweep to go on with")
        return _new_folder(Path.cwd() / "multirun" / f"{datetime.now():%Y-%m-%d/%H-%M-%S}")
    folder = Path(working_dir).absolute()
    if "${" in str(folder):
        raise ConfigError(f"working_dir {str(folder)!r} holds '${{', which Hydra takes for a reference")
    if folder.exists() and not folder.is_dir():
        raise ConfigError(f"working_dir {folder} is a file; name a folder")
    return folder


def _new_folder(wanted: Path) -> Path:
    """Make a folder that no other sweep has."""
    wanted.parent.mkdir(parents=True, exist_ok=True)
    for number in itertools.count():
        folder = wanted.with_name(f"{wanted.name}-{number}") if number else wanted
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        return folder
    raise AssertionError("unreachable: itertools.count() has no end")


def _pending(folder: Path, manifest: Manifest, resume: bool) -> list[Job]:
    """Return the jobs to run: all of a new sweep, those without a usable result of an earlier one."""
    earlier = read_manifest(folder)
    jobs = manifest.grid.jobs
    if earlier is None:
        return list(jobs)
    if not resume:
        raise ConfigError(
            f"working_dir {folder} holds a sweep of {earlier.task!r} already; "
            "go on with it by resume=True, or name another folder"
        )
    if earlier.task != manifest.task:
        raise ConfigError(
            f"working_dir {folder} holds a sweep of {earlier.task!r}, not of {manifest.task!r}; "
            "name another folder"
        )
    pending = [job for job in jobs if finished_result(folder, job, manifest.source) is None]
    outdated = sum(read_result(folder / JOBS / job.folder) is not None for job in pending)
    if outdated:
        warnings.warn(
            f"task {manifest.task!r} has changed since {outdated} of {len(jobs)} jobs were run; "
            "these run again",
            stacklevel=4,
        )
    return pending


def _failed(failures: tuple[JobFailure, ...], folder: Path) -> SweepError:
    first = failures[0]
    job = Job(first.parameters, {})
    more = f" (and {len(failures) - 1} more failed)" if len(failures) > 1 else ""
    error = SweepError(
        f"job {job} failed: {first.exception}: {first.message}{more}. What is finished is kept: "
        f"fix the cause and go on with resume=True and working_dir={str(folder)!r}, or take the rest with "
        "on_error='skip'"
    )
    error.add_note(f"{first.traceback}:\n{first.traceback.read_text(encoding='utf-8')}")
    return error


class _HintToResume:
    """Add to whatever ends a sweep early how to go on with it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if error is not None:
            error.add_note(
                f"What is finished is kept: go on with resume=True and working_dir={str(self.folder)!r}."
            )
