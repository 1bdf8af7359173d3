"""Show a study at any moment: how far it is, and what it found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mushin.colours import Paint, plain
from mushin.report.show import ShownResults, read_shown
from mushin.stages.merged_state import why_not_current
from mushin.stages.progress_text import format_counts, format_progress
from mushin.stages.scores_so_far import scores_so_far
from mushin.stages.study_progress import STATES, StudyFolder, StudyProgress

FORMAT = "mushin-show/1"


@dataclass(frozen=True, eq=False)
class ShownStudy:
    """What there is to show of a study.

    Attributes
    ----------
    progress : StudyProgress
        Where it stands.
    results : ShownResults or None
        Its tables, where they hold all that its cells hold; otherwise `why_not` says what is missing.
    why_not : str
        Empty where there are `results`.
    """

    progress: StudyProgress
    results: ShownResults | None
    why_not: str = ""

    @property
    def is_finished(self) -> bool:
        """Whether nothing is left to run, merge or compare."""
        progress = self.progress
        is_copy = progress.counts["missing"] == len(progress.cells)  # merged results without their cells
        return self.results is not None and (progress.is_complete or is_copy)

    def text(self, paint: Paint = plain) -> str:
        """Return the tables of a finished study for a terminal, else its status with the scores so far."""
        if self.results is None:
            return format_progress(self.progress, merged=self.why_not, paint=paint)
        if self.is_finished:
            return self.results.text(paint)
        return f"{format_counts(self.progress, paint)}\n\n{self.results.text(paint)}"

    def content(self) -> dict[str, Any]:
        """Return it for `mushin.report.json_text.to_json`."""
        progress, results = self.progress, self.results
        counts = progress.counts
        is_known = progress.source != "disk"
        known = [one.known for one in progress.cells if one.known is not None]
        return {
            "format": FORMAT,
            "results": progress.folder,
            "state": "finished" if self.is_finished else "running" if counts["running"] else "stopped",
            "planned_by": {"conf": "conf", "study": "mushin.Study", "disk": None}[progress.source],
            "n_cells": len(progress.cells) if is_known else None,
            "counts": {state: counts[state] for state in STATES},
            "share_complete": counts["complete"] / len(progress.cells) if is_known else None,
            "time_left": progress.time_left,
            "methods": [
                {"dataset": dataset, "method": method, **{state: of[state] for state in STATES}}
                for (dataset, method), of in progress.by_method.items()
            ],
            "cells": [
                {**vars(one.cell), "state": one.state, "needs": one.needs, "reason": one.reason}
                for one in progress.cells
            ],
            "scores": scores_so_far(known),
            "why_not_merged": self.why_not or None,
            "summary": None if results is None else results.summary,
            "comparisons": None if results is None else results.comparisons,
            "files": None if results is None else results.files,
        }


def show_study(study: StudyFolder) -> ShownStudy:
    """Look at a study.

    Parameters
    ----------
    study : StudyFolder
        Where it lies.

    Raises
    ------
    IncompleteStudyError
        The folder holds neither cells nor the tables of a study, and nothing says what would be there.
    CellError
        The note of a Study is damaged.
    """
    progress = study.look()
    if not progress.cells:
        return ShownStudy(progress, read_shown(progress.folder))
    why_not = why_not_current(progress)
    return ShownStudy(progress, None if why_not else read_shown(progress.folder), why_not)
