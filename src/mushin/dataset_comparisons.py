"""Compare methods over data sets: each data set is one block, and the claim is about new data sets."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from mushin.comparison_design import choose_pairs
from mushin.errors import ConfigError, DataError
from mushin.score_arrays import Labels, Scores, read_labels, read_scores, refuse_missing
from mushin.statistics.corrections import SHAFFER, adjust
from mushin.statistics.decisions import check_alpha, decide, reaches
from mushin.statistics.power import smallest_p
from mushin.statistics.rank_tests import wilcoxon
from mushin.statistics.ranks import (
    critical_difference,
    friedman,
    groups_of_equals,
    nemenyi_p,
    rank_in_blocks,
)
from mushin.statistics.ties import resolution

FloatArray = NDArray[np.float64]
_LEAST_DATASETS = 2


@dataclass(frozen=True)
class DatasetComparison:
    """What several data sets say about the methods.

    Attributes
    ----------
    ranks : DataFrame
        One row per metric and method: `mean_rank` over the data sets, 1 being the best.
    tests : DataFrame
        One row per metric: whether any method differs (Friedman, Iman-Davenport), Nemenyi's
        `critical_difference`, and the `groups` of methods that it can't tell apart, as ``a,b;b,c``.
    comparisons : DataFrame
        One row per metric and pair: the exact Wilcoxon test over data sets with its corrected p, wins and
        ties, Nemenyi's p, and the decision about new data sets.
    """

    ranks: pd.DataFrame
    tests: pd.DataFrame
    comparisons: pd.DataFrame


@dataclass(frozen=True)
class _Options:
    """What is decided before the data."""

    labels: Labels
    pairs: tuple[tuple[int, int], ...]
    correction: str
    alpha: float


def compare_over_datasets(
    ds: xr.Dataset,
    *,
    metrics: Iterable[str] | None = None,
    alpha: float = 0.05,
    correction: str = "holm",
    baseline: Hashable | None = None,
    allow_incomplete: bool = False,
) -> DatasetComparison:
    """Rank the methods within each data set, and test whether they differ on data sets like these.

    Scores are averaged over seeds first, so that each data set counts once. `compare_methods` asks
    another question: whether methods differ on these data sets under new seeds.

    Parameters
    ----------
    ds : Dataset
        Metrics with the dimensions (dataset, method, seed), as for `compare_methods`; two data sets at
        least, six or more for a claim.
    metrics : iterable of str, optional
        Which variables to compare. By default every one with exactly these dimensions.
    alpha : float
        Chance of a false claim among all pairs of one metric, in (0, 1).
    correction : str
        One of `available_corrections`.
    baseline : label, optional
        Compare the other methods with this one only.
    allow_incomplete : bool
        Average over the seeds that there are, and leave a data set out where a method has none.

    Returns
    -------
    DatasetComparison
        A diverged run (inf) makes its method the worst on that data set.

    Raises
    ------
    IncompleteStudyError
        Cells are missing; the message lists them.
    DataError
        The Dataset is not of this form, or fewer than two data sets can be used.
    UnknownNameError
        There is no such metric, correction or method.
    ConfigError
        `alpha` is not in (0, 1), or options contradict each other.

    References
    ----------
    Demšar 2006, JMLR 7:1; García & Herrera 2008, JMLR 9:2677, for Shaffer; Benavoli, Corani & Mangili
    2016, JMLR 17:5, for Wilcoxon's test of pairs in place of mean ranks, which depend on the others.

    Examples
    --------
    >>> scores = np.array([[0.9, 0.7], [0.8, 0.6], [0.9, 0.8], [0.7, 0.6], [0.8, 0.7], [0.6, 0.5]])
    >>> array = xr.DataArray(
    ...     scores[..., None],
    ...     coords={"dataset": list("abcdef"), "method": ["cnn", "mlp"], "seed": [0]},
    ...     dims=("dataset", "method", "seed"),
    ...     attrs={"higher_is_better": True},
    ... )
    >>> found = compare_over_datasets(xr.Dataset({"accuracy": array}))
    >>> found.comparisons[["method_a", "method_b", "p_value", "decision"]].values.tolist()
    [['cnn', 'mlp', 0.03125, 'better']]
    """
    check_alpha(alpha)
    labels = read_labels(ds)
    if labels.datasets is None:
        raise DataError("the results have no dimension 'dataset'; compare_methods compares within one")
    if correction == SHAFFER and baseline is not None:
        raise ConfigError("correction 'shaffer' needs all pairs; leave out baseline, or use 'holm'")
    all_scores = read_scores(ds, metrics)
    if not allow_incomplete:
        refuse_missing(all_scores, labels)
    options = _Options(labels, choose_pairs(labels.methods, baseline), correction, alpha)
    blocks = [(scores, _blocks(scores)) for scores in all_scores]
    return DatasetComparison(
        ranks=pd.concat([_ranks(*each, options) for each in blocks], ignore_index=True),
        tests=pd.concat([_tests(*each, options) for each in blocks], ignore_index=True),
        comparisons=pd.concat([_comparisons(*each, options) for each in blocks], ignore_index=True),
    )


def _blocks(scores: Scores) -> FloatArray:
    """Average over seeds, shape (datasets, methods); data sets that lack a method are left out."""
    worst = -np.inf if scores.higher_is_better else np.inf
    values = np.where(np.isinf(scores.values), worst, scores.values)
    present = ~np.isnan(values)
    whole = present.any(axis=-1).all(axis=-1)
    if whole.sum() < _LEAST_DATASETS:
        raise DataError(
            f"metric {scores.metric!r}: {int(whole.sum())} data set has runs of every method; a comparison "
            f"over data sets needs {_LEAST_DATASETS} at least, and 6 or more for a claim"
        )
    return np.asarray(np.where(present, values, 0.0)[whole].sum(axis=-1) / present[whole].sum(axis=-1))


def _ranks(scores: Scores, blocks: FloatArray, options: _Options) -> pd.DataFrame:
    """Return the mean rank of every method."""
    ranks = rank_in_blocks(blocks, higher_is_better=scores.higher_is_better)
    return pd.DataFrame(
        {
            "metric": scores.metric,
            "higher_is_better": scores.higher_is_better,
            "method": np.array(options.labels.methods, dtype=object),
            "n_datasets": len(blocks),
            "mean_rank": ranks.mean(axis=0),
            "best_on": (ranks == ranks.min(axis=-1, keepdims=True)).sum(axis=0),
        }
    )


def _tests(scores: Scores, blocks: FloatArray, options: _Options) -> pd.DataFrame:
    """Return the tests of all methods at once."""
    ranks = rank_in_blocks(blocks, higher_is_better=scores.higher_is_better)
    result = friedman(ranks)
    difference = critical_difference(ranks.shape[1], len(ranks), alpha=options.alpha)
    groups = groups_of_equals(ranks.mean(axis=0), difference)
    named = [",".join(str(options.labels.methods[i]) for i in group) for group in groups]
    row = {
        "metric": scores.metric,
        "n_datasets": len(ranks),
        "n_methods": ranks.shape[1],
        "friedman_chi2": float(result.chi2),
        "friedman_df": result.chi2_df,
        "friedman_p": float(result.chi2_p),
        "iman_davenport_f": float(result.f),
        "iman_davenport_df1": result.f_df1,
        "iman_davenport_df2": result.f_df2,
        "iman_davenport_p": float(result.f_p),
        "critical_difference": difference,
        "groups": ";".join(named),
        "alpha": options.alpha,
    }
    return pd.DataFrame([row])


def _comparisons(scores: Scores, blocks: FloatArray, options: _Options) -> pd.DataFrame:
    """Return the pairs: wins, ranks and Nemenyi's p, and the exact Wilcoxon test, corrected."""
    first, second = np.array(options.pairs).T
    methods = np.array(options.labels.methods, dtype=object)
    sign = 1 if scores.higher_is_better else -1
    a, b = sign * blocks.T[first], sign * blocks.T[second]
    # Of each data set by itself, as for its ranks: data sets need no common scale.
    of_means = resolution(blocks).T
    noise = np.maximum(of_means[first], of_means[second])
    return pd.DataFrame(
        {
            "metric": scores.metric,
            "higher_is_better": scores.higher_is_better,
            "method_a": methods[first],
            "method_b": methods[second],
            "n_datasets": len(blocks),
            **_wins(a, b, noise),
            **_rank_differences(scores, blocks, first, second),
            **_tested(a, b, noise, options),
        }
    )


