"""What a sweep found, as its folder holds it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mushin.errors import DataError, SweepError
from mushin.sweeps.grid import Job
from mushin.sweeps.job_files import JobFailure, JobResult, read_failure, read_result
from mushin.sweeps.launch import JOBS
from mushin.sweeps.manifest import MANIFEST, Manifest, read_manifest
from mushin.sweeps.values import canonical_text

if TYPE_CHECKING:
    import pandas as pd

    from mushin.labelled import ResultsDataset

_STATUS = "status"


@dataclass(frozen=True)
class SweepResult:
    """The jobs of a sweep and what became of each.

    Attributes
    ----------
    working_dir : Path
        Where the sweep is stored.
    failures : tuple of JobFailure
        The jobs that raised, each with `parameters`, `exception`, `message` and the file `traceback`.
    unfinished : tuple of dict
        The swept parameters of the jobs that left nothing: not run yet, killed, or run with another version
        of the task.

    Examples
    --------
    >>> import tempfile
    >>> from mushin import multirun, sweep
    >>> @sweep
    ... def square(side):
    ...     return {"area": side**2}
    >>> result = square.run(side=multirun([2, 3]), working_dir=tempfile.mkdtemp())
    >>> result.to_dataframe().values.tolist()
    [[2, 4, 'finished'], [3, 9, 'finished']]
    >>> result.to_xarray()["area"].sel(side=3).item()
    9
    """

    working_dir: Path
    failures: tuple[JobFailure, ...]
    unfinished: tuple[dict[str, Any], ...]
    _manifest: Manifest
    _results: tuple[JobResult | None, ...]

    def to_xarray(
        self,
        *,
        metrics: Iterable[str] | None = None,
        dims: Mapping[str, str | Sequence[str]] | None = None,
        higher_is_better: Mapping[str, bool] | None = None,
    ) -> ResultsDataset:
        """Return the results as a Dataset with one dimension per swept parameter.

        Labels are bool, int64, float64 or str; a parameter with None, lists, dicts or a mixture has text
        labels, such as ``"None"`` and ``"[1, 2]"``. Numbers become float64 with NaN where a job has no
        result, and stay int64 or bool where all have one; strings are kept. Arrays add dimensions, and are
        padded with NaN where their lengths differ. Fixed parameters are attributes of the Dataset.

        Parameters
        ----------
        metrics : iterable of str, optional
            Which of the returned values to take. By default all.
        dims : mapping, optional
            Names for the dimensions of returned arrays, such as ``{"loss": "epoch"}``. By default
            ``loss_dim0`` and so on.
        higher_is_better : mapping, optional
            The direction of each metric that `mushin.compare_methods` is to compare, such as
            ``{"accuracy": True, "loss": False}``.

        Raises
        ------
        UnknownNameError
            No job returned such a metric.
        DataError
            The jobs returned things that do not fit into one variable.
        ConfigError
            `dims` or `higher_is_better` do not fit the metrics.
        """
        from mushin.sweeps.collect import collect

        returned = [None if result is None else result.metrics for result in self._results]
        return collect(
            self._manifest, returned, metrics=metrics, dims=dims, higher_is_better=higher_is_better
        )

    def to_dataframe(self) -> pd.DataFrame:
        """Return one row per job: the swept parameters as given, the scalars returned, and `status`.

        `status` is ``finished``, ``failed`` or ``unfinished``. Arrays are left out.

        Raises
        ------
        DataError
            Two columns would have one name.
        """
        import pandas as pd

        self._check_columns()
        failed = [failure.parameters for failure in self.failures]
        rows = []
        for job, result in zip(self._manifest.grid.jobs, self._results, strict=True):
            status = "failed" if job.point in failed else "unfinished"
            metrics = {} if result is None else result.metrics
            scalars = {name: value for name, value in metrics.items() if not isinstance(value, np.ndarray)}
            rows.append({**job.point, **scalars, _STATUS: status if result is None else "finished"})
        return pd.DataFrame(rows)

    def _check_columns(self) -> None:
        """Refuse a name that would be that of two columns."""
        swept = self._manifest.grid.swept
        if _STATUS in swept:
            raise DataError(f"a swept parameter has the name {_STATUS!r} of a column; use to_xarray()")
        for result in filter(None, self._results):
            for name, value in result.metrics.items():
                if (name in swept or name == _STATUS) and not isinstance(value, np.ndarray):
                    of = "the column" if name == _STATUS else "a swept parameter"
                    raise DataError(f"metric {name!r} has the name of {of}; return it under another name")

    def __repr__(self) -> str:
        """Say how many jobs there are of each kind."""
        finished = sum(result is not None for result in self._results)
        swept = ", ".join(f"{name}: {len(values)}" for name, values in self._manifest.grid.swept.items())
        return (
            f"<SweepResult of {self._manifest.task} ({swept}): {finished} finished, "
            f"{len(self.failures)} failed, {len(self.unfinished)} unfinished, in {self.working_dir}>"
        )


def read_sweep(working_dir: Path) -> SweepResult:
    """Read what a sweep has stored so far.

    Raises
    ------
    SweepError
        The folder holds no sweep, or its description is damaged.
    """
    manifest = read_manifest(working_dir)
    if manifest is None:
        raise SweepError(
            f"{working_dir} holds no sweep: it has no {MANIFEST}; name the working_dir of a sweep"
        )
    results: list[JobResult | None] = []
    failures = []
    unfinished = []
    for job in manifest.grid.jobs:
        result = finished_result(working_dir, job, manifest.source)
        results.append(result)
        failure = None if result else read_failure(working_dir / JOBS / job.folder, job.point)
        if failure is not None:
            failures.append(failure)
        elif result is None:
            unfinished.append(job.point)
    return SweepResult(working_dir, tuple(failures), tuple(unfinished), manifest, tuple(results))


def finished_result(working_dir: Path, job: Job, source: str) -> JobResult | None:
    """Return what a job has stored, if that is whole and of these parameters and this version of the task."""
    result = read_result(working_dir / JOBS / job.folder)
    if result is None or result.source != source:
        return None
    # As text, since NaN differs from itself.
    return result if canonical_text(result.parameters) == canonical_text(job.parameters) else None
