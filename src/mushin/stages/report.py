"""Write the page of a finished study: the stage behind rule ``report``."""

from __future__ import annotations

from pathlib import Path

from mushin.config.plan import CellName
from mushin.errors import IncompleteStudyError
from mushin.files import write_text
from mushin.page.content import StudyContent
from mushin.page.drawings import draw_all
from mushin.page.render import render_page
from mushin.score_arrays import read_labels
from mushin.stages.plot import read_study, read_table_if_any
from mushin.stages.read_origin import read_origin
from mushin.stages.table_check import why_tables_are_old
from mushin.summaries import summarise_methods

REPORT = "report.html"
_REMEDY = "write the tables with 'mushin stats'"


def report_study(results: Path, *, output: Path | None = None, figures: Path | None = None) -> list[Path]:
    """Write all that a study found as one page that opens offline.

    Parameters
    ----------
    results : Path
        The results folder, with ``compare.nc`` and what ``mushin stats`` writes.
    output : Path, optional
        The page; ``report.html`` in the results folder by default.

    figures : Path, optional
        A folder for the page's figures, one SVG file each; without it they are in the page only.

    Returns
    -------
    list of Path
        The files written, the page first. Same results, same bytes.

    Raises
    ------
    IncompleteStudyError
        The tables are missing, or belong to other scores.
    CellError, CheckpointError
        A file of the study is missing or damaged.
    """
    content = read_content(results)
    drawings = draw_all(content)
    written = {output if output is not None else results / REPORT: render_page(content, drawings)}
    if figures is not None:
        written |= {figures / f"{drawing.name}.svg": drawing.file for drawing in drawings.drawn}
    for path, text in written.items():
        write_text(path, text)
    return list(written)


def read_content(results: Path) -> StudyContent:
    """Read what the page of a study is made from; raises as `report_study`."""
    study = read_study(results)
    if study.comparisons is None:
        raise IncompleteStudyError(f"{results / 'comparisons.csv'}: no such file; {_REMEDY}")
    summary = summarise_methods(study.ds, alpha=float(study.comparisons["alpha"].iloc[0]))
    old = why_tables_are_old(results, study.ds, study.comparisons, summary)
    if old:
        raise IncompleteStudyError(f"{old}; {_REMEDY}")
    labels = read_labels(study.ds)
    cells = [
        CellName(dataset, str(method), int(str(seed)))
        for dataset in study.datasets
        for method in labels.methods
        for seed in labels.seeds
    ]
    several = labels.datasets is not None
    return StudyContent(
        ds=study.ds,
        comparisons=study.comparisons,
        summary=summary,
        ranks=read_table_if_any(results / "ranks.csv") if several else None,
        over_datasets=read_table_if_any(results / "over_datasets.csv") if several else None,
        costs=study.costs,
        groups=study.groups,
        histories=study.histories,
        only_dataset=study.datasets[0] if len(study.datasets) == 1 and not several else "",
        origin=read_origin(results, cells),
    )