def _tested(a: FloatArray, b: FloatArray, noise: FloatArray, options: _Options) -> dict[str, object]:
    """Return the columns of the Wilcoxon test; a larger score is a better one."""
    outcome = wilcoxon(a, b, noise=noise)
    n = np.full(a.shape[:-1], a.shape[-1])
    size = len(options.pairs)
    methods = len(options.labels.methods)
    p_min = smallest_p("wilcoxon", n, n)
    corrected, best_case = (
        adjust(options.correction, p, family_size=size, methods=methods) for p in (outcome.p_value, p_min)
    )
    significant = reaches(corrected, options.alpha)
    decision = decide(
        outcome.p_value,
        significant,
        outcome.direction,
        fewest_runs=n,
        can_claim=reaches(best_case, options.alpha),
    )
    return {
        "test": "wilcoxon",
        "statistic": outcome.statistic,
        "p_value": outcome.p_value,
        "p_corrected": corrected,
        "correction": options.correction,
        "family_size": size,
        "alpha": options.alpha,
        "significant": significant,
        "p_min": p_min,
        "population": "new data sets",
        "decision": decision.astype(object),
    }


def _rank_differences(
    scores: Scores, blocks: FloatArray, first: NDArray[np.int64], second: NDArray[np.int64]
) -> dict[str, FloatArray]:
    """Return the differences of mean ranks with Nemenyi's p."""
    mean_ranks = rank_in_blocks(blocks, higher_is_better=scores.higher_is_better).mean(axis=0)
    difference = mean_ranks[first] - mean_ranks[second]
    return {"rank_diff": difference, "nemenyi_p": nemenyi_p(difference, blocks.shape[1], len(blocks))}


def _wins(a: FloatArray, b: FloatArray, noise: FloatArray) -> dict[str, NDArray[np.int64]]:
    """Count the data sets on which A does better, alike and worse, float noise aside."""
    with np.errstate(invalid="ignore"):
        differs = np.abs(a - b) > noise
    wins, losses = (differs & (a > b)).sum(axis=-1), (differs & (a < b)).sum(axis=-1)
    return {"n_a_wins": wins, "n_ties": a.shape[-1] - wins - losses, "n_b_wins": losses}
