"""Say what a test can find with a number of seeds, before there are any scores.

Scores are taken as normal with the same spread for both methods, and effects are in units of that spread
(Cohen's d; for paired tests d_z, in units of the spread of the differences).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np
from scipy.special import betaincinv, nctdtr, stdtrit

from mushin.statistics.decisions import MIN_RUNS_FOR_A_CLAIM
from mushin.statistics.noncentral import bisect
from mushin.statistics.power import MOST_SEEDS, t_power
from mushin.statistics.shifts import MOST_SIMULATED, critical_shifts
from mushin.statistics.ties import FloatArray

How = Literal["exact", "simulated", "asymptotic"]

# Of a rank test against the t test of normal scores, and of rearranging against t (Hodges & Lehmann 1956,
# Ann. Math. Stat. 27:324, doi:10.1214/aoms/1177728261; Hoeffding 1952, doi:10.1214/aoms/1177729436).
_EFFICIENCY: Mapping[str, float] = MappingProxyType(
    {"wilcoxon": 3 / np.pi, "mannwhitney": 3 / np.pi, "permutation": 1.0, "signflip": 1.0}
)
_PAIRED = ("ttest_rel", "wilcoxon", "signflip")
_LARGEST_EFFECT = 1e6
_NODES = 200


@dataclass(frozen=True)
class TestPower:
    """What one test of a family can find.

    Attributes
    ----------
    test : str
        One of `mushin.statistics.tests.available_tests`.
    level : float
        What p must reach, in (0, 1): alpha / m for one of m tests.
    sides : {1, 2}
        Of the alternative.
    """

    test: str
    level: float
    sides: int = 2

    def how(self, n: int) -> How:
        """Return how the power with n seeds is found.

        ``exact`` for t tests: the noncentral t, for Welch's averaged over what its degrees of freedom can
        be; ``simulated`` for the others, 5,000 or 10,000 seeded repetitions, good to about one point; and
        ``asymptotic`` beyond the sizes of `mushin.statistics.shifts`, where a t test takes their place,
        with 3/pi of the seeds for a rank test.
        """
        if self.test not in _EFFICIENCY:
            return "exact"
        return "simulated" if n <= MOST_SIMULATED[self.test] else "asymptotic"

    def chance(self, effect: float, n: int) -> float:
        """Return the chance that n seeds per method find a true effect of this size.

        Examples
        --------
        >>> round(TestPower("ttest_ind", level=0.05).chance(1.0, 17), 3)
        0.807
        """
        if n < 2:
            return 0.0
        if self.how(n) == "simulated":
            shifts = critical_shifts(self.test, n, self.level / self.sides)
            return float(np.searchsorted(shifts, effect, side="left") / len(shifts))
        if self.test == "welch":
            return _welch_power(effect, n, self.level, self.sides)
        runs = n * _EFFICIENCY.get(self.test, 1.0)
        paired = self.test in _PAIRED
        df = runs - 1 if paired else 2 * runs - 2
        distance = np.array(effect * np.sqrt(runs if paired else runs / 2))
        return float(t_power(distance, np.array(df), alpha=self.level, sides=self.sides))

    def detectable(self, n: int, *, power: float = 0.8) -> float:
        """Return the smallest true effect that n seeds per method find with this chance; inf where none.

        Examples
        --------
        >>> round(TestPower("ttest_ind", level=0.05).detectable(17), 3)
        0.991
        """
        if n < MIN_RUNS_FOR_A_CLAIM or self.chance(_LARGEST_EFFECT, n) < power:
            return float("inf")

        def lacking(effect: FloatArray) -> FloatArray:
            return np.asarray(power - self.chance(float(effect), n))

        return float(bisect(lacking, np.array(0.0), np.array(_LARGEST_EFFECT)))

    def seeds_for(self, effect: float, *, power: float = 0.8) -> float:
        """Return the seeds per method that find a true effect of this size; inf beyond a million.

        Examples
        --------
        >>> TestPower("ttest_ind", level=0.05).seeds_for(1.0)
        17.0
        """
        return _smallest(lambda n: self.chance(effect, n) >= power)


def _welch_power(effect: float, n: int, level: float, sides: int) -> float:
    """Return the power of Welch's test of two groups of n with equal spread.

    With equal n its t is Student's, noncentral with 2n - 2 degrees of freedom, and independent of the
    ratio of the observed variances (Lukacs 1955, doi:10.1214/aoms/1177728549), which alone sets the
    critical value. B = s_a^2 / (s_a^2 + s_b^2) is Beta((n - 1)/2, (n - 1)/2); its quantiles are averaged.
    """
    shape = (n - 1) / 2
    ratio = betaincinv(shape, shape, (np.arange(_NODES) + 0.5) / _NODES)
    critical = -stdtrit((n - 1) / (ratio**2 + (1 - ratio) ** 2), np.full(_NODES, level / sides))
    df = 2.0 * n - 2
    # Beyond it hardly any t is missed, and nctdtr loses its footing; see t_power.
    distance = min(effect * np.sqrt(n / 2), 4 * critical.max() + 5)
    found = 1 - nctdtr(df, distance, critical)
    wrong = nctdtr(df, distance, -critical) if sides == 2 else 0.0
    return float(np.mean(found + np.nan_to_num(wrong)))


def _smallest(is_enough: Callable[[int], bool]) -> float:
    """Return the smallest number of seeds from 3 that is enough, inf where none up to a million is."""
    low, high = MIN_RUNS_FOR_A_CLAIM - 1, MIN_RUNS_FOR_A_CLAIM
    while not is_enough(high):
        low, high = high, 2 * high
        if high > MOST_SEEDS:
            return float("inf")
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_enough(middle) else (middle, high)
    return float(high)
