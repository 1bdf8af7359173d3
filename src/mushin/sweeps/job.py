"""Run one job of a sweep, in whichever process Hydra launches it."""

from __future__ import annotations

import contextlib
import copy
import logging
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf

from mushin.errors import SweepError
from mushin.sweeps.job_files import JobResult, forget_outcome, write_failure, write_result
from mushin.sweeps.returned import read_returned

_LOG_FORMAT = "[%(asctime)s][%(name)s][%(levelname)s] - %(message)s"


@dataclass(frozen=True)
class RunTask:
    """The function that Hydra calls for each job; it goes to other processes by pickle.

    Attributes
    ----------
    task : callable
        What the author of the sweep wrote.
    name : str
        Its name, for the log file.
    source : str
        Its digest.
    """

    task: Callable[..., Any]
    name: str
    source: str

    def __call__(self, config: DictConfig) -> None:
        """Call the task with the job's configuration, and leave a result or a failure in the job's folder.

        Raises
        ------
        SweepError
            The task raised. What it raised need not survive pickling, and so stays in the folder.
        """
        folder = Path(HydraConfig.get().runtime.output_dir)
        parameters: Any = OmegaConf.to_container(config, resolve=True)
        with _FailureWritten(folder), _logging_to(folder / f"{self.name}.log"), contextlib.chdir(Path.cwd()):
            forget_outcome(folder)
            metrics = read_returned(self.task(**copy.deepcopy(parameters)))
            write_result(folder, JobResult(parameters, self.source, metrics))


class _FailureWritten:
    """Write down what the body raises, and let Hydra see a `SweepError` in its place.

    Hydra's own ``run_job`` is what keeps one job's exception from ending the sweep.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> Literal[False]:
        # A task that calls sys.exit() has failed; an interrupt is meant for the sweep.
        if isinstance(error, Exception | SystemExit):
            write_failure(self.folder, error, "".join(traceback.format_exception(error)))
            raise SweepError(f"{type(error).__name__}: {error}") from None
        return False


@contextlib.contextmanager
def _logging_to(file: Path) -> Iterator[None]:
    """Copy what is logged to a file of the job.

    Hydra would configure the logging of the whole process for each job, and leave it so.
    """
    root = logging.getLogger()
    level = root.level
    handler = logging.FileHandler(file, encoding="utf-8", errors="backslashreplace")
    handler.setFormatter(logging.Formatter(_LOG_FORMAT))
    root.addHandler(handler)
    root.setLevel(min(level, logging.INFO))
    try:
        yield
    finally:
        root.setLevel(level)
        root.removeHandler(handler)
        handler.close()
