"""Compute the rows of one metric: every pair of methods, with labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mushin.comparison_design import Design
from mushin.score_arrays import Scores, label_array
from mushin.statistics.decisions import MIN_RUNS_FOR_A_CLAIM
from mushin.statistics.design_power import TestPower
from mushin.statistics.effects import (
    Effect,
    hedges_g,
    hedges_g_z,
    rank_biserial,
    rank_biserial_paired,
    superiority,
    superiority_paired,
)
from mushin.statistics.equivalence import equivalence
from mushin.statistics.intervals import difference_range, t_interval
from mushin.statistics.moments import (
    Moments,
    difference_moments,
    mean_error,
    moments,
    pair_correlation,
    student_error,
    welch_error,
)
from mushin.statistics.outcome import Alternative, Outcome, as_pairs
from mushin.statistics.power import detectable_difference, seeds_needed, smallest_p
from mushin.statistics.tests import NamedTest

FloatArray = NDArray[np.float64]
Columns = dict[str, Any]

_FLAG_OF = {
    "one_sample_t": "one_sample_t",
    "sign_flip": "degenerate",
    "asymptotic": "asymptotic",
    "monte_carlo": "monte_carlo",
    "too_few_runs": "too_few_runs",
}


@dataclass(frozen=True)
class _Pairs:
    """The runs of one metric, shape (rows, seeds), and what the columns share."""

    a: FloatArray
    b: FloatArray
    of_a: Moments
    of_b: Moments
    difference: FloatArray
    error: FloatArray
    df: FloatArray
    outcome: Outcome


def pair_rows(scores: Scores, design: Design) -> pd.DataFrame:
    """Compute all columns of one metric but those that need the whole family.

    Returns
    -------
    DataFrame
        One row per dataset and pair. ``p_corrected``, ``significant`` and ``decision`` are still empty;
        columns with a leading underscore are for the decision.
    """
    a, b = _runs(scores, design)
    alternative = design.towards(higher_is_better=scores.higher_is_better)
    pairs = _described(*(as_pairs(a, b) if design.test.paired else (a, b)), design.test, alternative)
    sign = 1 if scores.higher_is_better else -1
    n_missing = np.isnan(a).sum(axis=-1) + np.isnan(b).sum(axis=-1)
    columns: Columns = {
        **_names(scores, design),
        "n_a": pairs.of_a.n,
        "n_b": pairs.of_b.n,
        "n_pairs": (~(np.isnan(a) | np.isnan(b))).sum(axis=-1),
        "n_missing": n_missing,
        **_means(pairs, scores, design),
        "test": design.test.name,
        "paired": design.test.paired,
        **({} if design.sides == 2 else {"alternative": design.alternative}),
        "statistic": pairs.outcome.statistic,
        "df": pairs.outcome.df,
        "p_value": pairs.outcome.p_value,
        "p_corrected": np.nan,
        "correction": design.correction,
        "family": design.family,
        "family_size": design.family_size,
        "alpha": design.alpha,
        "significant": False,
        **_effects(pairs, sign, design),
        "pair_correlation": pair_correlation(a, b),
        **_power(pairs, sign, design),
        **_margin(pairs, scores.metric, sign, design),
        "decision": "",
        "flags": _flags(pairs, n_missing, scores.metric, design),
        "_advantage": sign * pairs.outcome.direction,
    }
    return pd.DataFrame(columns)


def _runs(scores: Scores, design: Design) -> tuple[FloatArray, FloatArray]:
    """Return the runs of A and of B, shape (rows, seeds); a diverged run is as bad as can be."""
    worst = -np.inf if scores.higher_is_better else np.inf
    values = np.where(np.isinf(scores.values), worst, scores.values)
    first, second = np.array(design.pairs).T
    seeds = values.shape[-1]
    return values[:, first].reshape(-1, seeds), values[:, second].reshape(-1, seeds)


def _described(a: FloatArray, b: FloatArray, test: NamedTest, alternative: Alternative) -> _Pairs:
    """Test the pairs, and describe their difference by the standard error that goes with the test."""
    of_a, of_b = moments(a), moments(b)
    difference = of_a.mean - of_b.mean
    if test.paired:
        diverged = (np.isinf(a) | np.isinf(b)).any(axis=-1, keepdims=True)
        of_pairs = difference_moments(np.where(diverged, np.nan, a), np.where(diverged, np.nan, b))
        difference = of_pairs.mean
        error, df = mean_error(of_pairs)
    elif test.name == "ttest_ind":
        error, df = student_error(of_a, of_b)
    else:
        error, df = welch_error(of_a, of_b)
    return _Pairs(a, b, of_a, of_b, difference, error, df, test.run(a, b, alternative=alternative))


def _names(scores: Scores, design: Design) -> Columns:
    """Label the rows."""
    datasets, methods = design.labels.datasets, design.labels.methods
    count = len(datasets or (None,))
    columns: Columns = {"metric": scores.metric, "higher_is_better": scores.higher_is_better}
    if datasets is not None:
        columns["dataset"] = np.repeat(label_array(datasets), len(design.pairs))
    columns["method_a"] = np.tile(label_array([methods[i] for i, _ in design.pairs]), count)
    columns["method_b"] = np.tile(label_array([methods[j] for _, j in design.pairs]), count)
    return columns


def _means(pairs: _Pairs, scores: Scores, design: Design) -> Columns:
    """Return means and spreads, and the difference with its own interval and the family's."""
    valid_range = difference_range(scores.valid_range)
    estimate = (pairs.difference, pairs.error, pairs.df)
    low, high = t_interval(*estimate, alpha=design.alpha, valid_range=valid_range)
    all_low, all_high = t_interval(
        *estimate, alpha=design.alpha / design.family_size, valid_range=valid_range
    )
    return {
        "mean_a": pairs.of_a.mean,
        "mean_b": pairs.of_b.mean,
        "sd_a": pairs.of_a.sd,
        "sd_b": pairs.of_b.sd,
        "mean_diff": pairs.difference,
        "ci_low": low,
        "ci_high": high,
        "ci_sim_low": all_low,
        "ci_sim_high": all_high,
    }


