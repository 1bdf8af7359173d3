"""Say in words what several data sets together allow to claim on each metric."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

import pandas as pd

from mushin.p_text import format_p
from mushin.page.verdicts import decision_sentences
from mushin.report.cells_text import records
from mushin.statistics.decisions import CLAIMS


@dataclass(frozen=True)
class RankRow:
    """The mean rank of a method, and on how many data sets it is best."""

    method: str
    mean_rank: str
    best_on: int


@dataclass(frozen=True)
class PairRow:
    """One pair over data sets, as texts."""

    pair: str
    wins: str
    p_corrected: str
    decision: str


@dataclass(frozen=True)
class DatasetVerdict:
    """What can be claimed of one metric about new data sets like those of the study."""

    metric: str
    sentences: tuple[str, ...]
    ranks: tuple[RankRow, ...]
    pairs: tuple[PairRow, ...]
    n_datasets: int
    is_claim: bool


def over_dataset_verdicts(
    ranks: pd.DataFrame | None, over_datasets: pd.DataFrame | None
) -> list[DatasetVerdict]:
    """Return the verdict on every metric; empty where a study has one data set.

    Parameters
    ----------
    ranks, over_datasets : DataFrame or None
        As ``mushin stats`` writes them.
    """
    if ranks is None or over_datasets is None:
        return []
    found = []
    for metric, group in groupby(records(over_datasets), key=lambda row: str(row["metric"])):
        rows = list(group)
        of_metric = ranks[ranks["metric"] == metric].sort_values("mean_rank", kind="stable")
        found.append(
            DatasetVerdict(
                metric,
                tuple(decision_sentences(rows, units="data sets")),
                tuple(
                    RankRow(str(row["method"]), f"{row['mean_rank']:.2f}", int(row["best_on"]))
                    for row in records(of_metric)
                ),
                tuple(
                    PairRow(
                        f"{row['method_a']} v {row['method_b']}",
                        f"{row['n_a_wins']} / {row['n_ties']} / {row['n_b_wins']}",
                        format_p(row["p_corrected"]),
                        str(row["decision"]),
                    )
                    for row in rows
                ),
                int(rows[0]["n_datasets"]),
                any(row["decision"] in CLAIMS for row in rows),
            )
        )
    return found


def number_of_datasets(found: list[DatasetVerdict]) -> str:
    """Return how many data sets the verdicts rest on: ``8 data sets``, or ``5 to 8 data sets, by metric``."""
    numbers = sorted({verdict.n_datasets for verdict in found})
    if len(numbers) == 1:
        return f"{numbers[0]} data sets"
    return f"{numbers[0]} to {numbers[-1]} data sets, by metric"


def headlines(found: list[DatasetVerdict]) -> list[tuple[str, DatasetVerdict]]:
    """Return each verdict once, with the metrics that it holds for."""
    metrics: dict[tuple[str, ...], list[str]] = {}
    for verdict in found:
        metrics.setdefault(verdict.sentences, []).append(verdict.metric)
    first = {verdict.sentences: verdict for verdict in reversed(found)}
    return [(", ".join(names), first[sentences]) for sentences, names in metrics.items()]
