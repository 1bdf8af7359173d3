"""Say which options of a comparison contradict each other, from their names alone."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

T_TESTS = ("welch", "ttest_ind", "ttest_rel")
"""The tests that a margin can be judged by."""
UNPAIRED_FORMS = {"ttest_rel": "welch", "wilcoxon": "mannwhitney", "signflip": "permutation"}
"""Each paired test, and the test without pairs that asks the same."""


def contradictions(
    *,
    test: str = "welch",
    correction: str = "holm",
    paired: bool | None = None,
    alternative: str = "two-sided",
    has_baseline: bool = False,
    has_margin: bool = False,
) -> Iterator[tuple[str, str]]:
    """Yield the option to blame and what is wrong with it, for each pair of options that excludes another.

    It reads names only and imports nothing, so that a plan can ask it as well as a comparison.

    Parameters
    ----------
    test, correction, paired, alternative
        As for `mushin.compare_methods`.
    has_baseline, has_margin : bool
        Whether `baseline` and `margin` are given.

    Examples
    --------
    >>> list(contradictions(correction="shaffer", has_baseline=True))
    [('correction', "'shaffer' needs all pairs; leave out baseline, or use 'holm'")]
    """
    if paired is False and test in UNPAIRED_FORMS:
        unpaired = UNPAIRED_FORMS[test]
        yield "test", f"{test!r} pairs the runs by seed, but paired is False; use {unpaired!r}"
    if correction == "shaffer":
        yield from (
            ("correction", problem) for problem in _against_shaffer(alternative, has_baseline, has_margin)
        )
    if has_margin and test not in T_TESTS:
        yield "margin", f"needs a t test ({', '.join(T_TESTS)}), but test is {test!r}"


def _against_shaffer(alternative: str, has_baseline: bool, has_margin: bool) -> Iterator[str]:
    """Yield what contradicts Shaffer's argument, which is about all pairs and about equalities."""
    if has_baseline:
        yield "'shaffer' needs all pairs; leave out baseline, or use 'holm'"
    if alternative != "two-sided":
        yield f"'shaffer' argues with equalities, but alternative is {alternative!r}; use 'holm'"
    if has_margin:
        yield "'shaffer' argues with equalities, and a margin asks for more; leave out margin, or use 'holm'"


def is_margin(value: Any) -> bool:
    """Tell whether a value can be the smallest difference that matters: a finite number above 0.

    Examples
    --------
    >>> is_margin(0.01), is_margin(-1), is_margin(True)
    (True, False, False)
    """
    return not isinstance(value, bool) and isinstance(value, float | int) and 0 < value < math.inf
