"""Compare every pair of methods on every metric, with labels."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from mushin.errors import ConfigError, DataError, IncompleteStudyError, unknown_name
from mushin.score_arrays import Labels, Scores, read_labels, read_scores
from mushin.statistics.corrections import adjust, available_corrections
from mushin.statistics.decisions import MIN_RUNS_FOR_A_CLAIM, decide
from mushin.statistics.effects import (
    Effect,
    hedges_g,
    hedges_g_z,
    rank_biserial,
    rank_biserial_paired,
    superiority,
    superiority_paired,
)
from mushin.statistics.intervals import difference_range, mean_interval, welch_interval
from mushin.statistics.moments import difference_moments, moments
from mushin.statistics.outcome import Outcome
from mushin.statistics.power import smallest_p
from mushin.statistics.tests import NamedTest, find_test
from mushin.summaries import check_alpha, summarise_methods

__all__ = ["compare_methods", "summarise_methods"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_FAMILIES = ("metric", "table")
_FLAG_OF = {
    "one_sample_t": "one_sample_t",
    "sign_flip": "degenerate",
    "asymptotic": "asymptotic",
    "monte_carlo": "monte_carlo",
    "too_few_runs": "too_few_runs",
    "both_constant": "both_constant",
}
_LISTED_CELLS = 20


@dataclass(frozen=True)
class _Design:
    """What is decided before the data: the pairs, the test and the family."""

    labels: Labels
    pairs: tuple[tuple[int, int], ...]
    test: NamedTest
    alpha: float
    correction: str
    family: str
    family_size: int

    @property
    def threshold(self) -> float:
        """What a p must reach by itself to be rejected."""
        return self.alpha if self.correction == "none" else self.alpha / self.family_size


def compare_methods(
    ds: xr.Dataset,
    *,
    metrics: Iterable[str] | None = None,
    test: str = "welch",
    alpha: float = 0.05,
    correction: str = "holm",
    family: str = "metric",
    baseline: Hashable | None = None,
    allow_incomplete: bool = False,
) -> pd.DataFrame:
    """Test every pair of methods on every metric, and say what can be claimed.

    Runs of different datasets are never pooled: each dataset gives its own rows. The claim is about new
    seeds on the same data.

    Parameters
    ----------
    ds : Dataset
        Metrics with the dimensions (method, seed) or (dataset, method, seed), each with the attribute
        `higher_is_better`, and `valid_range` where there is one. NaN is a missing cell.
    metrics : iterable of str, optional
        Which variables to compare. By default every one with exactly these dimensions.
    test : str
        One of `available_tests`. Name a paired test only where a seed fixes something that the methods
        share.
    alpha : float
        Chance of a false claim in the family, in (0, 1).
    correction : str
        One of `available_corrections`.
    family : {"metric", "table"}
        The tests that share alpha: all pairs of one metric (in all datasets), or of all metrics.
    baseline : label, optional
        Compare the other methods with this one only.
    allow_incomplete : bool
        Compare what there is where cells are missing. The family keeps its size.

    Returns
    -------
    DataFrame
        One row per metric, (dataset) and pair. `mean_diff`, its interval and `effect_size` are A - B in
        the metric's own direction; `prob_superiority` is the chance that a run of A does better than
        one of B, and `decision` what can be claimed of A against B: better, worse, inconclusive,
        underpowered or untestable. `flags` names what is unusual, joined by ``;``. NaN marks what
        can't be computed.

    Raises
    ------
    IncompleteStudyError
        Cells are missing; the message lists them.
    DataError
        The Dataset is not of this form, or a run is inf and the test compares means.
    UnknownNameError
        There is no such metric, test, correction, family or method.
    ConfigError
        `alpha` is not in (0, 1).

    References
    ----------
    See `mushin.statistics` for each formula.

    Examples
    --------
    >>> scores = xr.DataArray(
    ...     [[0.91, 0.92, 0.94], [0.80, 0.83, 0.81]],
    ...     coords={"method": ["cnn", "mlp"], "seed": [0, 1, 2]},
    ...     dims=("method", "seed"),
    ...     attrs={"higher_is_better": True},
    ... )
    >>> table = compare_methods(xr.Dataset({"accuracy": scores}))
    >>> table[["method_a", "method_b", "decision"]].values.tolist()
    [['cnn', 'mlp', 'better']]
    """
    check_alpha(alpha)
    named_test = find_test(test)
    if correction not in available_corrections():
        raise unknown_name("correction", correction, available_corrections())
    if family not in _FAMILIES:
        raise unknown_name("family", family, _FAMILIES)
    labels = read_labels(ds)
    pairs = _pairs(labels.methods, baseline)
    all_scores = read_scores(ds, metrics)
    if not allow_incomplete:
        _refuse_missing(all_scores, labels)
    if named_test.compares == "means":
        _refuse_diverged(all_scores, labels, test)
    per_metric = len(pairs) * len(labels.datasets or [None])
    size = per_metric * (len(all_scores) if family == "table" else 1)
    design = _Design(labels, pairs, named_test, alpha, correction, family, size)
    return _decided(pd.concat([_rows(scores, design) for scores in all_scores], ignore_index=True), design)
