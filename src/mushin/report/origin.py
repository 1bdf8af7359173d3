"""Say in a terminal where the numbers of a merged file come from."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from mushin.errors import CellError, did_you_mean
from mushin.files import sha256_of
from mushin.layout import PROVENANCE
from mushin.provenance.run_record import Run
from mushin.provenance.study_file import CellOrigin, StudyOrigin, read_provenance
from mushin.results_file import open_results

FORMAT = "mushin-origin/1"
_WIDTH = 20
_SHOWN = 6


def format_file_origin(file: Path) -> str:
    """Return what a merged file holds, and what made it.

    Parameters
    ----------
    file : Path
        ``compare.nc``, with ``provenance.json`` beside it.

    Raises
    ------
    CellError
        The file is damaged, or ``provenance.json`` is missing or of another file.
    """
    ds = open_results(file)
    origin = _read(file)
    sizes = [
        f"{size} {name}{'s' if size != 1 else ''}"
        for name in ("dataset", "method", "seed")
        if (size := ds.sizes.get(name)) is not None
    ]
    cells = list(origin.cells.values())
    wanted = ds.sizes["method"] * ds.sizes["seed"] * ds.sizes.get("dataset", 1)
    rows = [
        ("sha256", origin.aggregated.output_sha256),
        ("task", str(ds.attrs.get("task"))),
        ("metrics", str(ds.attrs.get("metrics"))),
        ("study", ", ".join(sizes)),
        ("methods", ", ".join(map(str, ds["method"].values))),
        ("seeds", ", ".join(map(str, ds["seed"].values))),
        ("cells", f"{len(cells)} of {wanted}"),
        *_distinct("made with", (_versions(cell) for cell in cells)),
        *_distinct("test targets", (cell.facts.get("targets_digest", "unknown") for cell in cells)),
        *_distinct("settings", (f"{cell.settings_digest} ({_method(cell)})" for cell in cells)),
        *_distinct("sources", (f"{cell.sources_digest} ({_method(cell)})" for cell in cells)),
        *_distinct("hosts", (run.host for cell in cells for run in cell.runs.values())),
        *_distinct("commits", (_commit(run) for cell in cells for run in cell.runs.values())),
        *_run_rows("merged", origin.aggregated),
    ]
    unknown = [cell.cell for cell in cells if cell.notes]
    if unknown:
        rows.append(("no full record", f"{_listed(unknown)}: 'mushin show {file} --cell CELL' says why"))
    return f"{file}\n{_table(rows)}\n\nOne cell: mushin show {file} --cell {next(iter(origin.cells))}"


def format_cell_origin(file: Path, name: str) -> str:
    """Return where the numbers of one cell of a merged file come from.

    Parameters
    ----------
    file : Path
        ``compare.nc``.
    name : str
        ``DATASET/METHOD/SEED``, or ``METHOD/SEED`` where there is one data set.

    Raises
    ------
    CellError
        As for `format_file_origin`, or the file has no such cell.
    """
    origin = _read(file)
    cell = _find(origin, file, name)
    rows = [
        ("cell.nc", f"sha256 {cell.cell_sha256}"),
        ("trained file", f"sha256 {cell.facts.get('checkpoint_sha256', 'unknown')}"),
        ("test targets", cell.facts.get("targets_digest", "unknown")),
        ("made with", _versions(cell)),
        *([("made by", cell.facts["made_by"])] if "made_by" in cell.facts else []),
        ("settings", cell.settings_digest),
        *((f"  {group}", _after_name(origin.texts.get(key, key))) for group, key in cell.settings.items()),
        ("sources", cell.sources_digest),
        *((f"  {group}", _after_name(origin.texts.get(key, key))) for group, key in cell.sources.items()),
        *(row for stage, run in cell.runs.items() for row in _run_rows(stage, run)),
        *(("unknown", note) for note in cell.notes),
    ]
    return f"{cell.cell} in {file}\n{_table(rows)}"


def origin_content(file: Path, name: str | None = None) -> dict[str, Any]:
    """Return the same as `format_file_origin`, or `format_cell_origin` where a cell is named, for JSON.

    Parameters
    ----------
    file : Path
        ``compare.nc``.
    name : str, optional
        As for `format_cell_origin`.

    Raises
    ------
    CellError
        As for these.
    """
    origin = _read(file)
    if name is not None:
        cell = _find(origin, file, name)
        used = {*cell.settings.values(), *cell.sources.values()}
        texts = {key: text for key, text in origin.texts.items() if key in used}
        return {"format": FORMAT, "file": file, "cell": cell, "texts": texts}
    ds = open_results(file)
    return {
        "format": FORMAT,
        "file": file,
        "sha256": origin.aggregated.output_sha256,
        "task": ds.attrs.get("task"),
        "metrics": str(ds.attrs.get("metrics", "")).split(),
        "datasets": ds["dataset"].values.tolist() if "dataset" in ds.dims else None,
        "methods": ds["method"].values.tolist(),
        "seeds": ds["seed"].values.tolist(),
        "merged": origin.aggregated,
        "cells": list(origin.cells.values()),
        "texts": origin.texts,
    }


def _read(file: Path) -> StudyOrigin:
    if not file.is_file():
        raise CellError(f"{file}: no such file; name merged results, such as results/compare.nc")
    origin = read_provenance(file.parent)
    if sha256_of(file) != origin.aggregated.output_sha256:
        raise CellError(
            f"{file}: {file.parent / PROVENANCE} describes another file; merge the cells again with 'mushin"
            " aggregate', or show the file that lies beside it"
        )
    return origin


def _find(origin: StudyOrigin, file: Path, name: str) -> CellOrigin:
    matching = [cell for key, cell in origin.cells.items() if name in (key, key.partition("/")[2])]
    if len(matching) == 1:
        return matching[0]
    if matching:
        raise CellError(f"{file}: {name} is in several data sets; give DATASET/METHOD/SEED")
    hint = did_you_mean(name, origin.cells) or ";"
    raise CellError(f"{file}: has no cell {name}{hint} accepted: {_listed(list(origin.cells))}")


def _run_rows(stage: str, run: Run) -> Iterator[tuple[str, str]]:
    yield stage, f"{run.started} to {run.ended} on {run.host}"
    yield "  command", run.command
    yield "  with", f"Python {run.python}, {run.platform}"
    yield "  commit", _commit(run)
    if run.mushin_git is not None:
        yield "  mushin's commit", str(run.mushin_git)


def _commit(run: Run) -> str:
    return "none: the folder is in no git repository" if run.study_git is None else str(run.study_git)


def _versions(cell: CellOrigin) -> str:
    """Return the versions at training, and those at evaluation where they differ."""
    found: dict[str, str] = {}
    for verb in ("trained", "evaluated"):
        prefix = f"{verb}_with_"
        for key, number in cell.facts.items():
            name = key.removeprefix(prefix)
            if key.startswith(prefix) and found.setdefault(name, number) != number:
                found[f"{name} ({verb})"] = number
    return ", ".join(f"{name} {number}" for name, number in sorted(found.items()))


def _distinct(label: str, values: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield one row per distinct value, with how often it occurs."""
    counted: dict[str, int] = {}
    for value in values:
        counted[value] = counted.get(value, 0) + 1
    for place, (value, count) in enumerate(counted.items()):
        yield (label if place == 0 else "", value if len(counted) == 1 else f"{value}: {count}")


def _method(cell: CellOrigin) -> str:
    return cell.cell.rpartition("/")[0]


def _after_name(text: str) -> str:
    """Return the JSON of ``group={…}`` in a readable form."""
    try:
        parsed = json.loads(text.partition("=")[2])
    except (ValueError, RecursionError):
        return text
    if not isinstance(parsed, dict):
        return text
    return (
        ", ".join(f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in parsed.items())
        or "none"
    )


def _listed(names: list[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")


def _table(rows: Iterable[tuple[str, str]]) -> str:
    return "\n".join(f"  {label:<{_WIDTH}}{value}" for label, value in rows)
