"""Write the comparisons and the summary as tables."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd
from tabulate import tabulate

from mushin.colours import Paint, plain
from mushin.files import write_text
from mushin.p_text import format_p
from mushin.report.cells_text import (
    ARROW,
    DIRECTION,
    decimals_of_metrics,
    decimals_of_row,
    fixed,
    interval,
    interval_name,
    note_on_spread,
    notes_on_runs,
    percent,
    records,
    signed,
    spread_of_mean,
)
from mushin.report.html import comparisons_page, summary_page
from mushin.report.latex import comparisons_to_latex, summary_to_latex
from mushin.report.pair_cells import how_to_read, pair_cells
from mushin.report.score_grid import GridCell, arrange_scores
from mushin.statistics.decisions import CLAIMS

_DECIDED = {**dict.fromkeys(CLAIMS, "cyan"), "better": "green", "worse": "red"}
_MARKED = {"+": "green", "\N{MINUS SIGN}": "red"}
_VERDICT = {
    "better": "is better than",
    "worse": "is worse than",
    "equivalent": "is equivalent to",
    "non_inferior": "is not inferior to",
    "inconclusive": "v",
    "underpowered": "v",
    "untestable": "v",
}


def write_tables(comparisons: pd.DataFrame, summary: pd.DataFrame, folder: Path) -> list[Path]:
    """Write both tables as CSV, for programs, and as Markdown, LaTeX and HTML, for readers.

    The CSV files hold every digit, so that reading them gives the same numbers; NaN is an empty field.
    The others are rounded. Same tables, same bytes.

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
        ``comparisons`` and ``summary``, each as ``.csv``, ``.md``, ``.tex`` and ``.html``.
    """
    contents = {
        "comparisons.csv": to_csv(comparisons),
        "summary.csv": to_csv(summary),
        "comparisons.md": comparisons_markdown(comparisons),
        "summary.md": summary_markdown(summary),
        "comparisons.tex": comparisons_to_latex(comparisons),
        "summary.tex": summary_to_latex(summary, comparisons),
        "comparisons.html": comparisons_page(comparisons),
        "summary.html": summary_page(summary, comparisons),
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
    return f"{how_to_read(comparisons)}\n\n{_markdown(pair_cells(comparisons))}\n"


def summary_markdown(summary: pd.DataFrame) -> str:
    """Return the summary for a reader, one row per metric and method."""
    has_dataset = "dataset" in summary
    level = percent(summary["alpha"].iloc[0])
    decimals = decimals_of_metrics(summary)
    rows = [
        {
            "metric": row["metric"],
            "direction": DIRECTION[bool(row["higher_is_better"])],
            **({"dataset": row["dataset"]} if has_dataset else {}),
            "method": row["method"],
            "runs": row["n"],
            "missing": row["n_missing"],
            "diverged": row["n_diverged"],
            "mean": fixed(row["mean"], decimals[row["metric"]]),
            interval_name(row["alpha"]): interval(row["ci_low"], row["ci_high"], decimals[row["metric"]]),
            "sd": fixed(row["sd"], decimals[row["metric"]]),
            "min": fixed(row["min"], decimals[row["metric"]]),
            "median": fixed(row["median"], decimals[row["metric"]]),
            "max": fixed(row["max"], decimals[row["metric"]]),
        }
        for row in records(summary)
    ]
    heading = (
        f"Mean over seeds with its {level} t interval, which holds for each mean by itself: "
        "whether two methods differ is said in the comparisons, not by overlap."
    )
    return f"{heading}\n\n{_markdown(rows)}\n"


def format_summary(
    summary: pd.DataFrame, comparisons: pd.DataFrame | None = None, *, paint: Paint = plain
) -> str:
    """Return the means for a terminal: methods as rows, metrics as columns.

    A cell is the mean and half the width of its t interval, or the interval where the metric's range cuts
    both ends, or the mean alone where there is no interval.

    Parameters
    ----------
    summary : DataFrame
        From `summarise_methods`.
    comparisons : DataFrame, optional
        From `compare_methods`. Where colours are wanted, they tell what is decided about a method against the
        baseline, or else the best one; the best mean itself is bold.
    paint : Paint
        How cells are coloured.

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
    decimals = decimals_of_metrics(summary)
    styles = {} if paint is plain else _styles(summary, comparisons)
    rows: dict[tuple[Any, ...], dict[str, str]] = {}
    for row in records(summary):
        labels = tuple(row[key] for key in keys)
        cells = rows.setdefault(labels, {key: str(row[key]) for key in keys})
        heading = f"{row['metric']} {ARROW[bool(row['higher_is_better'])]}"
        text = _mean_and_spread(row, decimals[row["metric"]])
        style = styles.get((heading, *map(str, labels)))
        cells[heading] = text if style is None else paint(text, style)
    table = tabulate(list(rows.values()), headers="keys", tablefmt="simple", disable_numparse=True)
    spread = note_on_spread(summary, whose="the")
    return f"{table}\n↑ higher is better, ↓ lower is better; mean {spread}"


def _styles(summary: pd.DataFrame, comparisons: pd.DataFrame | None) -> dict[tuple[str, ...], str]:
    """Return how cells are coloured: (heading, labels) → style."""
    grid = arrange_scores(summary, comparisons)
    found: dict[tuple[str, ...], str] = {}
    for row in grid.rows:
        for heading, cell in zip(grid.headings, row.cells, strict=True):
            style = _style(cell)
            if style is not None:
                found[(heading, *row.block, row.method)] = style
    return found


def _style(cell: GridCell) -> str | None:
    return "bold" if cell.is_best else _MARKED.get(cell.mark)


def format_decisions(comparisons: pd.DataFrame, *, paint: Paint = plain) -> str:
    """Return one short line per pair and metric: what can be claimed, and on what grounds.

    Examples
    --------
    >>> row = {"metric": "miou", "method_a": "fcn", "method_b": "unet", "decision": "worse",
    ...     "mean_diff": -0.051, "ci_low": -0.08, "ci_high": -0.022, "p_corrected": 0.0123, "n_a": 5,
    ...     "n_b": 5, "p_min": 0.0, "family_size": 3, "flags": ""}
    >>> print(format_decisions(pd.DataFrame([row])))
    miou: fcn is worse than unet (-0.051, adjusted p 0.0123)
    """
    return "\n".join(_verdict(row, paint) for row in records(comparisons))


def _verdict(row: dict[str, Any], paint: Paint) -> str:
    """Return the line of one pair."""
    decision = row["decision"]
    dataset = f" on {row['dataset']}" if "dataset" in row else ""
    verb = _VERDICT[decision]
    if decision in _DECIDED:
        verb = paint(verb, _DECIDED[decision])
    pair = f"{row['metric']}{dataset}: {row['method_a']} {verb} {row['method_b']}"
    difference = signed(row["mean_diff"], decimals_of_row(row))
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


def _mean_and_spread(row: dict[str, Any], digits: int) -> str:
    """Return a cell of the terminal's table."""
    notes = notes_on_runs(row)
    parts = (fixed(row["mean"], digits), spread_of_mean(row, digits), f"({notes})" if notes else "")
    return " ".join(part for part in parts if part)


def _markdown(rows: Iterable[dict[str, Any]]) -> str:
    """Return rows as a Markdown table; a bar in a label would split its cell."""
    escaped = [{key: str(value).replace("|", "\\|") for key, value in row.items()} for row in rows]
    return tabulate(escaped, headers="keys", tablefmt="pipe", disable_numparse=True)
