"""Hand the jobs of a sweep to Hydra, and leave Hydra's global state as it was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hydra import initialize
from hydra._internal.callbacks import Callbacks
from hydra.core.config_store import ConfigStore
from hydra.core.global_hydra import GlobalHydra
from hydra.core.plugins import Plugins
from hydra.core.singleton import Singleton
from hydra.core.utils import JobStatus
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext, RunMode
from omegaconf import DictConfig

from mushin.sweeps.grid import Grid, Job
from mushin.sweeps.job import RunTask
from mushin.sweeps.launchers import is_basic, launcher_overrides
from mushin.sweeps.override_text import override, without_interpolations

JOBS = "jobs"
"""The folder of the jobs' folders."""

_CONFIG = "mushin_sweep"


def launch(
    jobs: Sequence[Job],
    grid: Grid,
    task: RunTask,
    *,
    working_dir: Path,
    launcher: str | Mapping[str, Any] | None,
    stop_at_failure: bool,
) -> None:
    """Run jobs with one of Hydra's launchers; each leaves its outcome in its folder.

    With Hydra's own launcher, the first failure ends the sweep if asked to; the other launchers start
    all jobs at once.
    """
    chosen = launcher_overrides(launcher)
    options = [
        *chosen,
        # Hydra would configure the logging of the whole process; the job logs to its folder by itself.
        "hydra/hydra_logging=none",
        "hydra/job_logging=none",
        "hydra.mode=MULTIRUN",
        "hydra.job.chdir=false",
        override("hydra.sweep.dir", str(working_dir)),
    ]
    with _hydra_session(task.name, grid):
        started = _launcher(task, options)
        batches = [[job] for job in jobs] if stop_at_failure and is_basic(launcher) else [jobs]
        for number, batch in enumerate(batches):
            returns = started.launch([_overrides(job) for job in batch], initial_job_idx=number)
            if stop_at_failure and any(done.status is not JobStatus.COMPLETED for done in returns):
                return


def _overrides(job: Job) -> list[str]:
    subfolder = override("hydra.sweep.subdir", f"{JOBS}/{job.folder}")
    return [*(override(name, value) for name, value in job.point.items()), subfolder]


def _launcher(task: RunTask, options: list[str]) -> Launcher:
    """Set up a launcher as Hydra's own sweepers do."""
    hydra = GlobalHydra.instance().hydra
    assert hydra is not None
    config: DictConfig = hydra.compose_config(
        config_name=_CONFIG,
        overrides=options,
        run_mode=RunMode.MULTIRUN,
        from_shell=False,
        with_log_configuration=False,
    )
    context = HydraContext(config_loader=hydra.config_loader, callbacks=Callbacks(config))
    return Plugins.instance().instantiate_launcher(hydra_context=context, task_function=task, config=config)


@contextmanager
def _hydra_session(name: str, grid: Grid) -> Iterator[None]:
    """Initialize Hydra on the sweep's parameters, and leave a surrounding Hydra application as it was."""
    state = Singleton.get_state()
    store = ConfigStore.instance()
    repo = store.repo
    try:
        GlobalHydra.instance().clear()
        # A config group of the surrounding application, named like a parameter, would take its values for
        # options of the group.
        store.repo = {"hydra": repo["hydra"]}
        store.store(_CONFIG, without_interpolations(grid.outline()), provider="mushin")
        with initialize(version_base="1.3", config_path=None, job_name=name):
            yield
    finally:
        # A surrounding sweep goes on to read this store, not the copy that set_state puts in its place.
        store.repo = repo
        Singleton.set_state(state)
