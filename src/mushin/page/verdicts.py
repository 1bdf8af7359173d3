"""Say in words what can be claimed on each metric, from the decisions of the comparisons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import pandas as pd

from mushin.p_text import format_p
from mushin.page.words import flag_words, in_words
from mushin.report.cells_text import (
    DIRECTION,
    decimals_of_row,
    fixed,
    interval,
    percent,
    records,
    signed,
)
from mushin.statistics.decisions import CLAIMS

_LISTED = 6
_EFFECTS = {
    "hedges_g": "Hedges' g",
    "hedges_g_z": "Hedges' g_z",
    "rank_biserial": "rank-biserial correlation",
}


@dataclass(frozen=True)
class Verdict:
    """What can be claimed of one metric, on one data set where there are several.

    Attributes
    ----------
    metric, direction, dataset : str
        `dataset` is empty where there is one only.
    is_exploratory : bool
        Whether the metric is none of those that the claim is about.
    score : str
        How many of the pairs give a claim.
    sentences : tuple of str
        The verdict in words, one statement each.
    evidence : tuple of str
        A line per pair, with its numbers.
    is_claim : bool
        Whether there is any claim.
    """

    metric: str
    direction: str
    dataset: str
    is_exploratory: bool
    score: str
    sentences: tuple[str, ...]
    evidence: tuple[str, ...]
    is_claim: bool


def verdicts(comparisons: pd.DataFrame) -> list[Verdict]:
    """Return the verdict on every metric (and data set), those that the claim is about first.

    Parameters
    ----------
    comparisons : DataFrame
        From `mushin.compare_methods`.

    Examples
    --------
    >>> from mushin.comparisons import compare_methods
    >>> import xarray as xr
    >>> scores = xr.DataArray([[0.91, 0.92, 0.94], [0.80, 0.83, 0.81]], dims=("method", "seed"),
    ...     coords={"method": ["cnn", "mlp"], "seed": [0, 1, 2]}, attrs={"higher_is_better": True})
    >>> verdicts(compare_methods(xr.Dataset({"accuracy": scores})))[0].sentences
    ('cnn does better than mlp.',)
    """

    def block(row: dict[str, Any]) -> tuple[str, str]:
        return str(row["metric"]), str(row.get("dataset", ""))

    found = [_verdict(*of, list(rows)) for of, rows in groupby(records(comparisons), key=block)]
    return sorted(found, key=lambda verdict: verdict.is_exploratory)


def _verdict(metric: str, dataset: str, rows: list[dict[str, Any]]) -> Verdict:
    claims = sum(row["decision"] in CLAIMS for row in rows)
    pairs = "pair gives" if len(rows) == 1 else "pairs give"
    return Verdict(
        metric=metric,
        direction=DIRECTION[bool(rows[0]["higher_is_better"])],
        dataset=dataset,
        is_exploratory="exploratory" in str(rows[0]["flags"]).split(";"),
        score=f"{claims} of {len(rows)} {pairs} a claim",
        sentences=tuple(decision_sentences(rows)),
        evidence=tuple(map(_evidence, rows)),
        is_claim=claims > 0,
    )


def decision_sentences(rows: list[dict[str, Any]], *, units: str = "runs") -> Iterable[str]:
    """Yield one statement per decision that occurs among the pairs of a metric.

    Parameters
    ----------
    rows : list of dict
        Of the comparisons, all of one metric.
    units : str
        What a claim rests on: ``runs``, or ``data sets``.
    """
    beaten: dict[str, list[str]] = {}
    for row in rows:
        a, b = str(row["method_a"]), str(row["method_b"])
        if row["decision"] == "better":
            beaten.setdefault(a, []).append(b)
        elif row["decision"] == "worse":
            beaten.setdefault(b, []).append(a)
    for winner, losers in sorted(beaten.items(), key=lambda item: -len(item[1])):
        yield f"{winner} does better than {in_words(losers)}."
    by_decision = {
        decision: [row for row in rows if row["decision"] == decision]
        for decision in ("equivalent", "non_inferior", "inconclusive", "underpowered", "untestable")
    }
    for row in by_decision["equivalent"]:
        yield f"{row['method_a']} is equivalent to {row['method_b']} within the margin {row['margin']:g}."
    for row in by_decision["non_inferior"]:
        a, b, margin = row["method_a"], row["method_b"], row["margin"]
        yield f"{a} is not worse than {b} by more than the margin {margin:g}."
    if open_ := by_decision["inconclusive"]:
        yield (
            f"Inconclusive: these {units} do not tell {_pairs(open_)}. "
            "That does not mean that they are equal."
        )
    if weak := by_decision["underpowered"]:
        yield f"Underpowered: so few {units} could not have told {_pairs(weak)}, whatever the scores."
    if none := by_decision["untestable"]:
        yield f"Untestable: no p-value exists that could tell {_pairs(none)}."


def risk_of_false_claims(comparisons: pd.DataFrame) -> str:
    """Return what alpha promises, given the correction and the family.

    Examples
    --------
    >>> risk_of_false_claims(pd.DataFrame({"correction": ["holm"], "family": ["metric"], "alpha": [0.05]}))
    'The chance of any false claim is at most 0.05 for each metric.'
    """
    first = comparisons.iloc[0]
    scope = "each metric" if first["family"] == "metric" else "the whole table"
    if first["correction"] == "none":
        return f"The chance of a false claim is at most {first['alpha']:g} in every single comparison."
    kind = other = ""
    if "margin" in comparisons and comparisons["margin"].notna().any():
        kind, other = " of a difference", "; the same holds again of equivalence, and of non-inferiority"
    most = f"{first['alpha']:g}"
    if first["correction"] == "fdr_bh":
        return f"Of the claims{kind} of {scope}, a share of {most} at most is false on average{other}."
    return f"The chance of any false claim{kind} is at most {most} for {scope}{other}."


def tally(comparisons: pd.DataFrame) -> str:
    """Return how many pairs have each decision.

    Examples
    --------
    >>> tally(pd.DataFrame({"decision": ["better", "inconclusive", "worse"]}))
    '3 comparisons: 2 better or worse, 1 inconclusive'
    """
    counts = Counter(str(decision) for decision in comparisons["decision"])
    told = {"better or worse": counts.pop("better", 0) + counts.pop("worse", 0)}
    told |= {name.replace("_", "-"): counts[name] for name in sorted(counts)}
    size = len(comparisons)
    noun = "comparison" if size == 1 else "comparisons"
    return f"{size} {noun}: {', '.join(f'{count} {name}' for name, count in told.items() if count)}"


def _pairs(rows: list[dict[str, Any]]) -> str:
    """Name pairs, the last ones counted where they are many."""
    names = [f"{row['method_a']} from {row['method_b']}" for row in rows]
    if len(names) > _LISTED:
        names = [*names[:_LISTED], f"{len(names) - _LISTED} pairs more (see the table)"]
    return in_words(names, joint="or")


def _evidence(row: dict[str, Any]) -> str:
    """Return the numbers of one pair."""
    digits = decimals_of_row(row)
    verb = {"better": "is better than", "worse": "is worse than"}.get(row["decision"], "against")
    verb = {"equivalent": "is equivalent to", "non_inferior": "is not inferior to"}.get(row["decision"], verb)
    parts = [f"{row['method_a']} {verb} {row['method_b']}: difference {signed(row['mean_diff'], digits)}"]
    if row["ci_low"] == row["ci_low"]:
        low_high = interval(row["ci_low"], row["ci_high"], digits, sign="+")
        parts.append(f"{percent(row['alpha'])} interval {low_high}")
    parts.append(f"adjusted p {format_p(row['p_corrected'])}")
    if row["effect_size"] == row["effect_size"]:
        parts.append(f"{_EFFECTS[row['effect_name']]} {signed(row['effect_size'], 2)}")
    if row["prob_superiority"] == row["prob_superiority"]:
        parts.append(f"chance that a run of A beats one of B {fixed(row['prob_superiority'], 2)}")
    parts.append(f"{row['n_a']} and {row['n_b']} runs")
    noted = flag_words(row["flags"])
    ending = "" if row["decision"] in CLAIMS else f": {row['decision']}"
    return f"{', '.join(parts)}{ending}" + (f" ({'; '.join(noted)})" if noted else "") + "."
