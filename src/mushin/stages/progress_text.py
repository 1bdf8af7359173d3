"""Show in a terminal how far a study is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from tabulate import tabulate

from mushin.colours import Paint, plain
from mushin.report.cells_text import ARROW, decimals_of_row, fixed
from mushin.stages.scores_so_far import MeanScore, incomparable, scores_so_far
from mushin.stages.study_progress import STATES, State, StudyProgress
from mushin.stages.time_left import TimeLeft

_LISTED = 10
_STYLES: dict[State, str] = {
    "complete": "green",
    "running": "cyan",
    "trained": "cyan",
    "failed": "red",
    "changed": "yellow",
}
_UNKNOWN = {
    "disk": "How many are to come is not known without conf/.",
    "study": "The cells are those that mushin.Study planned when it last ran.",
}


def format_progress(progress: StudyProgress, *, merged: str = "", paint: Paint = plain) -> str:
    """Return the status of a study: counts, time left, failures, and the scores so far.

    Parameters
    ----------
    progress : StudyProgress
        Where the study stands.
    merged : str
        Why the merged results do not show it, as `mushin.stages.merged_state.why_not_current` says.
    paint : Paint
        How words are coloured.
    """
    known = [one.known for one in progress.cells if one.known is not None]
    parts = [
        format_counts(progress, paint),
        *_times(progress.time_left),
        *_reasons(progress, paint),
    ]
    scores = scores_so_far(known)
    if scores:
        parts.append(f"Scores so far\n{_table_of_scores(scores)}")
    for dataset in incomparable(known):
        what = f"data set {dataset!r}: cells were scored by different tasks or on different test samples"
        parts.append(paint(f"warning: {what}; their scores do not compare", "yellow"))
    if merged:
        parts.append(f"Merged results: {merged}.")
    return "\n\n".join(parts)


def format_counts(progress: StudyProgress, paint: Paint = plain) -> str:
    """Return how many cells are in each state, in a line and by method."""
    return f"{_headline(progress, paint)}\n\n{_table_of_states(progress, paint)}"


def format_duration(seconds: float) -> str:
    """Return a time in words, to two digits or so.

    Examples
    --------
    >>> [format_duration(seconds) for seconds in (0.3, 41, 200, 7800, 200_000)]
    ['1 s', '41 s', '3 min', '2 h 10 min', '2 d 7 h']
    """
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes} min"
    return f"{hours // 24} d {hours % 24} h"


def _headline(progress: StudyProgress, paint: Paint) -> str:
    counts, total = progress.counts, len(progress.cells)
    complete = counts["complete"]
    others = [f"{counts[state]} {state}" for state in STATES[1:] if counts[state]]
    if progress.source == "disk":
        told = f"{complete} {'cell' if complete == 1 else 'cells'} complete"
    else:
        told = f"{complete} of {total} {'cell' if total == 1 else 'cells'} complete ({complete / total:.0%})"
    line = f"{progress.folder}: {', '.join([paint(told, 'bold'), *others])}"
    return f"{line}\n{_UNKNOWN[progress.source]}" if progress.source in _UNKNOWN else line


def _table_of_states(progress: StudyProgress, paint: Paint) -> str:
    shown = [state for state in STATES if state == "complete" or progress.counts[state]]
    rows = []
    for (dataset, method), counts in progress.by_method.items():
        row = {"data set": dataset, "method": method}
        for state in shown:
            row[state] = _count(state, counts, paint, of_all=progress.source != "disk")
        rows.append(row)
    return tabulate(rows, headers="keys", tablefmt="simple", disable_numparse=True)


def _count(state: State, counts: Counter[State], paint: Paint, *, of_all: bool) -> str:
    if not counts[state] and not (state == "complete" and of_all):
        return "-"
    text = f"{counts[state]}"
    if state == "complete" and of_all:
        text += f" of {counts.total()}"
        return paint(text, _STYLES[state]) if counts[state] == counts.total() else text
    return paint(text, _STYLES[state]) if state in _STYLES else text


def _times(left: TimeLeft | None) -> Iterator[str]:
    if left is None:
        return
    cells = "1 cell" if left.n_cells == 1 else f"{left.n_cells} cells"
    at = f"{left.at_once} at a time" if left.at_once > 1 else "one at a time"
    measured = "1 measured cell" if left.n_measured == 1 else f"{left.n_measured} measured cells"
    line = f"about {format_duration(left.seconds)}, an estimate for {cells}, {at}, from {measured}"
    lead = "Time left:" if left.is_running else "No cell runs right now. What is left takes"
    without = f"; without {' and '.join(left.unknown_stages)}, never measured" if left.unknown_stages else ""
    yield f"{lead} {line}{without}."


def _reasons(progress: StudyProgress, paint: Paint) -> Iterator[str]:
    """Yield why cells failed, and why others are not what is planned, each reason once."""
    for state, heading in (("failed", "Failed at their last run"), ("changed", "To run again")):
        found: dict[str, list[str]] = {}
        for one in progress.cells:
            if one.state == state:
                found.setdefault(one.reason, []).append(str(one.cell))
        if not found:
            continue
        lines = [f"  {_named(cells)}: {reason}" for reason, cells in list(found.items())[:_LISTED]]
        if len(found) > _LISTED:
            lines.append(f"  and {len(found) - _LISTED} more reasons: 'mushin show --json' has all")
        yield "\n".join([paint(heading, "red" if state == "failed" else "yellow"), *lines])


def _named(cells: Sequence[str]) -> str:
    shown = ", ".join(cells[:3])
    return shown if len(cells) <= 3 else f"{shown} and {len(cells) - 3} more"


def _table_of_scores(scores: Sequence[MeanScore]) -> str:
    rows: dict[tuple[str, str], dict[str, str]] = {}
    digits, n_seeds = _decimals(scores), _most_runs(scores)
    several = len({score.dataset for score in scores}) > 1
    for score in scores:
        key = (score.dataset, score.method)
        labels = {"data set": score.dataset} if several else {}
        row = rows.setdefault(key, {**labels, "method": score.method, "n": str(n_seeds[key])})
        text = _mean_and_sd(score, digits[score.metric], n_seeds[key])
        row[f"{score.metric} {ARROW[score.higher_is_better]}"] = text
    table = tabulate(list(rows.values()), headers="keys", tablefmt="simple", disable_numparse=True)
    return f"{table}\n↑ higher is better, ↓ lower is better; mean ± standard deviation over n seeds"


def _most_runs(scores: Sequence[MeanScore]) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for score in scores:
        key = (score.dataset, score.method)
        found[key] = max(score.n, found.get(key, 0))
    return found


def _mean_and_sd(score: MeanScore, digits: int, n_seeds: int) -> str:
    spread = f" ± {fixed(score.sd, digits)}" if score.n > 1 and not score.n_diverged else ""
    notes = [f"n {score.n}"] if score.n != n_seeds else []
    notes += [f"{score.n_diverged} diverged"] if score.n_diverged else []
    return f"{fixed(score.mean, digits)}{spread}" + (f" ({', '.join(notes)})" if notes else "")


def _decimals(scores: Sequence[MeanScore]) -> dict[str, int]:
    needed: dict[str, list[int]] = {}
    for score in scores:
        as_row: dict[str, Any] = {
            "mean": score.mean,
            "ci_low": score.mean - score.sd,
            "ci_high": score.mean + score.sd,
        }
        needed.setdefault(score.metric, []).append(decimals_of_row(as_row))
    return {metric: sorted(digits)[(len(digits) - 1) // 2] for metric, digits in needed.items()}
