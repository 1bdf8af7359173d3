"""Simulate whether the tests keep their promises: false claims, coverage, power. One command, four tables.

    OMP_NUM_THREADS=1 python benchmarks/calibration.py [--repetitions 2000] [--only TABLE]

- False claims: no method differs from another in its mean; the share of studies in which Holm's correction
  at alpha 0.05 allows at least one claim. A star marks what lies above 0.05 by more than three standard
  errors. The second table shows one pair whose methods differ in runs and spread.
- Coverage: the share of 95 % intervals that hold the true value.
- Power: the share of studies that find a true difference of d standard deviations, beside mushin.power.

Every number is seeded by its own place in the tables, so that a part gives the same numbers as the whole.
"""

from __future__ import annotations

import argparse
import itertools
import zlib
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr
from tabulate import tabulate

from mushin.planned_power import power
from mushin.statistics.corrections import holm
from mushin.statistics.effects import hedges_g, hedges_g_z, rank_biserial_paired, superiority
from mushin.statistics.intervals import mean_interval, t_interval
from mushin.statistics.moments import difference_moments, moments, student_error, welch_error
from mushin.statistics.runs import interquartile_means
from mushin.statistics.tests import available_tests, find_test

FloatArray = NDArray[np.float64]
Draw = Callable[[np.random.Generator, tuple[int, int, int]], FloatArray]

ALPHA = 0.05
SEEDS = (3, 5, 10, 30)
METHODS = (2, 3, 5, 10)


def normal(rng: np.random.Generator, shape: tuple[int, int, int]) -> FloatArray:
    """Draw scores of the same mean and spread."""
    return rng.normal(size=shape)


def skewed(rng: np.random.Generator, shape: tuple[int, int, int]) -> FloatArray:
    """Draw log-normal scores, as losses are."""
    return np.exp(0.75 * rng.normal(size=shape))


def discrete(rng: np.random.Generator, shape: tuple[int, int, int]) -> FloatArray:
    """Draw accuracies on 50 test items: many ties."""
    return rng.binomial(50, 0.9, shape) / 50


def heteroscedastic(rng: np.random.Generator, shape: tuple[int, int, int]) -> FloatArray:
    """Draw scores of the same mean, every other method scattering three times as much."""
    return rng.normal(size=shape) * np.where(np.arange(shape[1]) % 2, 3.0, 1.0)[:, None]


SCORES: dict[str, Draw] = {
    "normal": normal,
    "skewed": skewed,
    "discrete": discrete,
    "heteroscedastic": heteroscedastic,
}


def false_claims(test: str, scores: str, n: int, methods: int, repetitions: int) -> tuple[float, int]:
    """Return the share of studies with a claim, and how many were simulated."""
    first, second = np.triu_indices(methods, 1)
    affordable = _affordable(test, scores, n) // len(first)
    repetitions = max(40, min(repetitions, affordable))
    runs = SCORES[scores](_rng(test, scores, n, methods), (repetitions, methods, n))
    outcome = find_test(test).run(runs[:, first], runs[:, second])
    claimed = (holm(outcome.p_value) <= ALPHA * (1 + 1e-12)).any(axis=-1)
    return float(claimed.mean()), repetitions


def is_above(share: float, repetitions: int) -> bool:
    """Say whether a share lies above alpha by more than three standard errors."""
    return share > ALPHA + 3 * np.sqrt(ALPHA * (1 - ALPHA) / repetitions)


def _affordable(test: str, scores: str, n: int) -> int:
    """Return how many pairs of runs are tested in a few seconds."""
    if test in ("permutation", "signflip"):
        return 4_000 if n > 5 else 100_000
    if test in ("mannwhitney", "wilcoxon") and scores == "discrete":
        return {3: 100_000, 5: 100_000, 10: 20_000}.get(n, 2_000)  # each pattern of ties is counted anew
    return 100_000


def _rng(*place: object) -> np.random.Generator:
    """Return the generator of one number of the tables."""
    return np.random.default_rng(zlib.crc32(repr(place).encode()))


def errors_table(repetitions: int) -> str:
    """Return the table of false claims."""
    rows = []
    for test, scores in itertools.product(available_tests(), SCORES):
        row: dict[str, str] = {"test": test, "scores": scores}
        for n, methods in itertools.product(SEEDS, METHODS):
            share, simulated = false_claims(test, scores, n, methods, repetitions)
            row[f"n={n} K={methods}"] = f"{share:.3f}{'*' if is_above(share, simulated) else ''}"
        rows.append(row)
    return tabulate(rows, headers="keys", tablefmt="pipe", disable_numparse=True)


