"""Hold what the page of a study is made from."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field

import pandas as pd
import xarray as xr

from mushin.config.plan import CellName
from mushin.figures.learning_curves import History
from mushin.page.origin import Origin
from mushin.score_arrays import read_labels


@dataclass(frozen=True, eq=False)
class StudyContent:
    """What a study leaves for its page.

    Attributes
    ----------
    ds : Dataset
        The merged scores, as `mushin.open_results` reads them.
    comparisons, summary : DataFrame
        From `mushin.compare_methods` and `mushin.summarise_methods`.
    ranks, over_datasets : DataFrame or None
        As in ``ranks.csv`` and ``over_datasets.csv``, where a study has several data sets.
    costs : DataFrame or None
        As in ``costs.csv``.
    groups : mapping of str to Dataset
        The counts by data set, where each has classes of its own.
    histories : mapping of CellName to history
        Of the trained cells.
    only_dataset : str
        The name of the data set where there is one, which `ds` does not say; empty where nobody knows it.
    origin : Origin
        What made the scores.
    """

    ds: xr.Dataset
    comparisons: pd.DataFrame
    summary: pd.DataFrame
    ranks: pd.DataFrame | None = None
    over_datasets: pd.DataFrame | None = None
    costs: pd.DataFrame | None = None
    groups: Mapping[str, xr.Dataset] = field(default_factory=dict)
    histories: Mapping[CellName, History] = field(default_factory=dict)
    only_dataset: str = ""
    origin: Origin = field(default_factory=Origin)

    @property
    def datasets(self) -> tuple[Hashable, ...]:
        """The data sets by name; empty where nobody knows the name of the only one."""
        return read_labels(self.ds).datasets or ((self.only_dataset,) if self.only_dataset else ())
