"""Draw the differences between methods with simultaneous intervals, against zero and the margin."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mushin.errors import DataError, unknown_name
from mushin.figures.canvas import add_panels, new_figure, set_rows
from mushin.figures.metric_axis import better, spread_ticks
from mushin.figures.readable import choose_readable
from mushin.figures.style import BAD, GOOD, GREY, SMALL_SIZE, in_house_style
from mushin.figures.text_size import text_height, widest, wrap_text
from mushin.figures.words import DECISIONS, counted
from mushin.p_text import format_p
from mushin.statistics.decisions import CLAIMS

_MINUS = "\N{MINUS SIGN}"
_PANEL_WIDTH = 2.9
_LONGEST_LABEL = 2.6
_COLOUR = {"better": GOOD, "worse": BAD}
_MARKER = {**dict.fromkeys(CLAIMS, "D"), "better": ">", "worse": "<"}
_FLIPPED = {">": "<", "<": ">"}


@in_house_style
def draw_differences(comparisons: pd.DataFrame, *, metrics: Iterable[str] | None = None) -> Figure:
    """Draw a forest plot of the pairwise differences, with what can be claimed at each row.

    Parameters
    ----------
    comparisons : DataFrame
        From `mushin.compare_methods`.
    metrics : iterable of str, optional
        Which metrics, a panel each (and per data set); all by default.

    Returns
    -------
    Figure
        Pairs as rows, in the order of the table. Thick bars are the intervals of single differences, thin
        ones hold for all differences of the family at once (Bonferroni). Of more than 500 pairs those of the
        best methods and first metrics are shown, and the note says what is left out.

    Raises
    ------
    DataError
        The table has no rows.
    UnknownNameError
        There is no such metric.
    """
    wanted = _wanted(comparisons, metrics)
    asked_for = comparisons[comparisons["metric"].isin(wanted)]
    chosen = choose_readable(asked_for)
    shown = chosen.of(asked_for)
    panels = _panels(shown, [metric for metric in wanted if metric in chosen.metrics])
    rows = panels[0][1]
    pairs = [f"{row['method_a']} {_MINUS} {row['method_b']}" for row in rows]
    if widest(pairs) > _LONGEST_LABEL:
        pairs = [f"{row['method_a']}\n{_MINUS} {row['method_b']}" for row in rows]
    columns = 1 if len(panels) == 1 else 2
    n_rows = -(-len(panels) // columns)
    decisions = [_decision(row) for _, of_panel in panels for row in of_panel]
    row_height = max(0.24, 0.08 + max(text_height(text) for text in (*pairs, *decisions)))
    figure = new_figure(
        widest(pairs) + columns * (_PANEL_WIDTH + widest(decisions) + 0.3),
        n_rows * (len(pairs) * row_height + 0.95),
        title=_title(shown),
        note=f"{_note(shown)} {chosen.left_out}".strip(),
    )
    for number, (axes, (name, of_panel)) in enumerate(
        zip(add_panels(figure, n_rows, columns, len(panels)), panels, strict=True)
    ):
        axes.set_title(wrap_text(name, _PANEL_WIDTH, bold=True))
        set_rows(axes, pairs, show=number % columns == 0)
        _draw_panel(axes, of_panel)
    return figure


def _wanted(comparisons: pd.DataFrame, metrics: Iterable[str] | None) -> list[str]:
    """Return the metrics to draw, all of them known."""
    known = list(dict.fromkeys(comparisons["metric"]))
    wanted = known if metrics is None else list(metrics)
    for metric in wanted:
        if metric not in known:
            raise unknown_name("metric", metric, known)
    if not wanted:
        raise DataError("the comparisons have no rows; compare two methods on one metric at least")
    return wanted


def _panels(comparisons: pd.DataFrame, metrics: list[str]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return the rows of each panel with its title."""
    panels: dict[str, list[dict[str, Any]]] = {}
    for metric in metrics:
        for row in comparisons[comparisons["metric"] == metric].to_dict("records"):
            name = f"{metric} on {row['dataset']}" if "dataset" in row else metric
            panels.setdefault(name, []).append({str(key): value for key, value in row.items()})
    return list(panels.items())


def _draw_panel(axes: Axes, rows: list[dict[str, Any]]) -> None:
    """Draw the differences of one metric (on one data set)."""
    first = rows[0]
    higher_is_better = bool(first["higher_is_better"])
    margin = first.get("margin", np.nan)
    if np.isfinite(margin):
        axes.axvspan(-margin, margin, color="#E8E8E8", linewidth=0, label="margin")
    axes.axvline(0.0, color="black", linewidth=0.8, label="zero")
    for position, row in enumerate(rows):
        _draw_row(axes, position, row, higher_is_better=higher_is_better)
    axes.margins(x=0.08)
    arrow = better(higher_is_better=higher_is_better, along="x")
    words = arrow.replace("better", "A is better")
    axes.set_xlabel(f"A {_MINUS} B, in units of {first['metric']}  ({words})")
    spread_ticks(axes)


