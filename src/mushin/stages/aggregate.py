"""Merge the cells of a study: the stage behind rule ``aggregate``."""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

from mushin.cells import Cell
from mushin.config.plan import CellName
from mushin.dataset import aggregate_cells
from mushin.files import write_text
from mushin.layout import COSTS, RESULTS
from mushin.provenance.cost import Cost
from mushin.provenance.run_record import start_run
from mushin.provenance.study_file import STAGES, OriginLog
from mushin.results_file import write_results
from mushin.stages.kept import drop_kept_trainings
from mushin.stages.mixed_settings import TrainingVariants

_COLUMNS = ("dataset", "method", "seed", "train_seconds", "evaluate_seconds", "peak_memory_mb")


def aggregate_study(
    results: Path,
    datasets: Sequence[str],
    methods: Sequence[str],
    seeds: Sequence[int],
    *,
    allow_incomplete: bool = False,
) -> Path:
    """Write ``compare.nc`` from the cells of a study, and beside it ``costs.csv`` and ``provenance.json``.

    Those two tell of runs: what each stage cost, as its own process measured it, and who ran what, where and
    when.

    Parameters
    ----------
    results : Path
        The results folder.
    datasets, methods, seeds : sequence
        The labels of the study.
    allow_incomplete : bool, default False
        Leave gaps for missing cells.

    Returns
    -------
    Path
        ``compare.nc``.

    Warns
    -----
    UserWarning
        Seeds of one method were trained under different settings.

    Raises
    ------
    IncompleteStudyError, CellError
        See `mushin.dataset.aggregate_cells`.
    """
    run = start_run("aggregate")
    origins, variants = OriginLog(results), TrainingVariants()

    def note(cell: Cell) -> None:
        origins.add(cell.name, cell.provenance)
        variants.add(cell.name, cell.provenance)

    merged = aggregate_cells(
        results,
        datasets,
        methods,
        seeds,
        allow_incomplete=allow_incomplete,
        each=note,
    )
    for difference in variants.differences():
        warnings.warn(difference, UserWarning, stacklevel=2)
    path = results / RESULTS
    write_results(path, merged)
    names = [CellName(dataset, method, seed) for dataset in datasets for method in methods for seed in seeds]
    write_costs(results, names, origins.costs)
    origins.write(run)
    if not allow_incomplete:
        drop_kept_trainings(results, names)
    return path


def write_costs(results: Path, cells: Sequence[CellName], costs: Mapping[tuple[CellName, str], Cost]) -> Path:
    """Write what each cell cost into ``costs.csv``; a blank is a cost that nobody measured.

    Costs are measurements, different in every run, so they stay out of ``compare.nc``.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for cell in cells:
        measured = [costs.get((cell, stage)) for stage in STAGES]
        seconds = [None if cost is None else cost.seconds for cost in measured]
        peaks = [cost.peak_memory_mb for cost in measured if cost is not None and cost.peak_memory_mb]
        writer.writerow([cell.dataset, cell.method, cell.seed, *seconds, max(peaks, default=None)])
    path = results / COSTS
    write_text(path, text.getvalue())
    return path
