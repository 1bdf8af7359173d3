"""Time the statistics against one scipy call each: one command, one table.

    OMP_NUM_THREADS=1 python benchmarks/statistics_speed.py [--repeats 5]

Both sides run in turn, so that a busy moment of the machine falls on both. Times are medians with their
range; ratios are medians of the ratios within a turn. Results are compared before anything is timed. The
loop of the bootstrap runs 250 of 50,000 resamples, and its time is multiplied by 200.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy import stats
from tabulate import tabulate

from mushin.comparisons import compare_methods
from mushin.statistics.runs import interquartile_means
from mushin.statistics.tests import mannwhitney, welch, wilcoxon

FloatArray = NDArray[np.float64]
RESAMPLES = 50_000
_SHARE = 200


@dataclass(frozen=True)
class Case:
    """One workload: ours, theirs, and what theirs is multiplied by."""

    name: str
    ours: Callable[[], FloatArray]
    theirs: Callable[[], FloatArray]
    factor: int = 1
    tolerance: float = 1e-9


def cases() -> list[Case]:
    """Return the workloads: 3,800 pairs are those of 20 methods and 20 metrics."""
    rng = np.random.default_rng(0)
    a, b = rng.normal(0.8, 0.02, (2, 3_800, 10))
    scores = rng.normal(0.5, 0.1, (8, 26, 5))
    return [
        Case("Welch, 3,800 pairs of 10 runs", *_pairwise(welch, _scipy_welch, a, b)),
        Case("Wilcoxon exact, 3,800 pairs of 10", *_pairwise(wilcoxon, _scipy_wilcoxon, a, b)),
        Case("Mann-Whitney exact, 3,800 pairs of 10 + 10", *_pairwise(mannwhitney, _scipy_u, a, b)),
        Case(
            "interquartile means, 26 x 5 x 8, 50,000 resamples",
            lambda: interquartile_means(scores, resamples=RESAMPLES).size,
            lambda: _bootstrap_loop(scores, RESAMPLES // _SHARE),
            factor=_SHARE,
        ),
        Case(
            "the whole table of 20 methods and 20 metrics, 10 seeds",
            lambda: compare_methods(_study()).loc[:, "p_value"].to_numpy(),
            lambda: np.array([_scipy_welch(x, y) for x, y in _study_pairs()]),
        ),
    ]


def _pairwise(
    ours: Callable[..., object],
    theirs: Callable[[FloatArray, FloatArray], float],
    a: FloatArray,
    b: FloatArray,
) -> tuple[Callable[[], FloatArray], Callable[[], FloatArray]]:
    return (
        lambda: ours(a, b).p_value,  # type: ignore[attr-defined]
        lambda: np.array([theirs(x, y) for x, y in zip(a, b, strict=True)]),
    )


def _scipy_welch(a: FloatArray, b: FloatArray) -> float:
    return float(stats.ttest_ind(a, b, equal_var=False).pvalue)


def _scipy_wilcoxon(a: FloatArray, b: FloatArray) -> float:
    return float(stats.wilcoxon(a - b, method="exact").pvalue)


def _scipy_u(a: FloatArray, b: FloatArray) -> float:
    return float(stats.mannwhitneyu(a, b, method="exact").pvalue)


def _bootstrap_loop(scores: FloatArray, resamples: int) -> FloatArray:
    """Resample each method by itself, as a loop over resamples with scipy's trimmed mean does."""
    rng = np.random.default_rng(0)
    for runs in scores:
        drawn = np.empty(resamples)
        for i in range(resamples):
            chosen = rng.integers(0, runs.shape[1], runs.shape)
            drawn[i] = stats.trim_mean(np.take_along_axis(runs, chosen, axis=1), 0.25, axis=None)
        np.quantile(drawn, [0.025, 0.975])
    return np.asarray(stats.trim_mean(scores.reshape(len(scores), -1), 0.25, axis=1))


def _study() -> xr.Dataset:
    values = np.random.default_rng(1).normal(0.8, 0.02, (20, 20, 10))
    coords = {"method": [f"m{i}" for i in range(20)], "seed": range(10)}
    return xr.Dataset(
        {
            f"metric{k}": xr.DataArray(
                of_metric, coords, ("method", "seed"), attrs={"higher_is_better": True}
            )
            for k, of_metric in enumerate(values)
        }
    )


def _study_pairs() -> list[tuple[FloatArray, FloatArray]]:
    i, j = np.triu_indices(20, 1)
    values = [variable.values for variable in _study().data_vars.values()]
    return [(of_metric[x], of_metric[y]) for of_metric in values for x, y in zip(i, j, strict=True)]


def run(case: Case, repeats: int) -> dict[str, str]:
    """Check that both sides agree, then time them in turn."""
    np.testing.assert_allclose(case.ours(), case.theirs(), rtol=case.tolerance)
    ours, theirs = [], []
    for _ in range(repeats):
        for side, times in ((case.ours, ours), (case.theirs, theirs)):
            start = time.perf_counter()
            side()
            times.append(time.perf_counter() - start)
    theirs = [seconds * case.factor for seconds in theirs]
    ratio = statistics.median(slow / fast for fast, slow in zip(ours, theirs, strict=True))
    return {
        "case": case.name,
        "mushin (s)": _shown(ours),
        "one scipy call each (s)": _shown(theirs),
        "ratio": f"{ratio:.0f}",
    }


def _shown(seconds: list[float]) -> str:
    return f"{statistics.median(seconds):.3g} ({min(seconds):.3g} - {max(seconds):.3g})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    repeats = parser.parse_args().repeats
    print(tabulate([run(case, repeats) for case in cases()], headers="keys", tablefmt="pipe"))


if __name__ == "__main__":
    main()
