"""Hold what is decided about a comparison before the data are seen."""

from __future__ import annotations

import itertools
from collections.abc import Hashable
from dataclasses import dataclass

from mushin.errors import DataError, unknown_name
from mushin.score_arrays import Labels
from mushin.statistics.corrections import level_alone
from mushin.statistics.outcome import Alternative
from mushin.statistics.tests import NamedTest


@dataclass(frozen=True)
class Design:
    """What is decided before the data.

    Attributes
    ----------
    labels : Labels
        Of the results.
    pairs : tuple of (int, int)
        Which methods to compare, by position.
    test : NamedTest
        The test of every pair.
    alpha : float
        Chance of a false claim in a family.
    correction : str
        How p-values are adjusted.
    family : str
        Which tests share alpha.
    family_size : int
        How many they are.
    margins : dict of str to float
        The smallest difference that matters, by metric.
    primary : tuple of str
        The metrics that the claim is about; where there are any, the others are exploratory.
    alternative : {"two-sided", "greater", "less"}
        Whether A is looked at for being better than B, for being worse, or for both.
    """

    labels: Labels
    pairs: tuple[tuple[int, int], ...]
    test: NamedTest
    alpha: float
    correction: str
    family: str
    family_size: int
    margins: dict[str, float]
    primary: tuple[str, ...]
    alternative: Alternative = "two-sided"

    @property
    def threshold(self) -> float:
        """What a p must reach where no other test of the family rejects."""
        return level_alone(self.alpha, self.correction, self.family_size)

    @property
    def sides(self) -> int:
        """Of the alternative."""
        return 2 if self.alternative == "two-sided" else 1

    def towards(self, *, higher_is_better: bool) -> Alternative:
        """Return the alternative for the values of a metric: a better error is a smaller one."""
        if self.alternative == "two-sided":
            return "two-sided"
        return "greater" if (self.alternative == "greater") == higher_is_better else "less"


def choose_pairs(methods: tuple[Hashable, ...], baseline: Hashable | None) -> tuple[tuple[int, int], ...]:
    """Return the pairs of methods by position; with a baseline, each of the others against it.

    Raises
    ------
    DataError
        There is one method only.
    UnknownNameError
        The baseline is none of the methods.
    """
    if len(methods) < 2:
        raise DataError(f"a comparison needs two methods, got only {methods[0]!r}")
    if baseline is None:
        return tuple(itertools.combinations(range(len(methods)), 2))
    if baseline not in methods:
        raise unknown_name("baseline", str(baseline), map(str, methods))
    reference = methods.index(baseline)
    return tuple((i, reference) for i in range(len(methods)) if i != reference)
