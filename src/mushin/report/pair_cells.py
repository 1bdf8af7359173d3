"""Turn comparisons into the texts of a table's cells, the same in every kind of table."""

from __future__ import annotations

import pandas as pd

from mushin.p_text import format_p
from mushin.report.cells_text import (
    decimals_of_row,
    fixed,
    interval,
    interval_name,
    records,
    signed,
)

_SIDES = {"greater": ", A better than B", "less": ", A worse than B"}


def pair_cells(comparisons: pd.DataFrame) -> list[dict[str, str]]:
    """Return one row per pair: the heading of each column with the text of its cell.

    Parameters
    ----------
    comparisons : DataFrame
        From `mushin.compare_methods`.

    Returns
    -------
    list of dict of str to str
        Rounded; nothing is escaped. ``dataset`` is there where the table has it.
    """
    has_dataset = "dataset" in comparisons
    return [
        {
            "metric": str(row["metric"]),
            **({"dataset": str(row["dataset"])} if has_dataset else {}),
            "A": str(row["method_a"]),
            "B": str(row["method_b"]),
            "A - B": signed(row["mean_diff"], decimals_of_row(row)),
            interval_name(row["alpha"]): interval(
                row["ci_low"], row["ci_high"], decimals_of_row(row), sign="+"
            ),
            "effect": signed(row["effect_size"], 2),
            "P(A beats B)": fixed(row["prob_superiority"], 2),
            "p": format_p(row["p_value"]),
            "p adjusted": format_p(row["p_corrected"]),
            "A is": str(row["decision"]),
            "flags": row["flags"].replace(";", ", "),
        }
        for row in records(comparisons)
    ]


def how_to_read(comparisons: pd.DataFrame) -> str:
    """Say in one line which test, correction and family were used, and what the decisions mean.

    Examples
    --------
    >>> how_to_read(pd.DataFrame({"test": ["welch"], "paired": [False], "correction": ["holm"],
    ...     "family": ["metric"], "family_size": [3], "alpha": [0.05], "flags": [""]}))[:64]
    "Test: welch (unpaired), p adjusted by holm over each metric's 3 "
    """
    sentences = [
        describe_test(comparisons),
        "Better and worse are claims about new seeds; inconclusive: these runs do not tell; underpowered: "
        "no runs of this number could; untestable: no p exists.",
    ]
    if "margin" in comparisons:
        sentences.append("Equivalent: within the declared margin; non_inferior: not worse by more than it.")
    if comparisons["flags"].str.contains("exploratory").any():
        sentences.append("Rows flagged exploratory are not what the claim is about.")
    return " ".join(sentences)


def describe_test(comparisons: pd.DataFrame) -> str:
    """Say in one sentence which test, correction, family and alpha were used."""
    first = records(comparisons.head(1))[0]
    pairing = "paired by seed" if first["paired"] else "unpaired"
    scope = "each metric's" if first["family"] == "metric" else "the table's"
    tests = f"{first['family_size']} test{'s' * (first['family_size'] != 1)}"
    adjusted = (
        "p not adjusted"
        if first["correction"] == "none"
        else f"p adjusted by {first['correction']} over {scope} {tests}"
    )
    pairing += _SIDES.get(str(first.get("alternative")), "")
    return f"Test: {first['test']} ({pairing}), {adjusted}, alpha {first['alpha']:g}."
