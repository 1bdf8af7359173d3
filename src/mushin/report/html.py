"""Write the summary and the comparisons as HTML tables."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from itertools import groupby

import pandas as pd

from mushin.report.cells_text import ARROW, DIRECTION, records
from mushin.report.pair_cells import how_to_read, pair_cells
from mushin.report.score_grid import GridCell, ScoreGrid, arrange_scores
from mushin.statistics.decisions import CLAIMS

_SIGN = re.compile(r"-(?=\d)")
_STYLE = """\
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; }
.mushin-scroll { overflow-x: auto; }
table { border-collapse: collapse; border-block: 2px solid; font-variant-numeric: tabular-nums; }
th, td { padding: 0.2rem 0.7rem; text-align: left; white-space: nowrap; }
thead th { border-bottom: 1px solid; }
tbody th[colspan] { border-top: 1px solid; font-style: italic; }
tbody:first-of-type th[colspan] { border-top: none; }
tbody th { font-weight: normal; }
caption { text-align: left; font-weight: bold; padding-bottom: 0.5rem; }
.mushin-note { font-size: 0.875rem; max-width: 60rem; }
"""


def summary_to_html(
    summary: pd.DataFrame,
    comparisons: pd.DataFrame | None = None,
    *,
    caption: str = "Scores of the methods",
) -> str:
    """Return the means as an HTML table: methods by metrics, the best of each column in bold.

    Parameters
    ----------
    summary : DataFrame
        From `mushin.summarise_methods`.
    comparisons : DataFrame, optional
        From `mushin.compare_methods`: marks then say which methods differ from the baseline or, without
        one, from the method with the best mean. The note under the table explains them.
    caption : str
        Of the table.

    Returns
    -------
    str
        A fragment without a style of its own: a ``table`` in a ``div`` of the class ``mushin-scroll``, and a
        paragraph of the class ``mushin-note``.

    Examples
    --------
    >>> table = pd.DataFrame({"metric": ["miou"], "higher_is_better": [True], "method": ["<fcn>"], "n": [3],
    ...     "n_missing": [0], "n_diverged": [0], "mean": [0.7512], "sd": [0.01], "ci_low": [0.7264],
    ...     "ci_high": [0.776], "alpha": [0.05]})
    >>> "<strong>0.751</strong> ± 0.025" in summary_to_html(table)
    True
    """
    grid = arrange_scores(summary, comparisons)
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in ("method", *grid.headings))
    return _table(caption, head, _summary_bodies(grid), grid.note)


def comparisons_to_html(
    comparisons: pd.DataFrame, *, caption: str = "Pairwise comparisons of the methods"
) -> str:
    """Return the comparisons as an HTML table, one row per pair, grouped by metric.

    Parameters
    ----------
    comparisons : DataFrame
        From `mushin.compare_methods`.
    caption : str
        Of the table.

    Returns
    -------
    str
        A fragment, as from `summary_to_html`. A pair with a claim is in bold.
    """
    rows = pair_cells(comparisons)
    grouping = [key for key in ("metric", "dataset") if key in rows[0]]
    shown = [key for key in rows[0] if key not in grouping]
    higher = {row["metric"]: bool(row["higher_is_better"]) for row in records(comparisons)}
    bodies = []
    for names, group in groupby(rows, key=lambda row: [row[key] for key in grouping]):
        metric = f"{names[0]} {ARROW[higher[names[0]]]} ({DIRECTION[higher[names[0]]]})"
        heading = escape(", ".join([metric, *names[1:]]))
        lines = [f'<tr><th scope="rowgroup" colspan="{len(shown)}">{heading}</th></tr>']
        lines += [f"<tr>{''.join(_pair_cell(key, row[key]) for key in shown)}</tr>" for row in group]
        bodies.append(lines)
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in shown)
    return _table(caption, head, bodies, how_to_read(comparisons))


def summary_page(summary: pd.DataFrame, comparisons: pd.DataFrame | None = None) -> str:
    """Return `summary_to_html` as a page of its own, which opens and prints offline."""
    return _page("Scores of the methods", summary_to_html(summary, comparisons))


def comparisons_page(comparisons: pd.DataFrame) -> str:
    """Return `comparisons_to_html` as a page of its own, which opens and prints offline."""
    return _page("Comparisons of the methods", comparisons_to_html(comparisons))


def _summary_bodies(grid: ScoreGrid) -> list[list[str]]:
    """Return the rows, one list per block."""
    bodies = []
    for block, rows in groupby(grid.rows, key=lambda row: row.block):
        lines = []
        if block:
            heading = escape(", ".join(block))
            lines.append(f'<tr><th scope="rowgroup" colspan="{len(grid.headings) + 1}">{heading}</th></tr>')
        for row in rows:
            cells = "".join(f"<td>{_score(cell)}</td>" for cell in row.cells)
            lines.append(f'<tr><th scope="row">{escape(row.method)}</th>{cells}</tr>')
        bodies.append(lines)
    return bodies


def _score(cell: GridCell) -> str:
    """Return one mean."""
    mean = _minus(escape(cell.mean))
    bold = f"<strong>{mean}</strong>" if cell.is_best else mean
    mark = f"<sup>{escape(cell.mark)}</sup>" if cell.mark else ""
    spread = f" {_minus(escape(cell.spread))}" if cell.spread else ""
    notes = f" ({escape(cell.notes)})" if cell.notes else ""
    return f"{bold}{mark}{spread}{notes}"


def _pair_cell(key: str, text: str) -> str:
    """Return a cell of the comparisons; a claim is in bold."""
    if key in ("A", "B"):
        return f"<td>{escape(text)}</td>"
    if key == "A is":
        word = escape(text.replace("_", "-"))
        return f"<td><strong>{word}</strong></td>" if text in CLAIMS else f"<td>{word}</td>"
    return f"<td>{escape(text)}</td>" if key == "flags" else f"<td>{_minus(escape(text))}</td>"


def _minus(text: str) -> str:
    """Set true minus signs before numbers."""
    return _SIGN.sub("\N{MINUS SIGN}", text)


def _table(caption: str, head: str, bodies: Iterable[Iterable[str]], note: str) -> str:
    """Return a table with its note."""
    body = "\n".join("<tbody>\n" + "\n".join(lines) + "\n</tbody>" for lines in bodies)
    return (
        f'<div class="mushin-scroll"><table class="mushin-table">\n<caption>{escape(caption)}</caption>\n'
        f"<thead><tr>{head}</tr></thead>\n{body}\n</table></div>\n"
        f'<p class="mushin-note">{escape(note)}</p>\n'
    )


def _page(title: str, body: str) -> str:
    """Return a whole page."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{_STYLE}</style>\n</head>\n<body>\n{body}</body>\n</html>\n"
    )
