"""Say lists and flags in words."""

from __future__ import annotations

from collections.abc import Iterable

_FLAGS = {
    "one_sample_t": "one method always scores the same, the other is tested against that number",
    "degenerate": "all paired differences are the same",
    "asymptotic": "p is an approximation for many runs",
    "monte_carlo": "p is estimated from seeded draws",
    "too_few_runs": "too few runs for a test",
    "fewer_than_3_runs": "fewer than three runs, which never give a claim",
    "constant_a": "A always scores the same",
    "constant_b": "B always scores the same",
    "diverged_a": "a run of A diverged",
    "diverged_b": "a run of B diverged",
    "missing_cells": "cells are missing",
    "means_disagree": "means and ranks point in different ways",
}


def in_words(names: Iterable[object], *, joint: str = "and", most: int | None = None) -> str:
    """Return names as in a sentence, those beyond the first ones counted where `most` says how many.

    Examples
    --------
    >>> in_words("abc"), in_words("a"), in_words("abcd", most=2)
    ('a, b and c', 'a', 'a, b and 2 more')
    """
    texts = [str(name) for name in names]
    if most is not None and len(texts) > most:
        texts = [*texts[:most], f"{len(texts) - most} more"]
    return f" {joint} ".join([", ".join(texts[:-1])] * (len(texts) > 1) + texts[-1:])


def flag_words(flags: str) -> list[str]:
    """Return what is unusual about a pair, from the flags of its row; what is exploratory is said elsewhere.

    Examples
    --------
    >>> flag_words("constant_a;exploratory")
    ['A always scores the same']
    """
    return [_FLAGS.get(flag, flag) for flag in str(flags).split(";") if flag not in ("", "exploratory")]