def _effects(pairs: _Pairs, sign: int, design: Design) -> Columns:
    """Return the effect size that goes with the test, and the chance that A does better than B."""
    a, b, paired, alpha = pairs.a, pairs.b, design.test.paired, design.alpha
    effect: Effect
    if design.test.compares == "ranks":
        name = "rank_biserial"
        effect = (rank_biserial_paired if paired else rank_biserial)(a, b, alpha=alpha)
    elif paired:
        name, effect = "hedges_g_z", hedges_g_z(difference_moments(a, b), alpha=alpha)
    else:
        name, effect = "hedges_g", hedges_g(pairs.of_a, pairs.of_b, alpha=alpha)
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


def _power(pairs: _Pairs, sign: int, design: Design) -> Columns:
    """Return what the design can reach: the smallest p, the detectable difference, the seeds needed."""
    n_a, n_b = pairs.of_a.n, pairs.of_b.n
    sides = design.sides
    p_min = smallest_p(design.test.name, n_a, n_b, sides=sides)
    # Constant differences are tested by flipping signs, whatever the test's name.
    p_min = np.where(pairs.outcome.how == "sign_flip", smallest_p("signflip", n_a, n_b, sides=sides), p_min)
    detectable, needed = (_of_t if design.test.is_t_test else _of_simulation)(pairs, design)
    looked_for = {"two-sided": 0, "greater": sign, "less": -sign}[design.alternative] * pairs.difference >= 0
    too_few = ~np.isnan(detectable) & (np.minimum(n_a, n_b) < MIN_RUNS_FOR_A_CLAIM)
    return {
        "p_min": p_min,
        "mde_80": np.where(too_few, np.inf, detectable),
        "seeds_needed_80": np.where(looked_for | np.isnan(needed), needed, np.inf),
    }