def _draw_row(axes: Axes, position: int, row: Mapping[str, Any], *, higher_is_better: bool) -> None:
    """Draw one difference and say the decision beside it."""
    decision = row["decision"]
    colour = _COLOUR.get(decision, "black" if decision in CLAIMS else GREY)
    pair = f"{row['method_a']} - {row['method_b']}"
    _draw_intervals(axes, position, row, colour)
    if np.isfinite(row["mean_diff"]):
        marker = _MARKER.get(decision, "o")
        axes.plot(
            row["mean_diff"],
            position,
            marker=marker if higher_is_better else _FLIPPED.get(marker, marker),
            markersize=6,
            color=colour,
            markerfacecolor=colour if decision in CLAIMS else "white",
            linestyle="none",
            label=f"difference {pair}",
        )
    axes.annotate(
        _decision(row),
        (1.02, position),
        xycoords=axes.get_yaxis_transform(),
        va="center",
        fontsize=SMALL_SIZE + 0.5,
        color=colour if decision in CLAIMS else "black",
        fontweight="bold" if decision in CLAIMS else "normal",
        annotation_clip=False,
    )


def _draw_intervals(axes: Axes, position: int, row: Mapping[str, Any], colour: str) -> None:
    """Draw both intervals of one difference, where it has them."""
    for kind, low, high, width in (
        ("simultaneous", row["ci_sim_low"], row["ci_sim_high"], 1.0),
        ("single", row["ci_low"], row["ci_high"], 2.8),
    ):
        if np.isfinite(low) and np.isfinite(high):
            ends = "|" if kind == "simultaneous" else ""
            axes.plot(
                [low, high],
                [position, position],
                color=colour,
                linewidth=width,
                marker=ends,
                markersize=6,
                solid_capstyle="butt",
                label=f"{kind} {row['method_a']} - {row['method_b']}",
            )


def _decision(row: Mapping[str, Any]) -> str:
    """Say what can be claimed, with p, or why there is no difference to draw."""
    decision = row["decision"]
    grounds = f"p {format_p(row['p_corrected'])}"
    if decision in ("equivalent", "non_inferior"):
        grounds = f"margin {row['margin']:g}"
    said = f"{DECISIONS[decision]} ({grounds})"
    runs = f"n = {row['n_a']} and {row['n_b']}" if row["n_missing"] else ""
    absent = "" if np.isfinite(row["mean_diff"]) else "no mean: a run diverged, or is missing"
    extra = ", ".join(text for text in (runs, absent) if text)
    return f"{said}\n{extra}" if extra else said


def _title(comparisons: pd.DataFrame) -> str:
    """Say what is shown, and how many claims there are."""
    claims = int(comparisons["decision"].isin(CLAIMS).sum())
    found = f"{counted(claims, 'claim')} in {counted(len(comparisons), 'comparison')}"
    return f"Differences between methods, A {_MINUS} B: {found}"


def _note(comparisons: pd.DataFrame) -> str:
    """Say how to read the figure."""
    first = comparisons.iloc[0].to_dict()
    runs = sorted({*comparisons["n_a"], *comparisons["n_b"]})
    n = f"n = {runs[0]}" if len(runs) == 1 else f"n = {runs[0]} to {runs[-1]}"
    level, family = f"{100 * (1 - first['alpha']):g}%", int(first["family_size"])
    thin = f"; thin bar: {level} for all {family} differences of a family at once (Bonferroni)"
    told = (
        f"{n} runs of each method. Marker: difference of means; {'thick ' * (family > 1)}bar: its {level} t "
        f"interval{thin * (family > 1)}. Words: what the test claims ({_test(first)})"
    )
    if family > 1 and first["correction"] not in ("none", "bonferroni"):
        told += "; it can claim more than the thin bars show"
    told += ". Filled markers are claims; triangles point to where A lies."
    if "margin" in comparisons and comparisons["margin"].notna().any():
        told += " Grey band: the margin, declared before the data, within which a difference does not matter."
    return told


def _test(first: Mapping[Any, Any]) -> str:
    """Name the test, its correction and its level."""
    parts = [str(first["test"])]
    if first["paired"]:
        parts.append("paired by seed")
    if first.get("alternative", "two-sided") != "two-sided":
        parts.append(f"one-sided: A {'better' if first['alternative'] == 'greater' else 'worse'} than B")
    correction = first["correction"]
    parts.append("p not adjusted" if correction == "none" else f"p adjusted by {correction}")
    return ", ".join([*parts, f"alpha {first['alpha']:g}"])
