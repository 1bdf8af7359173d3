"""Compare models that lie in memory: the function ``mushin.compare``."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

import torch

from mushin.cell_evaluation import CellEvaluation, plan_evaluation
from mushin.cells import Cell
from mushin.comparison_checks import check_comparison
from mushin.config.plan import CellName
from mushin.dataset import merge_cells
from mushin.evaluation.custom import Metrics
from mushin.evaluation.predict import PredictFn
from mushin.evaluation.tasks import Task
from mushin.labelled import ResultsDataset
from mushin.model_runs import ModelRuns, Runs, read_runs
from mushin.progress_bar import progress_bar
from mushin.result import BenchmarkResult
from mushin.statistics.outcome import Alternative

_DATASET = "data"


def compare(
    methods: Mapping[str, Runs],
    data: Iterable[Any],
    task: str | Task = "classification",
    *,
    num_classes: int | None = None,
    predict_fn: PredictFn | None = None,
    metrics: Metrics | None = None,
    prob_metrics: Iterable[str] | None = None,
    ignore_index: int | None = None,
    class_names: Sequence[str] | None = None,
    test: str = "welch",
    alpha: float = 0.05,
    correction: str = "holm",
    family: str = "metric",
    baseline: Hashable | None = None,
    primary: str | Iterable[str] | None = None,
    margin: float | Mapping[str, float] | None = None,
    paired: bool | None = None,
    alternative: Alternative = "two-sided",
    seeds: Sequence[int] | None = None,
    allow_incomplete: bool = False,
    device: str | torch.device = "auto",
    progress: bool | None = None,
) -> BenchmarkResult:
    """Score trained models, one per method and seed, and say which method is better.

    Every argument is checked before the first model runs. Only one model is fetched at a time, so that a lazy
    sequence, which loads a model where it is asked for one, needs the memory of one.

    Parameters
    ----------
    methods : mapping of str to sequence of models, or to {seed: model}
        At least two methods. A model is a `torch.nn.Module` or a function of a batch's inputs; it is put into
        eval mode and on `device`, and given back as it was. Methods are aligned by seed, never by position,
        where one of them is a mapping.
    data : iterable of (inputs, targets)
        The test split as batches, such as a `torch.utils.data.DataLoader`. It is read once per model, so a
        generator is refused. A loader may shuffle: no score depends on the order.
    task : str or Task
        ``"classification"``, ``"segmentation"``, ``"regression"``, another of `mushin.list_tasks`, or a
        `mushin.Task`.
    num_classes, ignore_index, metrics, prob_metrics, predict_fn
        As for `mushin.evaluation.evaluate.evaluate_model`.
    class_names : sequence of str, optional
        One per class; by default the labels 0, 1, ….
    test, alpha, correction, family, baseline, primary, margin, paired, alternative, allow_incomplete
        As for `mushin.compare_methods`.
    seeds : sequence of int, optional
        What the positions of the sequences stand for, by default 0, 1, …; or which seeds of the mappings are
        wanted.
    device : str or torch.device
        Where models run; ``"auto"`` is a CUDA GPU where there is one.
    progress : bool, optional
        Whether a progress bar is shown; by default in terminals and notebooks.

    Returns
    -------
    BenchmarkResult
        `data` with the dimensions (method, seed), `comparisons`, and ways to show both.

    Raises
    ------
    ConfigError, UnknownNameError
        An argument is not what it must be.
    IncompleteStudyError
        A method lacks a seed that another has, and `allow_incomplete` is false.
    DataError, PredictionError
        The data or a model's predictions cannot be scored; the message names the model and the batch.

    Examples
    --------
    >>> batches = [(torch.eye(3), torch.tensor([0, 1, 2]))]
    >>> def shifted(x):
    ...     return x.roll(1, dims=1)
    >>> result = compare(
    ...     {"right": [torch.nn.Identity()] * 3, "shifted": [shifted] * 3},
    ...     batches,
    ...     num_classes=3,
    ...     metrics=["accuracy"],
    ... )
    >>> result.data["accuracy"].mean("seed").values.tolist()
    [1.0, 0.0]
    """
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
    runs = read_runs(methods, seeds, allow_incomplete=allow_incomplete)
    options = {
        "test": test,
        "alpha": alpha,
        "correction": correction,
        "family": family,
        "baseline": baseline,
        "primary": primary,
        "margin": margin,
        "paired": paired,
        "alternative": alternative,
        "allow_incomplete": allow_incomplete,
    }
    check_comparison(evaluation.task, list(methods), runs.seeds, options)
    scores = _evaluate(runs, data, evaluation, progress=progress)
    return BenchmarkResult.from_dataset(scores, **options)


def _evaluate(
    runs: ModelRuns, data: Iterable[Any], evaluation: CellEvaluation, *, progress: bool | None
) -> ResultsDataset:
    """Score every model, one in memory at a time."""
    total = len(runs.methods) * len(runs.seeds)
    with progress_bar(total, wanted=progress, description="evaluate") as bar:

        def evaluated(name: CellName) -> Cell | None:
            bar.set_postfix_str(f"{name.method}, seed {name.seed}")
            model = runs.model(name.method, name.seed)
            cell = None if model is None else evaluation.cell(name, model, data)
            bar.update()
            return cell

        return merge_cells(evaluated, [_DATASET], list(runs.methods), runs.seeds).scores
