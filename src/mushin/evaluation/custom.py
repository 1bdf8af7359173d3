"""The user's own metrics: what they are, which names they may have, and which direction is better.

This module is read where tasks are, so it never imports torch or torchmetrics.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias, cast

from mushin.errors import ConfigError
from mushin.evaluation.sufficient import STATISTICS
from mushin.metrics.catalog import get_metric

Metrics: TypeAlias = "Mapping[str, Any] | Iterable[str]"
"""What ``metrics=`` accepts: names of the catalogue, or name → the user's own metric."""

_LABELS = (
    "dataset",
    "method",
    "seed",
    "target",
    "prediction",
    "bin",
    "moment",
    "sample",
    "record",
    "ignore_index",
)
_RESERVED = frozenset({*STATISTICS, *_LABELS})
_NAME = re.compile(r"[A-Za-z][\w.-]*")
_ACCEPTED = (
    "accepted are a torchmetrics object, a function of SufficientStatistics that returns a number, a"
    " mushin.CustomMetric around either, and the name of a metric of the catalogue"
)


@dataclass(frozen=True)
class CustomMetric:
    """One of the user's own metrics, with what it does not say about itself.

    Attributes
    ----------
    metric : torchmetrics.Metric or callable
        A torchmetrics object that computes one number. It is cloned for each evaluation, so that nothing is
        carried from one to the next. Or a function of
        `mushin.evaluation.sufficient.SufficientStatistics` that returns a number.
    higher_is_better : bool, optional
        The direction. By default what ``metric.higher_is_better`` says.
    long_name : str, optional
        What a table or an axis shows; by default the metric's name.
    units : str
        ``"1"`` for a share.
    valid_range : tuple of float
        The lowest and the highest possible score; confidence intervals stay within it.

    Raises
    ------
    ConfigError
        If `metric` is of another kind, or another value is not what it must be.

    Examples
    --------
    >>> def errors(statistics):
    ...     return statistics.n_samples - statistics.confusion.trace()
    >>> CustomMetric(errors, higher_is_better=False, units="samples", valid_range=(0, math.inf)).units
    'samples'
    """

    metric: Any
    higher_is_better: bool | None = None
    long_name: str | None = None
    units: str = "1"
    valid_range: tuple[float, float] = (-math.inf, math.inf)

    def __post_init__(self) -> None:
        if isinstance(self.metric, type):
            name = self.metric.__name__
            raise ConfigError(f"the metric is the class {name}; give an object of it: {name}(...)")
        if not (is_object(self.metric) or callable(self.metric)) or is_collection(self.metric):
            raise ConfigError(f"the metric is {self.metric!r}; {_ACCEPTED}")
        if not isinstance(cast(object, self.higher_is_better), bool | None):
            raise ConfigError(f"higher_is_better is {self.higher_is_better!r}; accepted are True and False")
        bounds = tuple(cast("Iterable[Any]", self.valid_range))
        if len(bounds) != 2 or not all(isinstance(bound, int | float) for bound in bounds):
            raise ConfigError(f"valid_range is {self.valid_range!r}; accepted is (lowest, highest)")
        if not bounds[0] < bounds[1]:
            raise ConfigError(f"valid_range is {self.valid_range!r}; the lowest must lie below the highest")
        object.__setattr__(self, "valid_range", (float(bounds[0]), float(bounds[1])))

    @property
    def is_object(self) -> bool:
        """Whether it is a torchmetrics object, which sees every batch, and no function of the statistics."""
        return is_object(self.metric)


def is_object(metric: object) -> bool:
    """Tell whether a metric has the methods of a torchmetrics object."""
    return all(callable(getattr(metric, name, None)) for name in ("update", "compute", "reset", "clone"))


def is_collection(metric: object) -> bool:
    """Tell whether a metric is a torchmetrics ``MetricCollection``."""
    return is_object(metric) and callable(getattr(metric, "items", None))


def read_metrics(metrics: Metrics, owner: str) -> dict[str, CustomMetric | None]:
    """Return name → the user's own metric, or None for one of the catalogue, each checked.

    Parameters
    ----------
    metrics : iterable of str, or mapping
        See `Metrics`. The metrics of a ``MetricCollection`` are taken one by one: those of an entry ``seg``
        are named ``seg_…``.
    owner : str
        The task's name, for messages.

    Raises
    ------
    ConfigError
        If there is no metric, one appears twice, a name cannot be a variable's, a metric is of another kind,
        or its direction is unknown.
    UnknownNameError
        If a name is not in the catalogue.
    """
    if isinstance(metrics, str):
        raise ConfigError(f"task {owner!r}: metrics is the text {metrics!r}; give a list of names")
    if is_object(metrics) and not is_collection(metrics):
        kind = type(metrics).__name__
        raise ConfigError(f"task {owner!r}: metrics is a {kind}; give a mapping {{'name': {kind}(...)}}")
    found: dict[str, CustomMetric | None] = {}
    for name, metric in _entries(metrics):
        if name in found:
            raise ConfigError(f"task {owner!r}: metric {name!r} appears twice; list each once")
        if isinstance(metric, str):
            if metric != name:
                raise ConfigError(f"task {owner!r}: metric {metric!r} keeps its name; write it for {name!r}")
            get_metric(metric)
        found[name] = None if isinstance(metric, str) else _checked(name, metric, owner)
    if not found:
        raise ConfigError(f"task {owner!r}: metrics is empty; list at least one metric")
    return found


def _entries(metrics: Metrics) -> Iterator[tuple[str, Any]]:
    """Yield the name of each metric and the metric, those of collections one by one."""
    items = getattr(metrics, "items", None)
    if items is None:
        yield from ((name, name) for name in metrics)
        return
    for name, metric in items():
        if is_collection(metric):
            yield from ((f"{name}_{inner}", entry) for inner, entry in metric.items())
        else:
            yield name, metric


def _checked(name: str, metric: object, owner: str) -> CustomMetric:
    where = f"task {owner!r}: metric {name!r}"
    if not isinstance(name, str) or not _NAME.fullmatch(name) or name in _RESERVED:
        reserved = " (and is taken by a variable of the files)" if name in _RESERVED else ""
        raise ConfigError(
            f"{where} cannot have this name{reserved}; accepted are letters, digits, '_', '.' and '-', a"
            " letter first"
        )
    try:
        custom = metric if isinstance(metric, CustomMetric) else CustomMetric(metric)
    except ConfigError as error:
        raise ConfigError(f"{where}: {error}") from None
    direction = custom.higher_is_better
    if direction is None:
        direction = getattr(custom.metric, "higher_is_better", None)
    if direction is None:
        raise ConfigError(
            f"{where} does not say which direction is better; declare it:"
            f" metrics={{{name!r}: mushin.CustomMetric(..., higher_is_better=True)}}, or False"
        )
    return replace(custom, higher_is_better=bool(direction))
