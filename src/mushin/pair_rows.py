"""Compute the rows of one metric: every pair of methods, with labels."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mushin.score_arrays import Labels, Scores
from mushin.statistics.decisions import MIN_RUNS_FOR_A_CLAIM
from mushin.statistics.effects import (
    Effect,
    hedges_g,
    hedges_g_z,
    rank_biserial,
    rank_biserial_paired,
    superiority,
    superiority_paired,
)
from mushin.statistics.intervals import Interval, difference_range, mean_interval, welch_interval
from mushin.statistics.moments import Moments, difference_moments, moments, pair_correlation
from mushin.statistics.outcome import Outcome, as_pairs
from mushin.statistics.power import smallest_p
from mushin.statistics.tests import NamedTest

FloatArray = NDArray[np.float64]
Columns = dict[str, Any]

_FLAG_OF = {
    "one_sample_t": "one_sample_t",
    "sign_flip": "degenerate",
    "asymptotic": "asymptotic",
    "too_few_runs": "too_few_runs",
}


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
    """

    labels: Labels
    pairs: tuple[tuple[int, int], ...]
    test: NamedTest
    alpha: float
    correction: str
    family: str
    family_size: int

    @property
    def threshold(self) -> float:
        """What a p must reach where no other test of the family rejects."""
        return self.alpha if self.correction == "none" else self.alpha / self.family_size


def pair_rows(scores: Scores, design: Design) -> pd.DataFrame:
    """Compute all columns of one metric but those that need the whole family.

    Returns
    -------
    DataFrame
        One row per dataset and pair. The last columns, ``_advantage`` and ``_flags`` (a list), are for
        the decision.
    """
    a, b = _runs(scores, design)
    missing = np.isnan(a) | np.isnan(b)
    n_missing = np.isnan(a).sum(axis=-1) + np.isnan(b).sum(axis=-1)
    correlation = pair_correlation(a, b)
    if design.test.paired:
        a, b = as_pairs(a, b)
    of_a, of_b = moments(a), moments(b)
    outcome = design.test.run(a, b)
    p_min = smallest_p(design.test.name, of_a.n, of_b.n)
    p_min = np.where(outcome.how == "sign_flip", smallest_p("signflip", of_a.n, of_b.n), p_min)
    difference, interval, simultaneous = _difference(a, b, of_a, of_b, scores, design)
    sign = 1 if scores.higher_is_better else -1
    columns: Columns = {
        **_names(scores, design),
        "n_a": of_a.n,
        "n_b": of_b.n,
        "n_pairs": (~missing).sum(axis=-1),
        "n_missing": n_missing,
        "mean_a": of_a.mean,
        "mean_b": of_b.mean,
        "sd_a": of_a.sd,
        "sd_b": of_b.sd,
        "mean_diff": difference,
        "ci_low": interval[0],
        "ci_high": interval[1],
        "ci_sim_low": simultaneous[0],
        "ci_sim_high": simultaneous[1],
        "test": design.test.name,
        "paired": design.test.paired,
        "statistic": outcome.statistic,
        "df": outcome.df,
        "p_value": outcome.p_value,
        "p_corrected": np.nan,
        "correction": design.correction,
        "family": design.family,
        "family_size": design.family_size,
        "alpha": design.alpha,
        "significant": False,
        **_effects(a, b, of_a, of_b, sign, design),
        "pair_correlation": correlation,
        "p_min": p_min,
        "decision": "",
        "flags": _flags(a, b, of_a, of_b, outcome, difference, n_missing),
        "_advantage": sign * outcome.direction,
    }
    return pd.DataFrame(columns)


def _runs(scores: Scores, design: Design) -> tuple[FloatArray, FloatArray]:
    """Return the runs of A and of B, shape (rows, seeds); a diverged run is as bad as can be."""
    worst = -np.inf if scores.higher_is_better else np.inf
    values = np.where(np.isinf(scores.values), worst, scores.values)
    first, second = np.array(design.pairs).T
    seeds = values.shape[-1]
    return values[:, first].reshape(-1, seeds), values[:, second].reshape(-1, seeds)


