"""Compare every pair of methods on every metric, with labels."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from mushin.comparison_design import Design, choose_pairs
from mushin.comparison_rules import contradictions, is_margin
from mushin.dimension_roles import with_roles
from mushin.errors import ConfigError, DataError, unknown_name
from mushin.pair_rows import pair_rows
from mushin.score_arrays import LISTED_CELLS, Labels, Scores, read_labels, read_scores, refuse_missing
from mushin.statistics.corrections import FAMILIES, adjust, available_corrections
from mushin.statistics.decisions import check_alpha, decide, reaches
from mushin.statistics.outcome import Alternative, check_alternative
from mushin.statistics.tests import NamedTest, find_test


def compare_methods(
    ds: xr.Dataset,
    *,
    metrics: Iterable[str] | None = None,
    test: str = "welch",
    alpha: float = 0.05,
    correction: str = "holm",
    family: str = "metric",
    baseline: Hashable | None = None,
    paired: bool | None = None,
    alternative: Alternative = "two-sided",
    margin: float | Mapping[str, float] | None = None,
    primary: str | Iterable[str] | None = None,
    allow_incomplete: bool = False,
    method: str | Sequence[str] = "method",
    seed: str = "seed",
    dataset: str | Sequence[str] | None = None,
    higher_is_better: Mapping[str, bool] | None = None,
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
        Chance of a false claim of a difference in the family, in (0, 1). With `margin` it holds again for
        the claims of equivalence, and again for those of non-inferiority: each is a family of its own.
    correction : str
        One of `available_corrections`.
    family : {"metric", "table"}
        The tests that share alpha: all pairs of one metric (in all datasets), or of all metrics.
    baseline : label, optional
        Compare the other methods with this one only.
    paired : bool, optional
        True says that a seed fixes something that the methods share (the data split, say), and takes the
        paired form of the test. By default the test's name decides; equal seed numbers are no reason.
    alternative : {"two-sided", "greater", "less"}
        ``greater`` asks only whether A does better than B, ``less`` whether it does worse, whichever
        direction of the metric is better; with `baseline`, B is the baseline. Decide before the data.
        One-sided tests add the column `alternative`; all intervals stay two-sided.
    margin : float or mapping of metric to float, optional
        The smallest difference that matters, declared before the data. It adds the columns `margin` and
        `p_tost`, and the decisions ``equivalent`` and ``non_inferior``. For t tests only.
    primary : str or iterable of str, optional
        The metrics that the claim is about; the rows of all others are flagged ``exploratory``.
    allow_incomplete : bool
        Compare what there is where cells are missing. The family keeps its size.
    method, seed, dataset : str or sequence of str, optional
        The dimensions that are the methods, the seeds and the data sets, where these are not their names.
        Several for `method` make each combination a method; several for `dataset` make each combination
        one that is compared on its own. `seed` is one.
    higher_is_better : mapping of metric to bool, optional
        The direction of metrics that do not declare it, as those of a sweep.

    Returns
    -------
    DataFrame
        One row per metric, (dataset) and pair. `mean_diff`, its interval and `effect_size` are A - B in
        the metric's own direction; `prob_superiority` is the chance that a run of A does better than
        one of B, and `decision` what can be claimed of A against B: better, worse, equivalent,
        non_inferior, inconclusive, underpowered or untestable. It is underpowered where `p_min`, corrected
        together with that of the rest of the family, exceeds alpha. `mde_80` and `seeds_needed_80` are at
        alpha / `family_size`, for normal scores with the observed spread: exact for Student's and the
        paired t test, nearly so for Welch's, simulated as by `power` for the others. `flags` names what
        is unusual, joined by ``;``. NaN marks what can't be computed.

    Raises
    ------
    IncompleteStudyError
        Cells are missing; the message lists them.
    DataError
        The Dataset is not of this form, or a run is inf and the test compares means.
    UnknownNameError
        There is no such metric, test, correction, family, alternative or method.
    ConfigError
        `alpha` is not in (0, 1), or options contradict each other.

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
    named_test = find_test(test, paired=paired)
    _check_family(correction, family, alternative)
    for option, problem in contradictions(
        test=test,
        correction=correction,
        paired=paired,
        alternative=alternative,
        has_baseline=baseline is not None,
        has_margin=margin is not None,
    ):
        raise ConfigError(f"{option} {problem}")
    ds = with_roles(ds, method=method, seed=seed, dataset=dataset, higher_is_better=higher_is_better)
    labels = read_labels(ds)
    pairs = choose_pairs(labels.methods, baseline)
    all_scores = read_scores(ds, metrics)
    if not allow_incomplete:
        refuse_missing(all_scores, labels)
    _refuse_diverged(all_scores, labels, named_test)
    metrics_of_family = len(all_scores) if family == "table" else 1
    size = len(pairs) * len(labels.datasets or [None]) * metrics_of_family
    names = [scores.metric for scores in all_scores]
    design = Design(
        labels,
        pairs,
        named_test,
        alpha,
        correction,
        family,
        size,
        margins=_margins(margin, names),
        primary=_primary(primary, names),
        alternative=alternative,
    )
    rows = pd.concat([pair_rows(scores, design) for scores in all_scores], ignore_index=True)
    return _decided(rows, design)


def _check_family(correction: str, family: str, alternative: Alternative) -> None:
    """Check the names of the options that say how p-values are adjusted."""
    check_alternative(alternative)
    if correction not in available_corrections():
        raise unknown_name("correction", correction, available_corrections())
    if family not in FAMILIES:
        raise unknown_name("family", family, FAMILIES)


def _refuse_diverged(all_scores: list[Scores], labels: Labels, test: NamedTest) -> None:
    """Raise where a run is inf and the test compares means."""
    if test.compares != "means":
        return
    diverged = [
        f"{scores.metric} of {labels.cell(*where)}"
        for scores in all_scores
        for where in np.argwhere(np.isinf(scores.values))
    ]
    if diverged:
        more = f" and {len(diverged) - LISTED_CELLS} more" if len(diverged) > LISTED_CELLS else ""
        raise DataError(
            f"diverged (inf): {'; '.join(diverged[:LISTED_CELLS])}{more}. Test {test.name!r} compares means, "
            "which such a run leaves undefined; use test='mannwhitney' (or 'wilcoxon' for pairs), where it "
            "counts as a loss, or leave the metric out with metrics=[...]"
        )


def _margins(margin: float | Mapping[str, float] | None, metrics: list[str]) -> dict[str, float]:
    """Check the margins and give each to its metric."""
    if margin is None:
        return {}
    margins = dict(margin) if isinstance(margin, Mapping) else dict.fromkeys(metrics, margin)
    for metric, value in margins.items():
        if metric not in metrics:
            raise unknown_name("margin: metric", metric, metrics)
        if not is_margin(value):
            raise ConfigError(f"margin of {metric!r} is {value!r}; it must be a number above 0")
    return {metric: float(value) for metric, value in margins.items()}


def _primary(primary: str | Iterable[str] | None, metrics: list[str]) -> tuple[str, ...]:
    """Check the names of the metrics that the claim is about."""
    names = (primary,) if isinstance(primary, str) else tuple(primary or ())
    for name in names:
        if name not in metrics:
            raise unknown_name("primary: metric", name, metrics)
    return names


def _decided(rows: pd.DataFrame, design: Design) -> pd.DataFrame:
    """Adjust the p-values within their family and decide."""
    p_value = rows["p_value"].to_numpy()
    corrected = _adjusted(p_value, design)
    significant = reaches(corrected, design.alpha)
    within: dict[str, Any] = {}
    if design.margins:
        within = {
            "equivalent": reaches(_adjusted(rows["p_tost"].to_numpy(), design), design.alpha),
            "non_inferior": reaches(_adjusted(rows["_p_not_worse"].to_numpy(), design), design.alpha),
        }
    decision = decide(
        p_value,
        significant,
        rows["_advantage"].to_numpy(),
        fewest_runs=rows[["n_a", "n_b"]].min(axis=1).to_numpy(),
        can_claim=reaches(_adjusted(rows["p_min"].to_numpy(), design), design.alpha),
        **within,
    )
    decided = rows.assign(p_corrected=corrected, significant=significant, decision=decision.astype(object))
    return decided[[name for name in decided.columns if not name.startswith("_")]]


def _adjusted(p_value: NDArray[np.float64], design: Design) -> NDArray[np.float64]:
    """Adjust p-values, those of one family after those of another."""
    families = p_value.reshape(-1, design.family_size)
    adjusted = adjust(
        design.correction,
        families,
        family_size=design.family_size,
        methods=len(design.labels.methods),
    )
    return adjusted.reshape(-1)
