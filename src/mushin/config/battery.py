"""Check the metrics that conf/task/ lists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mushin.config.faults import Faults, Origin
from mushin.config.schema import (
    BATTERIES,
    METRICS_BY_TASK,
    METRICS_OF_CLASSES,
    METRICS_OF_PROBABILITIES,
    METRICS_OF_VALUES,
    METRICS_PER_CLASS,
)
from mushin.errors import did_you_mean

_OWN = "a mapping with _target_"


def metrics_of(task: Mapping[str, Any]) -> tuple[str, ...] | None:
    """Return the names of the metrics of a checked group ``task``; None where only its callable knows them.

    Examples
    --------
    >>> metrics_of({"name": "classification", "_target_": None, "metrics": ["accuracy", "auroc"]})
    ('accuracy', 'auroc')
    """
    metrics = task.get("metrics")
    if isinstance(metrics, (list, Mapping)):
        return tuple(map(str, metrics))
    return None if task.get("_target_") is not None else BATTERIES.get(str(task.get("name")))


def check_battery(task: Mapping[str, Any], origin: Origin, faults: Faults) -> None:
    """Note every metric of a checked group ``task`` that cannot be scored.

    What a ``_target_`` builds is known only where it is called; here it is enough that it is there.
    """
    metrics = task["metrics"]
    known = METRICS_BY_TASK.get(task["name"], ()) if task["_target_"] is None else None
    known = (*METRICS_OF_CLASSES, *METRICS_OF_VALUES) if known is None else known
    if isinstance(metrics, (list, Mapping)) and not metrics:
        faults.add(*origin("metrics"), "is empty; list at least one metric, or null for the task's own")
    elif isinstance(metrics, list):
        _check_names(metrics, known, origin, faults)
    elif isinstance(metrics, Mapping):
        _check_entries(metrics, known, origin, faults)
    elif metrics is not None:
        accepted = f"a list of {', '.join(known)}, or a mapping of names to {_OWN}"
        faults.add(*origin("metrics"), f"{metrics!r} came; accepted: {accepted}")
    if isinstance(task["prob_metrics"], list):
        _check_prob_metrics(task, origin, faults)


def _check_prob_metrics(task: Mapping[str, Any], origin: Origin, faults: Faults) -> None:
    """Note every metric that is to get probabilities and is not there, or cannot take them."""
    metrics, named, known = task["metrics"], task["prob_metrics"], metrics_of(task)
    own = {name for name, node in metrics.items() if node != name} if isinstance(metrics, Mapping) else set()
    place = origin("prob_metrics")
    if named and task["name"] == "regression" and task["_target_"] is None:
        faults.add(*place, "a task on values has no probabilities; leave it out")
    elif known is not None:
        for name in named:
            if name not in known:
                hint = did_you_mean(str(name), known) or ";"
                faults.add(*place, f"{name!r} is not in metrics{hint} accepted: {', '.join(known)}")
            elif name not in (*own, *METRICS_OF_PROBABILITIES):
                faults.add(*place, f"{name!r} of the catalogue is computed from labels; leave it out")


def _check_names(names: list[Any], known: tuple[str, ...], origin: Origin, faults: Faults) -> None:
    for name in names:
        _check_name(name, known, origin, faults, "metrics")
        if names.count(name) > 1:
            faults.add(*origin("metrics"), f"{name!r} appears twice; list each metric once")


def _check_entries(
    entries: Mapping[Any, Any], known: tuple[str, ...], origin: Origin, faults: Faults
) -> None:
    for name, node in entries.items():
        key = f"metrics.{name}"
        if isinstance(node, Mapping):
            if not isinstance(node.get("_target_"), str):
                faults.add(*origin(key), f"has no _target_; accepted: {_OWN}")
        elif node != name:
            faults.add(
                *origin(key), f"{node!r} came; accepted: {_OWN}, or {name!r} for that of the catalogue"
            )
        else:
            _check_name(name, known, origin, faults, key)


def _check_name(name: Any, known: tuple[str, ...], origin: Origin, faults: Faults, key: str) -> None:
    if name in METRICS_PER_CLASS:
        faults.add(
            *origin(key),
            f"{name!r} has a score per class, and a task lists metrics of one number; compute it from the"
            f" finished study: mushin score results/compare.nc --metric {name}",
        )
    elif name not in known:
        hint = did_you_mean(str(name), known) or ";"
        faults.add(*origin(key), f"{name!r} is no metric of this task{hint} accepted: {', '.join(known)}")