def unequal_table(repetitions: int) -> str:
    """Return false claims of one pair where the method with fewer runs scatters more, and the reverse."""
    rows = []
    for test in available_tests():
        if find_test(test).paired:
            continue
        row = {"test": test}
        for few, many, sd in ((3, 10, 3.0), (3, 10, 1 / 3), (5, 15, 3.0), (5, 15, 1 / 3)):
            count = min(repetitions, _affordable(test, "normal", many))
            rng = _rng("unequal", test, few, many, sd)
            a, b = rng.normal(0, sd, (count, few)), rng.normal(0, 1, (count, many))
            share = np.mean(find_test(test).run(a, b).p_value <= ALPHA * (1 + 1e-12))
            row[f"{few} runs of sd {sd:.3g}, {many} of sd 1"] = (
                f"{share:.3f}{'*' if is_above(float(share), count) else ''}"
            )
        rows.append(row)
    return tabulate(rows, headers="keys", tablefmt="pipe", disable_numparse=True)


def coverage_table(repetitions: int) -> str:
    """Return the coverage of every interval, normal scores, true difference 0, 1 and 3 sd."""
    rows = []
    for d in (0.0, 1.0, 3.0):
        for name, held in intervals_held(d, repetitions).items():
            rows.append({"interval of": name, "true d": f"{d:g}", **held})
    for datasets in (1, 26):
        row = {"interval of": f"interquartile mean, {datasets} data sets", "true d": ""}
        for n in SEEDS:
            rng = _rng("iqm", datasets, n)
            runs = rng.normal(size=(min(repetitions, 2_000 if datasets == 1 else 1_000), datasets, n))
            effect = interquartile_means(runs, resamples=1_000)
            row[f"n={n}"] = f"{np.mean((effect.low <= 0) & (effect.high >= 0)):.3f}"
        rows.append(row)
    return tabulate(rows, headers="keys", tablefmt="pipe", disable_numparse=True)


def intervals_held(d: float, repetitions: int) -> dict[str, dict[str, str]]:
    """Return, for each interval and number of seeds, how often it holds the true value."""
    found: dict[str, dict[str, str]] = {}
    for n in SEEDS:
        rng = _rng("coverage", d, n)
        a, b = rng.normal(d, 1, (repetitions, n)), rng.normal(0, 1, (repetitions, n))
        of_a, of_b, pairs = moments(a), moments(b), difference_moments(a, b)
        chance = ndtr(d / np.sqrt(2))
        g, g_z = hedges_g(of_a, of_b), hedges_g_z(pairs)
        above, paired = superiority(a, b), rank_biserial_paired(a, b)
        intervals = {
            "mean": (mean_interval(of_a), d),
            "difference, welch": (t_interval(of_a.mean - of_b.mean, *welch_error(of_a, of_b)), d),
            "difference, ttest_ind": (t_interval(of_a.mean - of_b.mean, *student_error(of_a, of_b)), d),
            "difference, ttest_rel": (mean_interval(pairs), d),
            "hedges_g": ((g.low, g.high), d),
            "hedges_g_z": ((g_z.low, g_z.high), d / np.sqrt(2)),
            "P(A>B)": ((above.low, above.high), chance),
            "rank_biserial, paired": ((paired.low, paired.high), _paired_rank_biserial(d, n)),
        }
        for name, ((low, high), true) in intervals.items():
            known = ~np.isnan(low)
            share = np.mean((low[known] <= true) & (true <= high[known])) if known.any() else np.nan
            found.setdefault(name, {})[f"n={n}"] = f"{share:.3f}"
    return found


def _paired_rank_biserial(d: float, n: int) -> float:
    """Return the expected rank-biserial of n normal differences, from the chances of their Walsh averages."""
    single, double = ndtr(d / np.sqrt(2)), ndtr(d)
    share = (n * single + n * (n - 1) / 2 * double) / (n * (n + 1) / 2)
    return float(2 * share - 1)


def power_table(repetitions: int) -> str:
    """Return simulated and planned power of one pair, in sd of a run (unpaired) or of a difference."""
    rows = []
    for test, d in itertools.product(available_tests(), (1.0, 2.0)):
        row = {"test": test, "d": f"{d:g}"}
        for n in SEEDS:
            named = find_test(test)
            count = min(repetitions, _affordable(test, "normal", n))
            rng = _rng("power", test, d, n)
            a = rng.normal(d, 1, (count, n))
            b = np.zeros((count, n)) if named.paired else rng.normal(0, 1, (count, n))
            share = np.mean(named.run(a, b).p_value <= ALPHA * (1 + 1e-12))
            row[f"n={n}"] = f"{share:.3f} / {power(2, n, test=test, effects=[d]).chance[d]:.3f}"
        rows.append(row)
    return tabulate(rows, headers="keys", tablefmt="pipe", disable_numparse=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repetitions", type=int, default=2_000)
    parser.add_argument("--only", choices=["errors", "unequal", "coverage", "power"])
    options = parser.parse_args()
    tables = {
        "errors": ("False claims, Holm at alpha 0.05, no true difference", errors_table),
        "unequal": ("False claims of one pair, alpha 0.05, unequal runs and spread", unequal_table),
        "coverage": ("Coverage of 95 % intervals", coverage_table),
        "power": ("Power, simulated / mushin.power", power_table),
    }
    for name, (heading, table) in tables.items():
        if options.only in (None, name):
            print(f"## {heading}\n\n{table(options.repetitions)}\n", flush=True)


if __name__ == "__main__":
    main()
