"""Score the merged results of a study again: the work behind ``mushin score``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import netCDF4
import pandas as pd
import xarray as xr

from mushin.class_summaries import summarise_classes
from mushin.colours import Paint, plain
from mushin.dataset import MergedResults
from mushin.errors import ConfigError, MushinError
from mushin.labelled import ResultsDataset, as_results
from mushin.report.tables import format_summary
from mushin.rescoring import score
from mushin.results_file import open_results
from mushin.summaries import summarise_methods
from mushin.wanted_scores import Metrics

FORMAT = "mushin-scores/1"


def score_file(
    file: Path,
    metrics: Metrics,
    *,
    merge_classes: Mapping[str, Iterable[str]] | None = None,
    classes: Iterable[str] | None = None,
    group: str | None = None,
) -> MergedResults:
    """Compute further metrics of a finished study from its file.

    Parameters
    ----------
    file : Path
        A ``compare.nc``.
    metrics, merge_classes, classes
        As for `mushin.score`.
    group : str, optional
        Score this data set alone, where each has classes of its own.

    Returns
    -------
    MergedResults
        The scores. Where each data set has classes of its own, the scores per class are in its group.

    Raises
    ------
    MushinError
        The file can't be read, or can't be scored so.
    """
    ds = open_results(file, group)
    if group is not None or "confusion" in ds:
        return MergedResults(score(ds, metrics, merge_classes=merge_classes, classes=classes))
    with netCDF4.Dataset(file, "r") as opened:
        datasets = [str(name) for name in opened.groups]
    if not datasets:
        return MergedResults(score(ds, metrics))  # Says that there are no counts.
    groups: dict[str, ResultsDataset] = {}
    for dataset in datasets:
        counts = open_results(file, dataset)
        try:
            groups[dataset] = score(counts, metrics, merge_classes=merge_classes, classes=classes)
        except MushinError as error:
            raise type(error)(f"data set {dataset!r}: {error}") from None
    return _join(groups)


def format_scores(scored: MergedResults, *, paint: Paint = plain) -> str:
    """Return the means over seeds for a terminal, those of the classes below those of the methods."""
    tables = [table for table in _summaries(scored) if table is not None]
    return "\n\n".join(format_summary(table, paint=paint) for table in tables)


def scores_content(scored: MergedResults, notes: Iterable[str]) -> dict[str, Any]:
    """Return the same for `mushin.report.json_text.to_json`, with what was noticed on the way."""
    of_methods, of_classes = _summaries(scored)
    return {"format": FORMAT, "scores": of_methods, "classes": of_classes, "notes": list(notes)}


def _summaries(scored: MergedResults) -> tuple[pd.DataFrame | None, pd.DataFrame | None]:
    """Return the summary of the methods, and that of the classes; None where there is none."""
    of_methods = None
    if any("class" not in variable.dims for variable in scored.scores.data_vars.values()):
        of_methods = summarise_methods(scored.scores)
    of_classes = {
        name: ds
        for name, ds in {"": scored.scores, **scored.groups}.items()
        if any("class" in variable.dims for variable in ds.data_vars.values())
    }
    if not of_classes:
        return of_methods, None
    summaries = {name: summarise_classes(ds) for name, ds in of_classes.items()}
    for name, summary in summaries.items():
        if name:
            summary.insert(0, "dataset", name)
    return of_methods, pd.concat(summaries.values(), ignore_index=True)


def check_output(output: Path, file: Path) -> None:
    """Refuse to write over the study itself.

    Raises
    ------
    ConfigError
        Both paths are one file.
    """
    if output.resolve() == file.resolve():
        raise ConfigError(f"--output {output}: is the study itself; name another file")


def _join(groups: dict[str, ResultsDataset]) -> MergedResults:
    """Put the data sets side by side; scores per class stay with their data set."""
    label = xr.DataArray(list(groups), dims="dataset", name="dataset", attrs={"long_name": "Data set"})
    alike = [ds.drop_dims("class", errors="ignore") for ds in groups.values()]
    joined = xr.concat(alike, label, data_vars="all", coords="minimal", compat="equals", join="exact")
    merged = {name: json.loads(ds.attrs["classes"]) for name, ds in groups.items() if "classes" in ds.attrs}
    if merged:
        joined.attrs["classes"] = json.dumps(merged, ensure_ascii=False)
    per_class = {name: ds for name, ds in groups.items() if "class" in ds.dims}
    return MergedResults(as_results(joined), per_class)
