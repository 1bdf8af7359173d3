"""Train, evaluate and compare methods from a notebook: the class ``mushin.Study``."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, cast

import pandas as pd
import torch

from mushin.cell_evaluation import plan_evaluation
from mushin.comparison_checks import check_comparison
from mushin.errors import IncompleteStudyError, unknown_name
from mushin.evaluation.custom import Metrics
from mushin.evaluation.predict import PredictFn
from mushin.evaluation.tasks import Task
from mushin.layout import RESULTS
from mushin.parallel_cells import CellFailure
from mushin.result import BenchmarkResult
from mushin.run_lock import only_run
from mushin.stages.status import CellStatus
from mushin.statistics.outcome import Alternative
from mushin.study_cells import cell_status
from mushin.study_checks import (
    Checkpoints,
    check_count,
    check_load_fn,
    check_methods,
    check_name,
    check_training_seeds,
    read_checkpoints,
)
from mushin.study_design import LoadFn, StudyDesign, TrainFn, dependencies
from mushin.study_labels import note_labels
from mushin.study_results import merge_and_compare
from mushin.study_run import run_with_progress
from mushin.study_words import failure_text, say_why, tabulate_cells
from mushin.training.load_model import load_model

_ON_ERROR = ("raise", "skip")


class Study:
    """Methods of your own, trained under every seed, evaluated on one test split, and compared.

    Every cell (a method under a seed) leaves the same files in `working_dir` as the workflow does, so that a
    run that was interrupted goes on where it stopped, and ``mushin aggregate`` and ``snakemake`` can go on
    from what a notebook began. A cell is run again where what it depends on has changed: the code of its
    training function, of its decorators, or of functions and classes of the same module that it uses; the
    files of other modules of yours that these name; what is bound to it, and the plain values of its module
    that it reads; the task; the test data, as far as its length and first batch show. The cell's file records
    these values as they are, so that a path among them makes its bytes depend on the folder.

    Parameters
    ----------
    methods : mapping of str to callable
        Name → ``train_fn(seed) -> path``: trains the method and returns the path of the checkpoint that it
        saved, one path per method and seed. Python, numpy and torch are seeded before each call.
    load_fn : callable, optional
        ``load_fn(path) -> model``. By default a model that was saved whole is loaded, without running code
        from the file.
    seeds : sequence of int
        From 0 to 4294967295.
    data : iterable of (inputs, targets)
        The test split as batches; it is read once per cell.
    task, num_classes, ignore_index, predict_fn, metrics, prob_metrics
        As for `mushin.compare`.
    class_names : sequence of str, optional
        One per class; by default the labels 0, 1, ….
    dataset : str
        The label of the test split, and the name of its folder.
    working_dir : path
        Where the cells, ``compare.nc`` and the tables go. Another `dataset` may share it.
    threads : int
        Threads of torch for each cell. A setting, since it changes sums in their last digits.
    deterministic : bool
        Whether torch refuses operations whose result depends on the order of threads.
    device : str or torch.device
        Where models are evaluated; training is up to the functions.
    test, alpha, correction, family, baseline, primary, margin, paired, alternative
        As for `mushin.compare_methods`.

    Attributes
    ----------
    failures : tuple of CellFailure
        The cells that the last run with ``on_error="skip"`` could not finish.

    Warns
    -----
    UserWarning
        Two runs save their checkpoints under one path.

    Raises
    ------
    ConfigError, UnknownNameError, DataError
        An argument is not what it must be. All are checked here, before anything is trained.

    Examples
    --------
    >>> import tempfile
    >>> from functools import partial
    >>> def train(seed, width):
    ...     path = Path(tempfile.mkdtemp(), "model.pt")
    ...     torch.save(torch.nn.Linear(2, 2), path)
    ...     return path
    >>> study = Study(
    ...     {"narrow": partial(train, width=1), "wide": partial(train, width=8)},
    ...     seeds=[0, 1],
    ...     data=[(torch.eye(2), torch.tensor([0, 1]))],
    ...     num_classes=2,
    ...     working_dir=tempfile.mkdtemp(),
    ... )
    >>> result = study.run()
    >>> result.data["accuracy"].sizes
    Frozen({'method': 2, 'seed': 2})
    """

    def __init__(
        self,
        methods: Mapping[str, TrainFn],
        load_fn: LoadFn | None = None,
        seeds: Sequence[int] = (0, 1, 2, 3, 4),
        data: Iterable[Any] | None = None,
        *,
        task: str | Task = "classification",
        num_classes: int | None = None,
        ignore_index: int | None = None,
        predict_fn: PredictFn | None = None,
        metrics: Metrics | None = None,
        prob_metrics: Iterable[str] | None = None,
        class_names: Sequence[str] | None = None,
        dataset: str = "data",
        working_dir: Path | str = "results",
        threads: int = 1,
        deterministic: bool = False,
        device: str | torch.device = "auto",
        test: str = "welch",
        alpha: float = 0.05,
        correction: str = "holm",
        family: str = "metric",
        baseline: Hashable | None = None,
        primary: str | Iterable[str] | None = None,
        margin: float | Mapping[str, float] | None = None,
        paired: bool | None = None,
        alternative: Alternative = "two-sided",
    ) -> None:
        check_methods(methods)
        check_name("dataset", dataset)
        check_count("threads", threads)
        check_load_fn(load_fn)
        labels = check_training_seeds(seeds)
        evaluation = plan_evaluation(
            data,
            task,
            num_classes=num_classes,
            ignore_index=ignore_index,
            metrics=metrics,
            prob_metrics=prob_metrics,
            predict_fn=predict_fn,
            class_names=class_names,
            device=device,
        )
        self._options: dict[str, Any] = {
            "test": test,
            "alpha": alpha,
            "correction": correction,
            "family": family,
            "baseline": baseline,
            "primary": primary,
            "margin": margin,
            "paired": paired,
            "alternative": alternative,
        }
        check_comparison(evaluation.task, list(methods), labels, self._options)
        self._design = StudyDesign(
            dataset=dataset,
            methods=dict(methods),
            seeds=labels,
            load_fn=load_fn or load_model,
            data=cast("Iterable[Any]", data),
            evaluation=evaluation,
            results=Path(working_dir).resolve(),
            threads=threads,
            deterministic=deterministic,
        )
        self.failures: tuple[CellFailure, ...] = ()

    @classmethod
    def from_checkpoints(
        cls,
        checkpoints: Checkpoints,
        load_fn: LoadFn | None = None,
        data: Iterable[Any] | None = None,
        *,
        seeds: Sequence[int] | None = None,
        **options: Any,
    ) -> Study:
        """Return a study of models that are trained already.

        Parameters
        ----------
        checkpoints : mapping of str to sequence of paths, or to {seed: path}
            One checkpoint per seed, for every method the same seeds.
        load_fn, data
            As for `Study`.
        seeds : sequence of int, optional
            What the positions stand for; by default those of the mappings, or 0, 1, ….
        **options
            The other arguments of `Study`.

        Raises
        ------
        CheckpointError
            A file does not exist.
        ConfigError, IncompleteStudyError
            The numbers of checkpoints differ.
        """
        found, labels = read_checkpoints(checkpoints, seeds)
        return cls(found, load_fn, labels, data, **options)

    def status(self) -> pd.DataFrame:
        """Tell which cells `run` would run, and why.

        Returns
        -------
        DataFrame
            One row per cell with `method`, `seed`, `runs` (``"train, evaluate"``, ``"evaluate"`` or empty)
            and `reason`.
        """
        return tabulate_cells(self._statuses())

    def run(
        self,
        *,
        jobs: int = 1,
        on_error: Literal["raise", "skip"] = "raise",
        allow_incomplete: bool = False,
        progress: bool | None = None,
    ) -> BenchmarkResult:
        """Run what is missing or changed, merge all cells, and compare the methods.

        Parameters
        ----------
        jobs : int
            How many cells run at a time, each in a process of its own; 1 runs them in this process.
        on_error : {"raise", "skip"}
            Whether the first cell that fails ends the run, or the others go on and `failures` lists it.
        allow_incomplete : bool
            Compare what there is where cells failed; by default that is refused.
        progress : bool, optional
            Whether a progress bar is shown; by default in terminals and notebooks.

        Returns
        -------
        BenchmarkResult
            Also written: ``compare.nc`` and the tables beside it.

        Raises
        ------
        IncompleteStudyError
            Cells failed, with ``on_error="skip"`` and without `allow_incomplete`.
        BusyError, StorageError
            Another Study runs in the folder, or it cannot be written to.
        TrainingError, PredictionError, DataError
            A training function returned no checkpoint, or a model cannot be scored.
        Exception
            With ``on_error="raise"``, whatever a training function raises, with a note on its cell.
        """
        check_count("jobs", jobs)
        if on_error not in _ON_ERROR:
            raise unknown_name("on_error", str(on_error), _ON_ERROR)
        with only_run(self._design.results):
            return self._run(jobs, on_error, allow_incomplete, progress)

    def _run(
        self, jobs: int, on_error: Literal["raise", "skip"], allow_incomplete: bool, progress: bool | None
    ) -> BenchmarkResult:
        design, self.failures = self._design, ()
        note_labels(design.results, design.dataset, list(design.methods), design.seeds)
        to_run = [status for status in self._statuses() if status.runs]
        say_why(to_run)
        cells = [status.cell for status in to_run]
        options: dict[str, Any] = {"jobs": jobs, "on_error": on_error, "progress": progress}
        self.failures = run_with_progress(cells, self._needed, design, **options)
        if self.failures and not allow_incomplete:
            raise IncompleteStudyError(failure_text(self.failures))
        return merge_and_compare(design, self._needed, self._options, allow_incomplete=allow_incomplete)

    def _statuses(self) -> list[CellStatus]:
        self._needed = dependencies(self._design)
        return [cell_status(cell, needed, self._design.results) for cell, needed in self._needed.items()]

    def __repr__(self) -> str:
        design = self._design
        return (
            f"Study({', '.join(design.methods)}; seeds {', '.join(map(str, design.seeds))};"
            f" task {design.evaluation.task.name}; {RESULTS} in {design.results.name})"
        )
