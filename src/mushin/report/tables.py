"""Write the comparisons and the summary as tables."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd
from tabulate import tabulate

from mushin.files import write_text

_DIRECTION = {True: "higher is better", False: "lower is better"}
_VERDICT = {
    "better": "is better than",
    "worse": "is worse than",
    "equivalent": "is equivalent to",
    "non_inferior": "is not inferior to",
    "inconclusive": "v",
    "underpowered": "v",
    "untestable": "v",
}
_SIDES = {"greater": ", A better than B", "less": ", A worse than B"}
_NOTHING = "n/a"
_NOTES = {"n_missing": "missing", "n_diverged": "diverged"}


def write_tables(comparisons: pd.DataFrame, summary: pd.DataFrame, folder: Path) -> list[Path]:
    """Write both tables as CSV, for programs, and as Markdown, for readers.

    The CSV files hold every digit, so that reading them gives the same numbers; NaN is an empty field.
    The Markdown files are rounded. Same tables, same bytes.

    Parameters
    ----------
    comparisons : DataFrame
        From `compare_methods`.
    summary : DataFrame
        From `summarise_methods`.
    folder : Path
        Made if it is missing.

    Returns
    -------
    list of Path
        ``comparisons.csv``, ``summary.csv``, ``comparisons.md``, ``summary.md``.
    """
    contents = {
        "comparisons.csv": to_csv(comparisons),
        "summary.csv": to_csv(summary),
        "comparisons.md": comparisons_markdown(comparisons),
        "summary.md": summary_markdown(summary),
    }
    paths = [folder / name for name in contents]
    for path, content in zip(paths, contents.values(), strict=True):
        write_text(path, content)
    return paths


def to_csv(table: pd.DataFrame) -> str:
    r"""Return a table as CSV with LF line ends, every float in its shortest exact form.

    Examples
    --------
    >>> to_csv(pd.DataFrame({"metric": ["miou"], "mean": [0.1 + 0.2]}))
    'metric,mean\nmiou,0.30000000000000004\n'
    """
    return str(table.to_csv(index=False, lineterminator="\n"))


def comparisons_markdown(comparisons: pd.DataFrame) -> str:
    """Return the comparisons for a reader, one row per pair, grouped by metric."""
    has_dataset = "dataset" in comparisons
    rows = [
        {
            "metric": row["metric"],
            **({"dataset": row["dataset"]} if has_dataset else {}),
            "A": row["method_a"],
            "B": row["method_b"],
            "A - B": _signed(row["mean_diff"], _digits(row)),
            _interval_name(row["alpha"]): _interval(row["ci_low"], row["ci_high"], _digits(row), sign="+"),
            "effect": _signed(row["effect_size"], 2),
            "P(A beats B)": _fixed(row["prob_superiority"], 2),
            "p": format_p(row["p_value"]),
            "p adjusted": format_p(row["p_corrected"]),
            "A is": row["decision"],
            "flags": row["flags"].replace(";", ", "),
        }
        for row in _records(comparisons)
    ]
    return f"{how_to_read(comparisons)}\n\n{_markdown(rows)}\n"


def summary_markdown(summary: pd.DataFrame) -> str:
    """Return the summary for a reader, one row per metric and method."""
    has_dataset = "dataset" in summary
    level = _percent(summary["alpha"].iloc[0])
    decimals = _decimals(summary)
    rows = [
        {
            "metric": row["metric"],
            "direction": _DIRECTION[bool(row["higher_is_better"])],
            **({"dataset": row["dataset"]} if has_dataset else {}),
            "method": row["method"],
            "runs": row["n"],
            "missing": row["n_missing"],
            "diverged": row["n_diverged"],
            "mean": _fixed(row["mean"], decimals[row["metric"]]),
            _interval_name(row["alpha"]): _interval(row["ci_low"], row["ci_high"], decimals[row["metric"]]),
            "sd": _fixed(row["sd"], decimals[row["metric"]]),
            "min": _fixed(row["min"], decimals[row["metric"]]),
            "median": _fixed(row["median"], decimals[row["metric"]]),
            "max": _fixed(row["max"], decimals[row["metric"]]),
        }
        for row in _records(summary)
    ]
    heading = (
        f"Mean over seeds with its {level} t interval, which holds for each mean by itself: "
        "whether two methods differ is said in the comparisons, not by overlap."
    )
    return f"{heading}\n\n{_markdown(rows)}\n"


def how_to_read(comparisons: pd.DataFrame) -> str:
    """Say in one line which test, correction and family were used, and what the decisions mean.

    Examples
    --------
    >>> how_to_read(pd.DataFrame({"test": ["welch"], "paired": [False], "correction": ["holm"],
    ...     "family": ["metric"], "family_size": [3], "alpha": [0.05], "flags": [""]}))[:64]
    "Test: welch (unpaired), p adjusted by holm over each metric's 3 "
    """
    first = _records(comparisons)[0]
    pairing = "paired by seed" if first["paired"] else "unpaired"
    scope = "each metric's" if first["family"] == "metric" else "the table's"
    adjusted = (
        "p not adjusted"
        if first["correction"] == "none"
        else f"p adjusted by {first['correction']} over {scope} {first['family_size']} tests"
    )
    pairing += _SIDES.get(str(first.get("alternative")), "")
    sentences = [
        f"Test: {first['test']} ({pairing}), {adjusted}, alpha {first['alpha']:g}.",
        "Better and worse are claims about new seeds; inconclusive: these runs do not tell; underpowered: "
        "no runs of this number could; untestable: no p exists.",
    ]
    if "margin" in first:
        sentences.append("Equivalent: within the declared margin; non_inferior: not worse by more than it.")
    if comparisons["flags"].str.contains("exploratory").any():
        sentences.append("Rows flagged exploratory are not what the claim is about.")
    return " ".join(sentences)


def format_summary(summary: pd.DataFrame) -> str:
    """Return the means for a terminal: methods as rows, metrics as columns.

    A cell is the mean and half the width of its t interval, or the mean alone where there is no interval.

    Examples
    --------
    >>> table = pd.DataFrame({"metric": ["miou"], "higher_is_better": [True], "method": ["fcn"], "n": [3],
    ...     "n_missing": [0], "n_diverged": [0], "mean": [0.7512], "sd": [0.01], "ci_low": [0.7264],
    ...     "ci_high": [0.776], "alpha": [0.05]})
    >>> print(format_summary(table))
    method    miou ↑
    --------  -------------
    fcn       0.751 ± 0.025
    ↑ higher is better, ↓ lower is better; mean ± half of the 95% t interval
    """
    keys = [key for key in ("dataset", "class", "method") if key in summary]
    decimals = _decimals(summary)
    rows: dict[tuple[Any, ...], dict[str, str]] = {}
    for row in _records(summary):
        cells = rows.setdefault(tuple(row[key] for key in keys), {key: str(row[key]) for key in keys})
        arrow = "↑" if row["higher_is_better"] else "↓"
        cells[f"{row['metric']} {arrow}"] = _mean_and_half_width(row, decimals[row["metric"]])
    table = tabulate(list(rows.values()), headers="keys", tablefmt="simple", disable_numparse=True)
    level = _percent(summary["alpha"].iloc[0])
    return f"{table}\n↑ higher is better, ↓ lower is better; mean ± half of the {level} t interval"


def format_decisions(comparisons: pd.DataFrame) -> str:
    """Return one short line per pair and metric: what can be claimed, and on what grounds.

    Examples
    --------
    >>> row = {"metric": "miou", "method_a": "fcn", "method_b": "unet", "decision": "worse",
    ...     "mean_diff": -0.051, "ci_low": -0.08, "ci_high": -0.022, "p_corrected": 0.0123, "n_a": 5,
    ...     "n_b": 5, "p_min": 0.0, "family_size": 3, "flags": ""}
    >>> print(format_decisions(pd.DataFrame([row])))
    miou: fcn is worse than unet (-0.051, adjusted p 0.0123)
    """
    return "\n".join(_verdict(row) for row in _records(comparisons))


def format_p(p_value: float) -> str:
    """Return p with three significant digits, or as a bound below 0.0001.

    Examples
    --------
    >>> format_p(0.04567), format_p(1e-9), format_p(float("nan"))
    ('0.0457', '<0.0001', 'n/a')
    """
    if math.isnan(p_value):
        return _NOTHING
    return "<0.0001" if p_value < 1e-4 else f"{p_value:.3g}"


def _verdict(row: dict[str, Any]) -> str:
    """Return the line of one pair."""
    decision = row["decision"]
    dataset = f" on {row['dataset']}" if "dataset" in row else ""
    pair = f"{row['metric']}{dataset}: {row['method_a']} {_VERDICT[decision]} {row['method_b']}"
    difference = _signed(row["mean_diff"], _digits(row))
    grounds = f"{difference}, adjusted p {format_p(row['p_corrected'])}"
    if decision in ("better", "worse"):
        return f"{pair} ({grounds})"
    if decision in ("equivalent", "non_inferior"):
        return f"{pair} ({difference}, margin {row['margin']:g})"
    if decision == "inconclusive":
        return f"{pair}: inconclusive ({grounds})"
    runs = f"{row['n_a']} and {row['n_b']} runs"
    if decision == "underpowered":
        return f"{pair}: underpowered ({runs} can't give a claim in a family of {row['family_size']})"
    return f"{pair}: untestable ({row['flags'].replace(';', ', ')})"


def _mean_and_half_width(row: dict[str, Any], digits: int) -> str:
    """Return a cell of the terminal's table."""
    notes = [f"{row[key]} {word}" for key, word in _NOTES.items() if row[key]]
    note = f" ({', '.join(notes)})" if notes else ""
    mean = _fixed(row["mean"], digits)
    if math.isnan(row["ci_low"]):
        return mean + note
    # A bound may be cut to the valid range, so the half-width is taken from the farther one.
    half = max(row["ci_high"] - row["mean"], row["mean"] - row["ci_low"])
    return f"{mean} ± {_fixed(half, digits)}{note}"


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows as dictionaries."""
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def _markdown(rows: Iterable[dict[str, Any]]) -> str:
    """Return rows as a Markdown table; a bar in a label would split its cell."""
    escaped = [{key: str(value).replace("|", "\\|") for key, value in row.items()} for row in rows]
    return tabulate(escaped, headers="keys", tablefmt="pipe", disable_numparse=True)


def _decimals(summary: pd.DataFrame) -> dict[str, int]:
    """Return the decimals for each metric: the middle one of what its rows need."""
    needed: dict[str, list[int]] = {}
    for row in _records(summary):
        needed.setdefault(row["metric"], []).append(_digits(row))
    return {metric: statistics.median_low(digits) for metric, digits in needed.items()}


def _digits(row: dict[str, Any]) -> int:
    """Return the decimals that show two digits of the interval's half-width, or three of the number."""
    half = (row["ci_high"] - row["ci_low"]) / 2
    if half > 0 and math.isfinite(half):
        return max(0, 1 - math.floor(math.log10(half)))
    number = row["mean"] if "mean" in row else row["mean_diff"]
    if number and math.isfinite(number):
        return max(0, 2 - math.floor(math.log10(abs(number))))
    return 3


def _fixed(value: float, digits: int) -> str:
    """Return a number with so many decimals; n/a for NaN; powers of ten where it is very small."""
    if math.isnan(value):
        return _NOTHING
    return f"{value:#.3g}" if digits > 6 else f"{value:.{digits}f}"


def _signed(value: float, digits: int) -> str:
    """Return a number with its sign."""
    return _fixed(value, digits) if math.isnan(value) or value < 0 else f"+{_fixed(value, digits)}"


def _interval(low: float, high: float, digits: int, *, sign: str = "") -> str:
    """Return an interval in brackets."""
    if math.isnan(low):
        return _NOTHING
    show = _signed if sign else _fixed
    return f"[{show(low, digits)}, {show(high, digits)}]"


def _percent(alpha: float) -> str:
    """Return the level of an interval."""
    return f"{100 * (1 - alpha):g}%"


def _interval_name(alpha: float) -> str:
    """Return the heading of a column of intervals."""
    return f"{_percent(alpha)} interval"
