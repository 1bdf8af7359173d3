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
from numpy.typing import ArrayLike
from scipy.special import betaincinv, nctdtr, stdtrit

from mushin.statistics.decisions import MIN_RUNS_FOR_A_CLAIM, reaches
from mushin.statistics.noncentral import bisect
from mushin.statistics.power import MOST_SEEDS, smallest_p, t_power
from mushin.statistics.shifts import MOST_SIMULATED, critical_shifts
from mushin.statistics.ties import BoolArray, FloatArray, IntArray

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

    def chance(self, effect: ArrayLike, n: ArrayLike) -> FloatArray:
        """Return the chance that n seeds per method find a true effect of this size.

        Parameters
        ----------
        effect : array_like of float, shape (...)
            In standard deviations, 0 or above.
        n : array_like of int, shape (...)
            Seeds per method.

        Returns
        -------
        float array, shape (...)
            In [0, 1]; 0 below two seeds, and where no data of n seeds give so small a p.

        Examples
        --------
        >>> TestPower("ttest_ind", level=0.05).chance([0.5, 1.0], 17).round(3).tolist()
        [0.293, 0.807]
        """
        effects, seeds = np.broadcast_arrays(np.asarray(effect, dtype=np.float64), np.asarray(n))
        found = np.zeros(effects.shape)
        most = MOST_SIMULATED.get(self.test, 1)
        for size in np.unique(seeds[(seeds >= 2) & (seeds <= most)]):
            shifts = critical_shifts(self.test, int(size), self.level / self.sides)
            found[seeds == size] = np.searchsorted(shifts, effects[seeds == size]) / len(shifts)
        beyond = seeds > most
        if beyond.any():
            # A t has no smallest p, but the test whose place it takes has one.
            smallest = smallest_p(self.test, seeds[beyond], seeds[beyond], sides=self.sides)
            chance = self._of_t(effects[beyond], seeds[beyond])
            found[beyond] = np.where(reaches(smallest, self.level), chance, 0.0)
        return found

    def _of_t(self, effects: FloatArray, seeds: IntArray) -> FloatArray:
        """Return the power of the t test that this one is, or that takes its place; shapes (k,)."""
        if self.test == "welch":
            return _welch_power(effects, seeds, self.level, self.sides)
        runs: FloatArray = seeds.astype(np.float64) * _EFFICIENCY.get(self.test, 1.0)
        paired = self.test in _PAIRED
        df = runs - 1 if paired else 2 * runs - 2
        distance = effects * np.sqrt(runs if paired else runs / 2)
        return t_power(distance, df, alpha=self.level, sides=self.sides)

    def detectable(self, n: int, *, power: float = 0.8) -> float:
        """Return the smallest true effect that n seeds per method find with this chance; inf where none.

        Examples
        --------
        >>> round(TestPower("ttest_ind", level=0.05).detectable(17), 3)
        0.991
        """
        if n < MIN_RUNS_FOR_A_CLAIM or self.chance(_LARGEST_EFFECT, n) < power:
            return float("inf")
        return float(
            bisect(lambda effect: power - self.chance(effect, n), np.array(0.0), np.array(_LARGEST_EFFECT))
        )

    def seeds_for(self, effect: ArrayLike, *, power: float = 0.8) -> FloatArray:
        """Return the seeds per method that find a true effect of this size with this chance.

        Parameters
        ----------
        effect : array_like of float, shape (...)
            In standard deviations, 0 or above.
        power : float
            Chance, in (0, 1).

        Returns
        -------
        float array, shape (...)
            Whole numbers from 3, since fewer seeds give no claim; inf beyond a million.

        Examples
        --------
        >>> TestPower("ttest_ind", level=0.05).seeds_for([1.0, 2.0]).tolist()
        [17.0, 6.0]
        """
        effects = np.asarray(effect, dtype=np.float64)
        return _smallest(lambda n: self.chance(effects, n) >= power, effects.shape)


def _welch_power(effects: FloatArray, seeds: IntArray, level: float, sides: int) -> FloatArray:
    """Return the power of Welch's test of two groups of n with equal spread; shapes (k,).

    With equal n its t is Student's, noncentral with 2n - 2 degrees of freedom, and independent of the
    ratio of the observed variances (Lukacs 1955, doi:10.1214/aoms/1177728549), which alone sets the
    critical value. B = s_a^2 / (s_a^2 + s_b^2) is Beta((n - 1)/2, (n - 1)/2); its quantiles are averaged.
    """
    n = seeds[:, None].astype(np.float64)
    shape = (n - 1) / 2
    ratio = betaincinv(shape, shape, (np.arange(_NODES) + 0.5) / _NODES)
    critical = -stdtrit((n - 1) / (ratio**2 + (1 - ratio) ** 2), np.full(ratio.shape, level / sides))
    df = 2 * n - 2
    # Beyond it hardly any t is missed, and nctdtr loses its footing; see t_power.
    certain = 4 * critical.max(axis=1, keepdims=True) + 5
    distance = np.minimum(effects[:, None] * np.sqrt(n / 2), certain)
    found = 1 - nctdtr(df, distance, critical)
    wrong = nctdtr(df, distance, -critical) if sides == 2 else np.zeros_like(found)
    return np.asarray((found + np.nan_to_num(wrong)).mean(axis=1))


def _smallest(is_enough: Callable[[IntArray], BoolArray], shape: tuple[int, ...]) -> FloatArray:
    """Return the smallest numbers of seeds from 3 that are enough, inf where none up to a million is."""
    low = np.full(shape, MIN_RUNS_FOR_A_CLAIM - 1)
    high = np.full(shape, MIN_RUNS_FOR_A_CLAIM)
    while (lacking := ~is_enough(high) & (high <= MOST_SEEDS)).any():
        low, high = np.where(lacking, high, low), np.where(lacking, 2 * high, high)
    reachable = high <= MOST_SEEDS
    while (open_ := reachable & (high - low > 1)).any():
        middle = np.where(open_, (low + high) // 2, high)
        enough = is_enough(middle)
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return np.where(reachable, high.astype(np.float64), np.inf)