def _of_t(pairs: _Pairs, design: Design) -> tuple[FloatArray, FloatArray]:
    """Return the detectable difference and the seeds needed of a t test, by the noncentral t."""
    level, sides = design.threshold, design.sides
    spread, df_per_seed = _per_seed(pairs, design.test)
    detectable = detectable_difference(pairs.error, pairs.df, alpha=level, sides=sides)
    return detectable, seeds_needed(pairs.difference, spread, df_per_seed, alpha=level, sides=sides)


def _of_simulation(pairs: _Pairs, design: Design) -> tuple[FloatArray, FloatArray]:
    """Return the same of a rank or permutation test, as `mushin.power` has it for normal scores.

    One standard deviation is that of the paired differences, or the root mean square of the two methods'.
    Where one method has fewer runs, both are taken to have as few.
    """
    fewest = np.minimum(pairs.of_a.n, pairs.of_b.n)
    spread, _ = _per_seed(pairs, design.test)
    unit = spread if design.test.paired else spread / np.sqrt(2)
    power = TestPower(design.test.name, design.threshold, design.sides)
    sizes, where = np.unique(fewest, return_inverse=True)
    effects = np.array([power.detectable(int(n)) for n in sizes])[where.reshape(fewest.shape)]
    usable = (unit > 0) & ~np.isnan(pairs.difference)
    found = power.seeds_for(np.abs(np.where(usable, pairs.difference, 1.0)) / np.where(usable, unit, 1.0))
    return np.where(usable, effects, np.nan) * unit, np.where(usable, found, np.nan)


def _per_seed(pairs: _Pairs, test: NamedTest) -> tuple[FloatArray, FloatArray]:
    """Return the spread and the degrees of freedom that one more seed for both methods brings."""
    if test.paired:
        return pairs.error * np.sqrt(pairs.of_a.n), np.ones_like(pairs.error)
    squares = np.stack([pairs.of_a.sd, pairs.of_b.sd]) ** 2
    spread = np.sqrt(squares.sum(axis=0))
    if test.name == "ttest_ind":
        return spread, np.full_like(spread, 2.0)
    with np.errstate(invalid="ignore"):
        return spread, squares.sum(axis=0) ** 2 / (squares**2).sum(axis=0)


def _margin(pairs: _Pairs, metric: str, sign: int, design: Design) -> Columns:
    """Return the margin of the metric and the evidence that the difference stays within it."""
    if not design.margins:
        return {}
    margin = design.margins.get(metric, np.nan)
    evidence = equivalence(pairs.difference, pairs.error, pairs.df, np.full_like(pairs.error, margin))
    return {
        "margin": margin,
        "p_tost": evidence.p_tost,
        "_p_not_worse": evidence.p_above if sign > 0 else evidence.p_below,
    }


def _flags(pairs: _Pairs, n_missing: NDArray[np.int64], metric: str, design: Design) -> list[str]:
    """Name what is unusual about each row."""
    of_a, of_b, outcome = pairs.of_a, pairs.of_b, pairs.outcome
    fewest = np.minimum(of_a.n, of_b.n)
    masks = {
        **{flag: outcome.how == how for how, flag in _FLAG_OF.items()},
        "fewer_than_3_runs": (fewest >= 2) & (fewest < MIN_RUNS_FOR_A_CLAIM),
        "constant_a": of_a.is_constant,
        "constant_b": of_b.is_constant,
        "diverged_a": np.isinf(pairs.a).any(axis=-1),
        "diverged_b": np.isinf(pairs.b).any(axis=-1),
        "missing_cells": n_missing > 0,
        "means_disagree": np.sign(pairs.difference) * outcome.direction < 0,
        "exploratory": np.full(len(fewest), bool(design.primary) and metric not in design.primary),
    }
    return [";".join(flag for flag, mask in masks.items() if mask[row]) for row in range(len(fewest))]
