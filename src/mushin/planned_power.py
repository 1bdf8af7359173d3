"""Say what the design of a study can claim, before anything is trained."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from mushin.errors import ConfigError, unknown_name
from mushin.statistics.corrections import FAMILIES, SHAFFER, available_corrections, level_alone
from mushin.statistics.decisions import MIN_RUNS_FOR_A_CLAIM, check_alpha
from mushin.statistics.design_power import How, TestPower
from mushin.statistics.outcome import Alternative, check_alternative
from mushin.statistics.power import smallest_p
from mushin.statistics.tests import find_test

_EFFECTS = (0.5, 0.8, 1.2, 2.0)
_STEP_UP = ("hochberg", "fdr_bh")


@dataclass(frozen=True)
class Power:
    """What a design can claim.

    Attributes
    ----------
    test : str
        The test of every pair; its paired form where pairing was asked for.
    correction, alternative : str
        As asked for.
    alpha : float
        Chance of a false claim in a family.
    n_methods, n_seeds : int
        Of the design.
    family_size : int
        How many tests share alpha.
    level : float
        What p must reach where one pair differs and no other test of the family rejects: alpha / m, or
        alpha without correction. Effects and seeds are for this level.
    smallest_p : float
        That any data of this design can give; 0 for a t test, which has no such bound.
    smallest_corrected_p : float
        The same after the correction. ``hochberg`` and ``fdr_bh`` reach it only where all pairs of the
        family are this clear.
    detectable_effect : float
        The smallest true effect that is found with a chance of 80 %: Cohen's d, for a paired test d_z;
        inf where none is.
    chance : mapping of float to float
        True effect → the chance that this design finds it.
    seeds_needed : mapping of float to float
        True effect → seeds per method that find it with a chance of 80 %; inf beyond a million.
    how : {"exact", "simulated", "asymptotic"}
        How the power with these seeds was found; see `power`.
    """

    test: str
    correction: str
    alternative: Alternative
    alpha: float
    n_methods: int
    n_seeds: int
    family_size: int
    level: float
    smallest_p: float
    smallest_corrected_p: float
    detectable_effect: float
    chance: Mapping[float, float]
    seeds_needed: Mapping[float, float]
    how: How

    @property
    def can_claim(self) -> bool:
        """Whether there are data of this design that allow a claim."""
        reachable = self.smallest_corrected_p <= self.alpha * (1 + 1e-12)
        return self.n_seeds >= MIN_RUNS_FOR_A_CLAIM and reachable


def power(
    n_methods: int,
    n_seeds: int,
    *,
    test: str = "welch",
    alpha: float = 0.05,
    correction: str = "holm",
    family: str = "metric",
    n_metrics: int = 1,
    n_datasets: int = 1,
    baseline: bool = False,
    paired: bool | None = None,
    alternative: Alternative = "two-sided",
    effects: Iterable[float] = _EFFECTS,
) -> Power:
    """Say what a design can claim: its smallest p, the effect it finds, the seeds that an effect needs.

    Scores are taken as normal, with the same spread between seeds for every method. t tests are then
    exact (the noncentral t; for Welch's test averaged over its degrees of freedom). Rank and permutation
    tests are simulated: 10,000 or 5,000 seeded repetitions, good to about one point of power. Beyond 30
    seeds (``mannwhitney``), 50 (``wilcoxon``), 7 (``permutation``) or 12 (``signflip``) the t test takes
    their place, for ranks with 3/pi of the seeds, their asymptotic relative efficiency.

    Parameters
    ----------
    n_methods, n_seeds : int
        At least 2 and 1.
    test, alpha, correction, family, paired, alternative
        As for `compare_methods`.
    n_metrics, n_datasets : int
        Of the study; metrics count with ``family="table"`` only.
    baseline : bool
        Whether the others are compared with one method only.
    effects : iterable of float
        True effects to find, above 0, in standard deviations between seeds.

    Returns
    -------
    Power
        At 80 % power. Effects are for one pair that differs while no other does.

    Raises
    ------
    UnknownNameError
        There is no such test, correction, family or alternative.
    ConfigError
        A number is out of range, or options contradict each other.

    References
    ----------
    Cohen 1988, Statistical Power Analysis, chapter 2; Colas, Sigaud & Oudeyer 2018, arXiv:1806.08295, for
    seeds; Hodges & Lehmann 1956, doi:10.1214/aoms/1177728261, for the efficiency 3/pi.

    Examples
    --------
    >>> power(5, 3, test="mannwhitney").can_claim
    False
    >>> design = power(3, 5)
    >>> round(design.detectable_effect, 2), design.seeds_needed[2.0]
    (2.63, 8.0)
    """
    check_alpha(alpha)
    check_alternative(alternative)
    sides = 2 if alternative == "two-sided" else 1
    named_test = find_test(test, paired=paired)
    counts = {"n_methods": n_methods, "n_seeds": n_seeds, "n_metrics": n_metrics, "n_datasets": n_datasets}
    _check(counts, correction, family, contradicts_shaffer=baseline or sides == 1)
    family_size = _pairs(n_methods, baseline) * n_datasets * (n_metrics if family == "table" else 1)
    level = level_alone(alpha, correction, family_size)
    of_test = TestPower(named_test.name, level, sides)
    raw = float(smallest_p(named_test.name, *[np.array(n_seeds)] * 2, sides=sides))
    factor = 1 if correction in (*_STEP_UP, "none") else family_size
    sizes = _checked_effects(effects)
    claims = n_seeds >= MIN_RUNS_FOR_A_CLAIM
    return Power(
        test=named_test.name,
        correction=correction,
        alternative=alternative,
        alpha=alpha,
        n_methods=n_methods,
        n_seeds=n_seeds,
        family_size=family_size,
        level=level,
        smallest_p=raw,
        smallest_corrected_p=min(1.0, raw * factor),
        detectable_effect=of_test.detectable(n_seeds),
        chance=MappingProxyType({d: float(of_test.chance(d, n_seeds)) if claims else 0.0 for d in sizes}),
        seeds_needed=MappingProxyType({d: float(of_test.seeds_for(d)) for d in sizes}),
        how=of_test.how(n_seeds),
    )


def _pairs(n_methods: int, baseline: bool) -> int:
    """Count the pairs of methods, or the methods that a baseline is compared with."""
    return n_methods - 1 if baseline else n_methods * (n_methods - 1) // 2


def _check(counts: Mapping[str, int], correction: str, family: str, *, contradicts_shaffer: bool) -> None:
    """Check the numbers and names of a design."""
    for name, count in counts.items():
        least = 2 if name == "n_methods" else 1
        if isinstance(count, bool) or not isinstance(count, int | np.integer) or count < least:
            raise ConfigError(f"{name} is {count!r}; it must be a whole number from {least}")
    if correction not in available_corrections():
        raise unknown_name("correction", correction, available_corrections())
    if family not in FAMILIES:
        raise unknown_name("family", family, FAMILIES)
    if correction == SHAFFER and contradicts_shaffer:
        raise ConfigError("correction 'shaffer' needs two-sided tests of all pairs; use 'holm'")


def _checked_effects(effects: Iterable[float]) -> tuple[float, ...]:
    """Check that every effect is a number above 0."""
    sizes = tuple(effects)
    for size in sizes:
        if isinstance(size, bool) or not isinstance(size, float | int) or not 0 < size < math.inf:
            raise ConfigError(f"effects holds {size!r}; each must be a number above 0, such as 0.8")
    return tuple(float(size) for size in sizes)
