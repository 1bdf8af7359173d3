"""Read which metrics a user wants: names, and functions of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mushin.errors import ConfigError
from mushin.metrics.catalog import available_metrics, find_metric
from mushin.metrics.class_counts import ClassCounts
from mushin.metrics.confusion_metrics import ConfusionMetric
from mushin.metrics.metric import Metric, Statistics
from mushin.metrics.score_function import EXAMPLE, ScoreFunction

Metrics = str | Iterable[str | Mapping[str, ScoreFunction]] | Mapping[str, ScoreFunction]
"""A name, several, the user's own functions by name, or a list of both."""


@dataclass(frozen=True)
class WantedScore:
    """One metric to compute.

    Attributes
    ----------
    name : str
        The variable's name in the result.
    known : Metric or ConfusionMetric or ScoreFunction
        What is known about it.
    compute : callable
        ``compute(counts, statistics)`` with the class counts of n cells and their other statistics; returns
        float64 of shape (n,) or (n, C).
    """

    name: str
    known: Metric | ConfusionMetric | ScoreFunction
    compute: Callable[[ClassCounts, Statistics], NDArray[np.float64]]

    @property
    def extra_statistics(self) -> tuple[str, ...]:
        """The variables that it needs beside the confusion matrices."""
        required = self.known.requires if isinstance(self.known, Metric) else ()
        return tuple(name for name in required if name != "confusion")

    @property
    def is_per_class(self) -> bool:
        """Whether it is known beforehand that there is one score per class."""
        return isinstance(self.known, ConfusionMetric) and self.known.per_class

    def attributes(self) -> dict[str, Any]:
        """Return the attributes of its variable."""
        return {
            "long_name": self.known.long_name or self.name,
            "units": self.known.units,
            "higher_is_better": np.int8(self.known.higher_is_better),
            "valid_range": np.array(self.known.valid_range, dtype=np.float64),
        }


def read_metrics(metrics: Metrics) -> list[WantedScore]:
    """Check what a user wants and find how to compute it.

    Parameters
    ----------
    metrics : str, mapping of str to ScoreFunction, or an iterable of both
        Names of `available_metrics`, and the user's own functions by the name that each shall have.

    Returns
    -------
    list of WantedScore
        In the order asked for.

    Raises
    ------
    UnknownNameError
        There is no metric of that name.
    ConfigError
        Nothing is asked for, a name appears twice or is taken, or a function doesn't say its direction.

    Examples
    --------
    >>> [wanted.name for wanted in read_metrics(["mcc", "iou_per_class"])]
    ['mcc', 'iou_per_class']
    """
    items = [metrics] if isinstance(metrics, str | Mapping) else list(metrics)
    wanted = [score for item in items for score in _read_item(item)]
    if not wanted:
        raise ConfigError(f"metrics: none is named; known are {', '.join(available_metrics())}")
    names = [score.name for score in wanted]
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(f"metrics: {name!r} appears twice; list each metric once")
    return wanted


def _read_item(item: object) -> list[WantedScore]:
    if isinstance(item, str):
        return [_named(find_metric(item))]
    if isinstance(item, Mapping):
        return [_own(name, function) for name, function in item.items()]
    raise ConfigError(
        f"metrics: got {item!r}; accepted are names, and mappings of a name to"
        f" {EXAMPLE.format(function='function')}"
    )


def _named(known: Metric | ConfusionMetric) -> WantedScore:
    if isinstance(known, ConfusionMetric):
        kernel = known.kernel
        return WantedScore(known.name, known, lambda counts, _: kernel(counts))
    metric = known
    return WantedScore(
        known.name,
        known,
        lambda counts, statistics: metric.score(
            {"confusion": counts.confusion, **statistics}, ignore_index=counts.ignore_index
        ),
    )


def _own(name: object, function: object) -> WantedScore:
    if not isinstance(name, str) or not name:
        raise ConfigError(f"metrics: {name!r} is no name for a metric; accepted: a text")
    if name in available_metrics():
        raise ConfigError(f"metrics: {name!r} is a metric of mushin's own; choose another name")
    if not isinstance(function, ScoreFunction):
        example = EXAMPLE.format(function=getattr(function, "__name__", "function"))
        problem = "does not say which direction is better" if callable(function) else f"is {function!r}"
        raise ConfigError(f"metric {name!r} {problem}; declare it: metrics={{{name!r}: {example}}}")
    return WantedScore(name, function, lambda counts, _: function.score(counts.confusion, name))
