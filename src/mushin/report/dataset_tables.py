"""Write the comparison over data sets as tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from tabulate import tabulate

from mushin.dataset_comparisons import DatasetComparison
from mushin.files import write_text
from mushin.p_text import format_p
from mushin.report.tables import to_csv

DATASET_TABLES = ("ranks.csv", "over_datasets.csv", "over_datasets.md")
_LISTED = 10


def write_dataset_tables(
    found: DatasetComparison, folder: Path, *, missing: Sequence[str] = ()
) -> list[Path]:
    """Write the ranks and the pairs as CSV, and both as Markdown.

    Parameters
    ----------
    found : DatasetComparison
        From `compare_over_datasets`.
    folder : Path
        Made if it is missing.
    missing : sequence of str
        Cells that the comparison had to do without; the Markdown says so.

    Returns
    -------
    list of Path
        ``ranks.csv``, the mean ranks with the tests of all methods beside them, ``over_datasets.csv``, the
        pairs, and ``over_datasets.md``.
    """
    tests = found.tests.drop(columns="n_datasets")
    contents = (
        to_csv(found.ranks.merge(tests, on="metric", validate="many_to_one")),
        to_csv(found.comparisons),
        over_datasets_markdown(found, missing=missing),
    )
    paths = [folder / name for name in DATASET_TABLES]
    for path, content in zip(paths, contents, strict=True):
        write_text(path, content)
    return paths


def over_datasets_markdown(found: DatasetComparison, *, missing: Sequence[str] = ()) -> str:
    """Return the mean ranks and the pairs for a reader, metric by metric."""
    sections = [
        "Each data set counts once, with its mean over seeds: better and worse are claims about new data "
        "sets like these. What holds on these data sets under new seeds is said in comparisons.md."
    ]
    if missing:
        sections.append(_gap(missing))
    for test in found.tests.to_dict("records"):
        metric = test["metric"]
        ranks = found.ranks[found.ranks["metric"] == metric].sort_values("mean_rank", kind="stable")
        pairs = found.comparisons[found.comparisons["metric"] == metric]
        sections += [
            f"## {metric}",
            _all_methods(test),
            _table(ranks, {"method": "method", "mean_rank": "mean rank", "best_on": "best on"}),
            _pairs(pairs),
        ]
    return "\n\n".join(sections) + "\n"


def _gap(missing: Sequence[str]) -> str:
    """Say which cells are missing, and what became of their data sets."""
    named = "; ".join(missing[:_LISTED]) + ("; …" if len(missing) > _LISTED else "")
    cells = "1 cell is" if len(missing) == 1 else f"{len(missing)} cells are"
    return (
        f"{cells} missing ({named}): a mean is over the seeds that there are, and a data set where a method "
        "has none is left out."
    )


def _all_methods(test: dict[Any, Any]) -> str:
    """Return what the tests of all methods at once say of one metric."""
    groups = str(test["groups"]).replace(",", ", ").replace(";", "; ") or "none"
    df1, df2 = test["iman_davenport_df1"], test["iman_davenport_df2"]
    return (
        f"{test['n_datasets']} data sets. Friedman: chi2({test['friedman_df']}) = "
        f"{test['friedman_chi2']:.2f}, p {format_p(test['friedman_p'])}; Iman-Davenport: F({df1}, {df2}) = "
        f"{test['iman_davenport_f']:.2f}, p {format_p(test['iman_davenport_p'])}. Mean ranks differ from "
        f"{test['critical_difference']:.2f} on (Nemenyi, alpha {test['alpha']:g}); not told apart: {groups}."
    )


def _pairs(pairs: pd.DataFrame) -> str:
    """Return the pairs of one metric as a table."""
    shown = pairs.assign(
        p_value=pairs["p_value"].map(format_p),
        p_corrected=pairs["p_corrected"].map(format_p),
        nemenyi_p=pairs["nemenyi_p"].map(format_p),
        wins=[f"{row['n_a_wins']} / {row['n_ties']} / {row['n_b_wins']}" for row in pairs.to_dict("records")],
    )
    correction = str(pairs["correction"].iloc[0])
    columns = {
        "method_a": "A",
        "method_b": "B",
        "wins": "A wins / ties / B wins",
        "p_value": "p (Wilcoxon)",
        "p_corrected": f"p ({correction})",
        "nemenyi_p": "p (Nemenyi)",
        "decision": "A is",
    }
    return _table(shown, columns)


def _table(rows: pd.DataFrame, columns: dict[str, str]) -> str:
    """Return some columns as a Markdown table; a bar in a label would split its cell."""
    shown = rows[list(columns)].rename(columns=columns)
    cells = [
        {
            str(name): f"{cell:.2f}" if isinstance(cell, float) else str(cell).replace("|", "\\|")
            for name, cell in row.items()
        }
        for row in shown.to_dict("records")
    ]
    return tabulate(cells, headers="keys", tablefmt="pipe", disable_numparse=True)
