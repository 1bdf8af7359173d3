"""The two ways to write a sweep: a class with a task, and a decorated function."""

from __future__ import annotations

import functools
import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar

from mushin.errors import ConfigError, SweepError
from mushin.sweeps.arguments import merge_parameters
from mushin.sweeps.job_files import JobFailure
from mushin.sweeps.result import SweepResult, read_sweep
from mushin.sweeps.run import run_sweep

if TYPE_CHECKING:
    import pandas as pd

    from mushin.labelled import ResultsDataset

P = ParamSpec("P")
R = TypeVar("R")


class _Sweepable(ABC):
    """What has a task to run over a grid, and keeps what the last sweep of it found."""

    _result: SweepResult | None = None

    @abstractmethod
    def _task(self) -> Callable[..., Any]:
        """Return the function that runs one job."""

    @abstractmethod
    def _name(self) -> str:
        """Return how messages and log files call the task."""

    def run(
        self,
        /,
        *,
        params: Mapping[str, Any] | None = None,
        working_dir: str | Path | None = None,
        launcher: str | Mapping[str, Any] | None = None,
        on_error: str = "raise",
        resume: bool = False,
        **parameters: Any,
    ) -> SweepResult:
        """Run the task once for each combination of the parameters that vary.

        Parameters
        ----------
        params : mapping, optional
            Further parameters by name: for one that is called like an option of this method, say.
        working_dir : path, optional
            Where to store the sweep. By default a new folder ``multirun/DATE/TIME``.
        launcher : str or mapping, optional
            A launcher of Hydra: ``"joblib"``, ``"submitit_local"``, ``"submitit_slurm"``, or one with
            options, ``{"name": "joblib", "n_jobs": 4}``. By default the jobs run one after the other in this
            process.
        on_error : {"raise", "skip"}
            ``raise`` ends the sweep at the first job that fails; with a launcher that starts all jobs at
            once, when these have ended. ``skip`` goes on and lists them in `failures`.
        resume : bool
            Go on with the sweep in `working_dir`: run only the jobs without a result of the same parameters
            and the same version of the task. Values may have been added. Without it, a folder that holds a
            sweep is refused.
        **parameters
            ``multirun([...])`` varies, ``hydra_list([...])`` is a list as one value, anything else is one
            value. Dotted names are keys of a parameter that is a dict: ``**{"optimizer.lr": 0.1}``.

        Returns
        -------
        SweepResult
            What the sweep has found; `to_xarray` and the like of this object read it as well.

        Raises
        ------
        ConfigError
            A parameter or an option is wrong; nothing has run.
        SweepError
            A job failed; the message names its parameters and how to go on.
        """
        options = {"working_dir": working_dir, "launcher": launcher, "on_error": on_error, "resume": resume}
        task = self._task()
        given = merge_parameters(task, params, options, parameters)
        self._result = None
        self._result = run_sweep(
            task,
            given,
            name=self._name(),
            working_dir=working_dir,
            launcher=launcher,
            on_error=on_error,
            resume=resume,
        )
        return self._result

    @staticmethod
    def load(working_dir: str | Path) -> SweepResult:
        """Return what an earlier or a killed sweep has found so far; no job runs.

        Raises
        ------
        SweepError
            The folder holds no sweep.
        """
        return read_sweep(Path(working_dir).absolute())

    @property
    def failures(self) -> tuple[JobFailure, ...]:
        """The jobs of the last sweep that raised."""
        return self._last().failures

    def to_xarray(
        self,
        *,
        metrics: Iterable[str] | None = None,
        dims: Mapping[str, str | Sequence[str]] | None = None,
        higher_is_better: Mapping[str, bool] | None = None,
    ) -> ResultsDataset:
        """Return the last sweep as a Dataset, as `SweepResult.to_xarray` does."""
        return self._last().to_xarray(metrics=metrics, dims=dims, higher_is_better=higher_is_better)

    def to_dataframe(self) -> pd.DataFrame:
        """Return the last sweep with one row per job, as `SweepResult.to_dataframe` does."""
        return self._last().to_dataframe()

    def _last(self) -> SweepResult:
        if self._result is None:
            raise SweepError(
                "no sweep has run to its end here; call run(...), or load(working_dir) for an earlier one"
            )
        return self._result


class MultiRunMetricsWorkflow(_Sweepable):
    """A task that is run once for each combination of its parameters, with Hydra.

    Write a subclass with a static method `task`, which takes the parameters by name and returns a dict of
    metrics. Each job has a folder ``jobs/…`` in `working_dir`, with its configuration (``.hydra/``), its log
    and its result.

    Examples
    --------
    >>> import tempfile
    >>> from mushin import MultiRunMetricsWorkflow, multirun
    >>> class Line(MultiRunMetricsWorkflow):
    ...     @staticmethod
    ...     def task(slope, seed):
    ...         return {"height": 10 * slope + seed}
    >>> workflow = Line()
    >>> result = workflow.run(
    ...     slope=multirun([0.1, 0.2]), seed=multirun([0, 1]), working_dir=tempfile.mkdtemp()
    ... )
    >>> workflow.to_xarray()["height"].values.tolist()
    [[1.0, 2.0], [2.0, 3.0]]
    """

    @staticmethod
    def task(*args: Any, **parameters: Any) -> Mapping[str, Any]:
        """Run one job and return its metrics; every subclass defines it.

        Values may be numbers, bool, str, None, and arrays, tensors or nested lists.
        """
        raise NotImplementedError("a subclass defines task")

    def _task(self) -> Callable[..., Any]:
        found = inspect.getattr_static(type(self), "task")
        if found is vars(MultiRunMetricsWorkflow)["task"]:
            raise ConfigError(f"{self._name()} defines no task; give it a static method task(...)")
        if not isinstance(found, staticmethod):
            raise ConfigError(f"{self._name()}.task is no static method; put @staticmethod above it")
        function: Callable[..., Any] = found.__func__
        return function

    def _name(self) -> str:
        return type(self).__name__


class Sweep(_Sweepable, Generic[P, R]):
    """A function that `sweep` made one to run over a grid; calling it still calls the function."""

    def __init__(self, function: Callable[P, R]) -> None:
        if not callable(function):
            raise ConfigError(
                f"@sweep stands above a value of type {type(function).__name__}; accepted: a function"
            )
        functools.update_wrapper(self, function)
        self._function = function

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call the function itself, once."""
        return self._function(*args, **kwargs)

    def _task(self) -> Callable[..., Any]:
        return self._function

    def _name(self) -> str:
        return str(getattr(self._function, "__name__", type(self._function).__name__))


def sweep(function: Callable[P, R]) -> Sweep[P, R]:
    """Make a function one that can be run over a grid, with the methods of `MultiRunMetricsWorkflow`.

    Parameters
    ----------
    function : callable
        Takes its parameters by name and returns a dict of metrics.

    Returns
    -------
    Sweep
        Calling it calls the function; ``run``, ``load``, ``to_xarray``, ``to_dataframe`` and ``failures`` are
        those of `MultiRunMetricsWorkflow`.

    Examples
    --------
    >>> import tempfile
    >>> from mushin import multirun, sweep
    >>> @sweep
    ... def train(lr, seed):
    ...     return {"loss": lr + seed}
    >>> train(0.5, seed=1)
    {'loss': 1.5}
    >>> result = train.run(lr=multirun([0.5, 1.0]), seed=0, working_dir=tempfile.mkdtemp())
    >>> result.to_xarray()["loss"].values.tolist()
    [0.5, 1.0]
    """
    return Sweep(function)
