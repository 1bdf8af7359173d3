"""Check how methods are to be compared, before there is anything to compare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from mushin.comparisons import compare_methods
from mushin.evaluation.tasks import Task
from mushin.metrics.catalog import get_metric


def check_comparison(
    task: Task, methods: Sequence[str], seeds: Sequence[int], options: Mapping[str, Any]
) -> None:
    """Compare a study without scores, so that a mistake in the options is found before the first cell runs.

    Parameters
    ----------
    task : Task
        Whose metrics are compared.
    methods, seeds : sequence
        The labels of the study.
    options : mapping
        The keywords of `mushin.compare_methods`.

    Raises
    ------
    MushinError
        As `mushin.compare_methods`.

    Examples
    --------
    >>> from mushin.evaluation.tasks import get_task
    >>> check_comparison(get_task("segmentation"), ["fcn", "unet"], [0, 1, 2], {"test": "welch"})
    """
    nothing = np.full((len(methods), len(seeds)), np.nan)
    variables = {
        name: (("method", "seed"), nothing, {"higher_is_better": _direction(task, name)})
        for name in task.metrics
    }
    empty = xr.Dataset(variables, coords={"method": list(methods), "seed": list(seeds)})
    compare_methods(empty, **{**options, "allow_incomplete": True})


def _direction(task: Task, metric: str) -> bool:
    return bool((task.custom.get(metric) or get_metric(metric)).higher_is_better)
