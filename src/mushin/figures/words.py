"""Say counts, runs and decisions in the words that all figures share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mushin.score_arrays import Labels

DECISIONS = {
    "better": "A is better",
    "worse": "A is worse",
    "equivalent": "equivalent",
    "non_inferior": "A is not inferior",
    "inconclusive": "inconclusive",
    "underpowered": "underpowered",
    "untestable": "untestable",
}
"""What a decision of the comparisons says of A against B."""


def counted(count: int, noun: str) -> str:
    """Return a count with its noun.

    Examples
    --------
    >>> counted(1, "seed"), counted(5, "seed")
    ('1 seed', '5 seeds')
    """
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def seeds_in(labels: Labels) -> str:
    """Return the seeds of a study and, where there are several, its data sets."""
    seeds = counted(len(labels.seeds), "seed")
    return seeds if labels.datasets is None else f"{seeds} on {counted(len(labels.datasets), 'data set')}"


def runs_note(summary: Mapping[str, Any]) -> str:
    """Return what is unusual about the runs of a row of the summary; empty where nothing is."""
    missing, diverged = int(summary["n_missing"]), int(summary["n_diverged"])
    told = [f"{missing} missing"] * (missing > 0) + [f"{diverged} diverged: no mean"] * (diverged > 0)
    return ", ".join(told)


def listed(names: Iterable[object], *, most: int = 6) -> str:
    """Return names in a row, the last ones counted where they are many.

    Examples
    --------
    >>> listed("abc"), listed("abcd", most=2)
    ('a, b, c', 'a, b and 2 more')
    """
    texts = [str(name) for name in names]
    if len(texts) <= most:
        return ", ".join(texts)
    return f"{', '.join(texts[:most])} and {len(texts) - most} more"