def _names(scores: Scores, design: Design) -> Columns:
    """Label the rows."""
    datasets, methods = design.labels.datasets, design.labels.methods
    count = len(datasets or (None,))
    columns: Columns = {"metric": scores.metric, "higher_is_better": scores.higher_is_better}
    if datasets is not None:
        columns["dataset"] = np.repeat(_objects(datasets), len(design.pairs))
    columns["method_a"] = np.tile(_objects([methods[i] for i, _ in design.pairs]), count)
    columns["method_b"] = np.tile(_objects([methods[j] for _, j in design.pairs]), count)
    return columns


def _objects(labels: tuple[Hashable, ...] | list[Hashable]) -> NDArray[np.object_]:
    """Keep labels as they are."""
    array = np.empty(len(labels), dtype=object)
    array[:] = labels
    return array


def _difference(
    a: FloatArray, b: FloatArray, of_a: Moments, of_b: Moments, scores: Scores, design: Design
) -> tuple[FloatArray, Interval, Interval]:
    """Return the difference of means, its interval, and the one that holds for the whole family."""
    valid_range = difference_range(scores.valid_range)
    levels = (design.alpha, design.alpha / design.family_size)
    if design.test.paired:
        diverged = (np.isinf(a) | np.isinf(b)).any(axis=-1, keepdims=True)
        of_pairs = difference_moments(np.where(diverged, np.nan, a), np.where(diverged, np.nan, b))
        intervals = [mean_interval(of_pairs, alpha=level, valid_range=valid_range) for level in levels]
        return of_pairs.mean, intervals[0], intervals[1]
    intervals = [welch_interval(of_a, of_b, alpha=level, valid_range=valid_range) for level in levels]
    return of_a.mean - of_b.mean, intervals[0], intervals[1]


def _effects(
    a: FloatArray, b: FloatArray, of_a: Moments, of_b: Moments, sign: int, design: Design
) -> Columns:
    """Return the effect size that goes with the test, and the chance that A does better than B."""
    paired, alpha = design.test.paired, design.alpha
    effect: Effect
    if design.test.compares == "ranks":
        name = "rank_biserial"
        effect = (rank_biserial_paired if paired else rank_biserial)(a, b, alpha=alpha)
    elif paired:
        name, effect = "hedges_g_z", hedges_g_z(difference_moments(a, b), alpha=alpha)
    else:
        name, effect = "hedges_g", hedges_g(of_a, of_b, alpha=alpha)
    chance = (superiority_paired if paired else superiority)(sign * a, sign * b, alpha=alpha)
    return {
        "effect_name": name,
        "effect_size": effect.size,
        "effect_ci_low": effect.low,
        "effect_ci_high": effect.high,
        "prob_superiority": chance.size,
        "ps_ci_low": chance.low,
        "ps_ci_high": chance.high,
    }


def _flags(
    a: FloatArray,
    b: FloatArray,
    of_a: Moments,
    of_b: Moments,
    outcome: Outcome,
    difference: FloatArray,
    n_missing: NDArray[np.int64],
) -> list[str]:
    """Name what is unusual about each row."""
    fewest = np.minimum(of_a.n, of_b.n)
    masks = {
        **{flag: outcome.how == how for how, flag in _FLAG_OF.items()},
        "fewer_than_3_runs": (fewest >= 2) & (fewest < MIN_RUNS_FOR_A_CLAIM),
        "constant_a": of_a.is_constant,
        "constant_b": of_b.is_constant,
        "diverged_a": np.isinf(a).any(axis=-1),
        "diverged_b": np.isinf(b).any(axis=-1),
        "missing_cells": n_missing > 0,
        "means_disagree": np.sign(difference) * outcome.direction < 0,
    }
    return [";".join(flag for flag, mask in masks.items() if mask[row]) for row in range(len(a))]
