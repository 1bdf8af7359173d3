"""Compare machine-learning methods over seeds, and say honestly which is better."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

# Loaded at first use, so that 'import mushin' costs nothing and only what tensors need brings torch.
_HOME_OF = {
    "Study": "mushin.study",
    "compare": "mushin.benchmark",
    "BenchmarkResult": "mushin.result",
    "CustomMetric": "mushin.evaluation.custom",
    "Data": "mushin.training.data",
    "IncompleteStudyError": "mushin.errors",
    "MultiRunMetricsWorkflow": "mushin.sweeps.workflow",
    "MushinError": "mushin.errors",
    "ScoreFunction": "mushin.metrics.score_function",
    "SweepError": "mushin.errors",
    "SweepResult": "mushin.sweeps.result",
    "Task": "mushin.evaluation.tasks",
    "available_corrections": "mushin.statistics.corrections",
    "available_metrics": "mushin.metrics.catalog",
    "available_tests": "mushin.statistics.tests",
    "chances_of_improvement": "mushin.run_aggregates",
    "classification_battery": "mushin.evaluation.batteries",
    "compare_methods": "mushin.comparisons",
    "compare_over_datasets": "mushin.dataset_comparisons",
    "get_task": "mushin.evaluation.tasks",
    "hydra_list": "mushin.sweeps.values",
    "interquartile_means": "mushin.run_aggregates",
    "list_tasks": "mushin.evaluation.tasks",
    "multirun": "mushin.sweeps.values",
    "open_results": "mushin.results_file",
    "performance_profiles": "mushin.run_aggregates",
    "power": "mushin.planned_power",
    "register_task": "mushin.evaluation.tasks",
    "score": "mushin.rescoring",
    "segmentation_battery": "mushin.evaluation.batteries",
    "snakefile": "mushin.shipped",
    "summarise_methods": "mushin.summaries",
    "sweep": "mushin.sweeps.workflow",
    "variance_components": "mushin.variance_table",
}

__all__ = [
    "BenchmarkResult",
    "CustomMetric",
    "Data",
    "IncompleteStudyError",
    "MultiRunMetricsWorkflow",
    "MushinError",
    "ScoreFunction",
    "Study",
    "SweepError",
    "SweepResult",
    "Task",
    "__version__",
    "available_corrections",
    "available_metrics",
    "available_tests",
    "chances_of_improvement",
    "classification_battery",
    "compare",
    "compare_methods",
    "compare_over_datasets",
    "get_task",
    "hydra_list",
    "interquartile_means",
    "list_tasks",
    "multirun",
    "open_results",
    "performance_profiles",
    "power",
    "register_task",
    "score",
    "segmentation_battery",
    "snakefile",
    "summarise_methods",
    "sweep",
    "variance_components",
]

if TYPE_CHECKING:
    from mushin.benchmark import compare
    from mushin.comparisons import compare_methods
    from mushin.dataset_comparisons import compare_over_datasets
    from mushin.errors import IncompleteStudyError, MushinError, SweepError
    from mushin.evaluation.batteries import classification_battery, segmentation_battery
    from mushin.evaluation.custom import CustomMetric
    from mushin.evaluation.tasks import Task, get_task, list_tasks, register_task
    from mushin.metrics.catalog import available_metrics
    from mushin.metrics.score_function import ScoreFunction
    from mushin.planned_power import power
    from mushin.rescoring import score
    from mushin.result import BenchmarkResult
    from mushin.results_file import open_results
    from mushin.run_aggregates import chances_of_improvement, interquartile_means, performance_profiles
    from mushin.shipped import snakefile
    from mushin.statistics.corrections import available_corrections
    from mushin.statistics.tests import available_tests
    from mushin.study import Study
    from mushin.summaries import summarise_methods
    from mushin.sweeps.result import SweepResult
    from mushin.sweeps.values import hydra_list, multirun
    from mushin.sweeps.workflow import MultiRunMetricsWorkflow, sweep
    from mushin.training.data import Data
    from mushin.variance_table import variance_components


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'mushin' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOME_OF[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME_OF])
