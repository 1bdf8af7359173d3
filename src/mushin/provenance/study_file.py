"""Write and read ``provenance.json``: where each number of a study comes from."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from mushin.config.plan import CellName, canonical_json, digest
from mushin.errors import CellError
from mushin.files import sha256_of, write_text
from mushin.layout import CELL, PROVENANCE, RESULTS, cell_folder
from mushin.provenance.cost import Cost
from mushin.provenance.run_record import Run, end_run, read_run, run_from

FORMAT = "mushin-provenance/1"
STAGES = ("train", "evaluate")
_REMEDY = "merge the cells again with 'mushin aggregate'"


@dataclass(frozen=True)
class CellOrigin:
    """Where the numbers of one cell come from.

    Attributes
    ----------
    cell : str
        ``DATASET/METHOD/SEED``.
    facts : dict of str to str
        What the cell says of itself, less settings and sources: hashes, digests, versions.
    settings, sources : dict of str to str
        Group → digest; `StudyOrigin.texts` has the text behind each.
    settings_digest, sources_digest : str
        Of all groups together, 16 hexadecimal digits.
    cell_sha256 : str
        The hash of ``cell.nc``.
    runs : dict of str to Run
        Stage → who ran it; without a stage that left no note, or a note of other files than these.
    notes : tuple of str
        Why a run is missing.
    """

    cell: str
    facts: dict[str, str]
    settings: dict[str, str]
    sources: dict[str, str]
    settings_digest: str
    sources_digest: str
    cell_sha256: str
    runs: dict[str, Run] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class StudyOrigin:
    """Where the numbers of a merged file come from.

    Attributes
    ----------
    aggregated : Run
        Who merged the cells; its hash is that of ``compare.nc``.
    texts : dict of str to str
        Digest → settings or source digests of a group, each once.
    cells : dict of str to CellOrigin
        By name, in the order of the study; without missing cells.
    """

    aggregated: Run
    texts: dict[str, str]
    cells: dict[str, CellOrigin]


class OriginLog:
    """Where the cells of a merged file come from, collected while they are read.

    A cell is kept as its line of ``provenance.json``, without its settings, which many cells share.

    Parameters
    ----------
    results : Path
        The results folder.

    Attributes
    ----------
    costs : dict
        (cell, stage) → what the stage cost, where the run that made the file has noted it.
    """

    def __init__(self, results: Path) -> None:
        self.costs: dict[tuple[CellName, str], Cost] = {}
        self._results = results
        self._texts: dict[str, str] = {}
        self._lines: list[str] = []

    def add(self, name: CellName, provenance: Mapping[str, str]) -> None:
        """Note a cell that is merged, from its folder and from what it says of itself."""
        origin = _origin(self._results, name, provenance, self._texts)
        for stage, run in origin.runs.items():
            if run.cost is not None:
                self.costs[name, stage] = run.cost
        self._lines.append(json.dumps(vars(origin), ensure_ascii=False, default=vars))

    def write(self, run: Run) -> Path:
        """Write ``provenance.json``, one cell a line.

        Parameters
        ----------
        run : Run
            The run that merged the cells into ``compare.nc``, which is there.

        Returns
        -------
        Path
            The file. It differs from run to run, so nothing in the workflow depends on it.
        """
        aggregated = asdict(end_run(run, sha256_of(self._results / RESULTS)))
        head = {"format": FORMAT, "aggregated": aggregated, "texts": self._texts}
        opened = json.dumps(head, indent=1, ensure_ascii=False).removesuffix("\n}")
        path = self._results / PROVENANCE
        write_text(path, f'{opened},\n "cells": [\n' + ",\n".join(self._lines) + "\n ]\n}\n")
        return path


def read_provenance(results: Path) -> StudyOrigin:
    """Read ``provenance.json``.

    Raises
    ------
    CellError
        The file is missing, damaged, or of another format.
    """
    path = results / PROVENANCE
    if not path.is_file():
        raise CellError(f"{path}: no such file; {_REMEDY}")
    try:
        content: Any = json.loads(path.read_bytes())
        if content["format"] != FORMAT:
            raise CellError(f"{path}: format {content['format']!r}; this version reads {FORMAT}; {_REMEDY}")
        cells = [_cell_origin(found, str(path)) for found in content["cells"]]
        texts = _texts(content["texts"])
        return StudyOrigin(
            run_from(content["aggregated"], str(path)), texts, {cell.cell: cell for cell in cells}
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        if isinstance(error, CellError):
            raise
        raise CellError(f"{path}: damaged ({type(error).__name__}: {error}); {_REMEDY}") from None


def _origin(
    results: Path, name: CellName, provenance: Mapping[str, str], texts: dict[str, str]
) -> CellOrigin:
    settings, sources = _group(provenance, "settings_"), _group(provenance, "sources_")
    folder = cell_folder(results, name)
    cell_sha256 = sha256_of(folder / CELL)
    runs, notes = _runs(folder, {"train": provenance.get("checkpoint_sha256", ""), "evaluate": cell_sha256})
    digests = {text: _digest_of(text) for text in (*settings.values(), *sources.values())}
    texts.update((found, text) for text, found in digests.items())
    return CellOrigin(
        cell=str(name),
        facts={
            key: text for key, text in provenance.items() if not key.startswith(("settings_", "sources_"))
        },
        settings={group: digests[text] for group, text in settings.items()},
        sources={group: digests[text] for group, text in sources.items()},
        settings_digest=_digest_of_all(tuple(settings.items())),
        sources_digest=_digest_of_all(tuple(sources.items())),
        cell_sha256=cell_sha256,
        runs=runs,
        notes=notes,
    )


# All seeds of a method have the same texts.
_digest_of = functools.lru_cache(maxsize=4096)(digest)


@functools.lru_cache(maxsize=4096)
def _digest_of_all(groups: tuple[tuple[str, str], ...]) -> str:
    return digest(canonical_json(dict(groups)))


def _group(provenance: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {key.removeprefix(prefix): text for key, text in provenance.items() if key.startswith(prefix)}


def _runs(folder: Path, made: Mapping[str, str]) -> tuple[dict[str, Run], tuple[str, ...]]:
    """Return the runs that made the files of a cell, and why one is not known."""
    runs: dict[str, Run] = {}
    notes = []
    for stage in STAGES:
        try:
            run = read_run(folder, stage)
        except CellError as error:
            notes.append(str(error))
            continue
        if run is None:
            notes.append(f"{stage}: nobody noted the run")
        elif run.output_sha256 != made[stage]:
            notes.append(f"{stage}: the noted run made another file; this one came from elsewhere")
        else:
            runs[stage] = run
    return runs, tuple(notes)


def _cell_origin(content: Mapping[str, Any], where: str) -> CellOrigin:
    return CellOrigin(
        cell=str(content["cell"]),
        facts=_texts(content["facts"]),
        settings=_texts(content["settings"]),
        sources=_texts(content["sources"]),
        settings_digest=str(content["settings_digest"]),
        sources_digest=str(content["sources_digest"]),
        cell_sha256=str(content["cell_sha256"]),
        runs={str(stage): run_from(run, where) for stage, run in content["runs"].items()},
        notes=tuple(str(note) for note in content["notes"]),
    )


def _texts(content: Mapping[Any, Any]) -> dict[str, str]:
    return {str(name): str(text) for name, text in content.items()}
