"""The metrics of regressions that mushin knows; part of the catalogue."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from numpy.typing import NDArray

from mushin.metrics import regression
from mushin.metrics.metric import MOMENTS, VALUES, Metric, Statistics


def _of_moments(
    kernel: Callable[[NDArray[Any]], regression.Scores],
) -> Callable[[Statistics, int | None], regression.Scores]:
    return lambda statistics, ignore_index: kernel(statistics["regression_moments"])


def _spearman(statistics: Statistics, ignore_index: int | None) -> regression.Scores:
    return regression.spearman_correlation(*(statistics[name] for name in VALUES))


REGRESSION_METRICS = (
    Metric(
        name="mse",
        long_name="Mean squared error",
        higher_is_better=False,
        source="scikit-learn mean_squared_error; torchmetrics mean_squared_error",
        formula=_of_moments(regression.mean_squared_error),
        requires=MOMENTS,
        units="squared units of the target",
        valid_range=(0.0, math.inf),
    ),
    Metric(
        name="mae",
        long_name="Mean absolute error",
        higher_is_better=False,
        source="scikit-learn mean_absolute_error; torchmetrics mean_absolute_error",
        formula=_of_moments(regression.mean_absolute_error),
        requires=MOMENTS,
        units="units of the target",
        valid_range=(0.0, math.inf),
    ),
    Metric(
        name="rmse",
        long_name="Root mean squared error",
        higher_is_better=False,
        source="scikit-learn root_mean_squared_error; torchmetrics mean_squared_error(squared=False)",
        formula=_of_moments(regression.root_mean_squared_error),
        requires=MOMENTS,
        units="units of the target",
        valid_range=(0.0, math.inf),
    ),
    Metric(
        name="r2",
        long_name="Coefficient of determination",
        higher_is_better=True,
        source="scikit-learn r2_score; torchmetrics r2_score",
        formula=_of_moments(regression.r2_score),
        requires=MOMENTS,
        valid_range=(-math.inf, 1.0),
    ),
    Metric(
        name="pearson",
        long_name="Pearson correlation",
        higher_is_better=True,
        source="scipy stats.pearsonr; torchmetrics pearson_corrcoef",
        formula=_of_moments(regression.pearson_correlation),
        requires=MOMENTS,
        valid_range=(-1.0, 1.0),
    ),
    Metric(
        name="spearman",
        long_name="Spearman rank correlation",
        higher_is_better=True,
        source="Spearman 1904, doi:10.2307/1412159; scipy stats.spearmanr; torchmetrics spearman_corrcoef",
        formula=_spearman,
        requires=VALUES,
        valid_range=(-1.0, 1.0),
    ),
)
"""Mean squared, absolute and root mean squared error, explained variance, and two correlations."""
