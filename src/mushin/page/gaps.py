"""Name the cells that are absent and the runs that diverged."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr

from mushin.page.words import in_words
from mushin.score_arrays import read_labels, read_scores

_MISSING = "missing"


@dataclass(frozen=True)
class Gap:
    """A cell without a usable score: what is wrong, and for which metrics."""

    cell: str
    problem: str
    metrics: str

    @property
    def is_missing(self) -> bool:
        """Whether there is no score at all, in place of one that is infinite."""
        return self.problem == _MISSING


def find_gaps(ds: xr.Dataset) -> list[Gap]:
    """Return the cells that miss a score (NaN) or have one that is infinite, in the order of the study."""
    labels, all_scores = read_labels(ds), read_scores(ds)
    gaps = []
    checks = ((_MISSING, np.isnan), ("diverged: the score is infinite", np.isinf))
    for problem, is_so in checks:
        hit = np.stack([is_so(scores.values) for scores in all_scores])
        for where in np.argwhere(hit.any(axis=0)):
            names = [s.metric for s, mask in zip(all_scores, hit, strict=True) if mask[tuple(where)]]
            metrics = "all metrics" if len(names) == len(all_scores) else in_words(names)
            gaps.append(Gap(labels.cell(*where), problem, metrics))
    return gaps
