"""Check the metrics that conf/task/ lists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mushin.config.faults import Faults, Origin
from mushin.config.schema import (
    METRICS_BY_TASK,
    METRICS_OF_CLASSES,
    METRICS_OF_VALUES,
    METRICS_PER_CLASS,
)
from mushin.errors import did_you_mean

_OWN = "a mapping with _target_"


def check_battery(task: Mapping[str, Any], origin: Origin, faults: Faults) -> None:
    """Note every metric of a checked group ``task`` that cannot be scored.

    What a ``_target_`` builds is known only where it is called; here it is enough that it is there.
    """
    metrics, named = task["metrics"], task["prob_metrics"]
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
    if isinstance(metrics, (list, Mapping)) and isinstance(named, list):
        for name in named:
            if name not in metrics:
                hint = did_you_mean(str(name), map(str, metrics)) or ";"
                listed = ", ".join(map(str, metrics))
                faults.add(*origin("prob_metrics"), f"{name!r} is not in metrics{hint} accepted: {listed}")


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
