"""Check the group ``stats`` against itself and against the study: what compares only when all is trained."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mushin.comparison_rules import contradictions, is_margin
from mushin.config.faults import Faults, Origin
from mushin.errors import did_you_mean

_OPTIONS = ("test", "correction", "paired", "alternative")


def check_stats(
    stats: Mapping[str, Any],
    methods: Sequence[str],
    metrics: Sequence[str] | None,
    origin: Origin,
    faults: Faults,
) -> None:
    """Note what a comparison with these settings would refuse.

    Parameters
    ----------
    stats : mapping
        The group, checked against its schema; values that this found at fault are passed over.
    methods : sequence of str
        Of the study.
    metrics : sequence of str or None
        Of the study; None where only the task's callable knows them.
    origin : callable
        Where a key was set, for messages.
    faults : Faults
        Collects the faults.
    """
    baseline, margin, primary = (stats.get(key) for key in ("baseline", "margin", "primary"))
    if baseline is not None and baseline not in methods:
        faults.add(*origin("baseline"), f"{baseline!r} is no method of the study; accepted: {tuple(methods)}")
    margins = margin if isinstance(margin, Mapping) else {}
    for metric, value in margins.items():
        if isinstance(value, float) and not is_margin(value):
            faults.add(*origin(f"margin.{metric}"), f"{value!r} came; accepted: a finite number above 0")
    if metrics is not None:
        named = primary if isinstance(primary, list) else []
        _check_metrics(named, metrics, "primary", origin, faults)
        _check_metrics(margins, metrics, "margin", origin, faults)
    options: dict[str, Any] = {key: stats[key] for key in _OPTIONS if key in stats}
    options |= {"has_baseline": baseline is not None, "has_margin": margin is not None}
    for key, problem in contradictions(**options):
        faults.add(*origin(key), problem)


def _check_metrics(
    names: Iterable[Any], known: Sequence[str], key: str, origin: Origin, faults: Faults
) -> None:
    for name in names:
        if name not in known:
            hint = did_you_mean(str(name), known) or ";"
            faults.add(*origin(key), f"{name!r} is no metric of the study{hint} accepted: {', '.join(known)}")
