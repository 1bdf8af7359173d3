r"""Write the summary and the comparisons as LaTeX tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

import pandas as pd

from mushin.report.cells_text import ARROW, records
from mushin.report.latex_text import escape, needs_unicode_engine, numeral
from mushin.report.pair_cells import how_to_read, pair_cells
from mushin.report.score_grid import GridCell, GridRow, ScoreGrid, arrange_scores
from mushin.statistics.decisions import CLAIMS

_WIDEST = 74
"""Characters of a line of small text on a page of the class article."""

_TALLEST = 48
"""Lines of small text on such a page, a note aside."""

_SIZES = ((74, r"\small"), (82, r"\footnotesize"), (94, r"\scriptsize"))
_SMALLEST = r"\tiny"

_SHORT = {"P(A beats B)": "P", "p adjusted": "adj. p"}
"""Headings that would widen their column."""


def summary_to_latex(
    summary: pd.DataFrame,
    comparisons: pd.DataFrame | None = None,
    *,
    caption: str = "Scores of the methods.",
    label: str = "tab:summary",
) -> str:
    r"""Return the means as a LaTeX table: methods by metrics, the best of each column in bold.

    Parameters
    ----------
    summary : DataFrame
        From `mushin.summarise_methods`, or from `BenchmarkResult.summary`.
    comparisons : DataFrame, optional
        From `mushin.compare_methods`: marks then say which methods differ from the baseline or, without
        one, from the method with the best mean. The note under the table explains them.
    caption, label : str
        Of the table. The caption is escaped.

    Returns
    -------
    str
        A ``table`` environment, to be read with ``\input``; it needs the package booktabs. Many metrics are
        set below each other, so that the table fits a page's width.

    Examples
    --------
    >>> table = pd.DataFrame({"metric": ["miou"], "higher_is_better": [True], "method": ["f_cn"], "n": [3],
    ...     "n_missing": [0], "n_diverged": [0], "mean": [0.7512], "sd": [0.01], "ci_low": [0.7264],
    ...     "ci_high": [0.776], "alpha": [0.05]})
    >>> print(summary_to_latex(table).splitlines()[8])
    f\_cn & \textbf{0.751} \(\pm\) 0.025 \\
    """
    grid = arrange_scores(summary, comparisons)
    note = rf"\par\smallskip\parbox{{\linewidth}}{{\footnotesize {escape(grid.note)}}}"
    floats = _floats(grid)
    lines: list[str] = []
    for number, tabulars in enumerate(floats):
        heading = rf"\caption{{{escape(caption)}}}\label{{{label}}}"
        continued = rf"\par {escape(caption)} Continued.\par\medskip"
        lines += [r"\begin{table}", r"\centering\small", continued if number else heading]
        lines += [*tabulars, *([note] if number == len(floats) - 1 else []), r"\end{table}"]
    return _document(["booktabs"], lines)


def comparisons_to_latex(
    comparisons: pd.DataFrame,
    *,
    caption: str = "Pairwise comparisons of the methods.",
    label: str = "tab:comparisons",
) -> str:
    r"""Return the comparisons as a LaTeX table, one row per pair, grouped by metric.

    Parameters
    ----------
    comparisons : DataFrame
        From `mushin.compare_methods`.
    caption, label : str
        Of the table. The caption is escaped.

    Returns
    -------
    str
        A ``longtable``, which breaks across pages, to be read with ``\input``; it needs the packages
        booktabs and longtable. A pair with a claim is in bold.
    """
    rows = pair_cells(comparisons)
    grouping = [key for key in ("metric", "dataset") if key in rows[0]]
    shown = [key for key in rows[0] if key not in (*grouping, "p", "flags")]
    arrows = {row["metric"]: ARROW[bool(row["higher_is_better"])] for row in records(comparisons)}
    body: list[str] = []
    for names, group in groupby(rows, key=lambda row: [row[key] for key in grouping]):
        heading = escape(", ".join([f"{names[0]} {arrows[names[0]]}", *names[1:]]))
        rule = [r"\midrule"] if body else []
        body += [*rule, rf"\multicolumn{{{len(shown)}}}{{l}}{{\textit{{{heading}}}}} \\*"]
        body += [_pair(row, shown) for row in group]
    headings = _line(escape(_SHORT.get(name, name)) for name in shown)
    characters = sum(
        2 + max(len(_SHORT.get(name, name)), *(len(row[name]) for row in rows)) for name in shown
    )
    size = next((size for widest, size in _SIZES if characters <= widest), _SMALLEST)
    note = (
        "A - B is in the metric's own units and direction (↑ higher is better, ↓ lower is better); "
        "P is the chance that a run of A does better than one of B. "
        f"{how_to_read(comparisons)}"
    )
    lines = [
        rf"\begingroup{size}\setlength{{\tabcolsep}}{{4pt}}",
        rf"\begin{{longtable}}{{@{{}}{'l' * len(shown)}@{{}}}}",
        rf"\caption{{{escape(caption)}}}\label{{{label}}}\\",
        *(r"\toprule", headings, r"\midrule", r"\endfirsthead"),
        *(r"\toprule", headings, r"\midrule", r"\endhead"),
        *(r"\bottomrule", r"\endfoot"),
        *body,
        r"\end{longtable}",
        rf"\noindent\footnotesize {escape(note)}\par\endgroup",
    ]
    return _document(["booktabs", "longtable"], lines)


def _floats(grid: ScoreGrid) -> list[list[str]]:
    """Return the panels as LaTeX, in as many floats as pages can hold."""
    floats: list[list[str]] = [[]]
    for columns in _panels(grid):
        panel = _tabular(grid, columns)
        if floats[-1] and len(floats[-1]) + len(panel) > _TALLEST:
            floats.append([])
        floats[-1] += [*([r"\par\medskip"] if floats[-1] else []), *panel]
    return floats


def _panels(grid: ScoreGrid) -> list[list[int]]:
    """Return the columns of each panel: one where the table is narrow, several below each other where not."""
    stub = max(len("method"), *(len(row.method) for row in grid.rows))
    widths = [
        max(len(heading), *(_width(row.cells[column]) for row in grid.rows)) + 2
        for column, heading in enumerate(grid.headings)
    ]
    panels: list[list[int]] = [[]]
    for column, width in enumerate(widths):
        used = stub + sum(widths[other] for other in panels[-1])
        if panels[-1] and used + width > _WIDEST:
            panels.append([])
        panels[-1].append(column)
    return panels


def _tabular(grid: ScoreGrid, columns: Sequence[int]) -> list[str]:
    """Return some columns of the grid, a rule between blocks."""
    lines = [
        rf"\begin{{tabular}}{{@{{}}l{'l' * len(columns)}@{{}}}}",
        r"\toprule",
        _line(["method", *(escape(grid.headings[column]) for column in columns)]),
        r"\midrule",
    ]
    previous: tuple[str, ...] | None = None
    for row in grid.rows:
        if row.block and row.block != previous:
            lines += [r"\midrule"] if previous is not None else []
            heading = escape(", ".join(row.block))
            lines.append(rf"\multicolumn{{{len(columns) + 1}}}{{@{{}}l}}{{\textit{{{heading}}}}} \\")
        previous = row.block
        lines.append(_score_line(row, columns))
    return [*lines, r"\bottomrule", r"\end{tabular}"]


def _score_line(row: GridRow, columns: Sequence[int]) -> str:
    return _line([escape(row.method), *(_score(row.cells[column]) for column in columns)])


def _score(cell: GridCell) -> str:
    """Return one mean."""
    mean = rf"\textbf{{{numeral(cell.mean)}}}" if cell.is_best else numeral(cell.mean)
    mark = rf"\textsuperscript{{{escape(cell.mark)}}}" if cell.mark else ""
    spread = f" {numeral(cell.spread)}" if cell.spread else ""
    notes = f" ({escape(cell.notes)})" if cell.notes else ""
    return f"{mean}{mark}{spread}{notes}"


def _width(cell: GridCell) -> int:
    """Return about how many characters a mean takes."""
    return len(cell.mean) + len(cell.mark) + (len(cell.spread) + 1) * bool(cell.spread) + len(cell.notes)


def _pair(row: dict[str, str], shown: Sequence[str]) -> str:
    """Return one pair; a claim is in bold."""
    texts = [
        escape(row[key].replace("_", "-"))
        if key == "A is"
        else (escape if key in ("A", "B") else numeral)(row[key])
        for key in shown
    ]
    is_claim = row["A is"] in CLAIMS
    return _line(
        rf"\textbf{{{text}}}" if is_claim and key == "A is" else text
        for key, text in zip(shown, texts, strict=True)
    )


def _line(cells: Iterable[str]) -> str:
    return " & ".join(cells) + r" \\"


def _document(packages: Sequence[str], lines: Sequence[str]) -> str:
    """Return a fragment with what it needs said at its top."""
    text = "\n".join(lines)
    needs = [f"% \\usepackage{{{package}}}" for package in packages]
    if needs_unicode_engine(text):
        needs.append("% compile with lualatex or xelatex and a font that has the letters of the names")
    return "\n".join([*needs, text]) + "\n"
