"""Read what made the scores of a study: from its cells, and from ``provenance.json`` where there is one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from mushin.cells import CellFacts, read_facts
from mushin.config.plan import CellName, digest
from mushin.layout import CELL, PROVENANCE, cell_folder
from mushin.page.origin import CellDigests, Origin
from mushin.provenance.study_file import read_provenance

_STAGES = ("trained_with_", "evaluated_with_")


def read_origin(results: Path, cells: Iterable[CellName]) -> Origin:
    """Return what made the scores of a study.

    Parameters
    ----------
    results : Path
        The results folder.
    cells : iterable of CellName
        Those of the study; one without ``cell.nc`` is left out.

    Returns
    -------
    Origin
        Without times and hosts, so that the same study reads the same wherever it ran.

    Raises
    ------
    CellError
        A cell or ``provenance.json`` is damaged.
    """
    files = [cell_folder(results, name) / CELL for name in cells]
    found = [read_facts(file) for file in files if file.is_file()]
    commands, facts = _recorded_runs(results)
    return Origin(
        commands=commands,
        facts=facts,
        versions=_versions(found),
        settings=_settings(found),
        cells=tuple(_digests(cell) for cell in found),
    )


def _versions(cells: Iterable[CellFacts]) -> dict[str, str]:
    """Return the versions of the packages behind all cells."""
    numbers: dict[str, set[str]] = {}
    for cell in cells:
        for key, number in cell.provenance.items():
            for stage in _STAGES:
                if key.startswith(stage):
                    numbers.setdefault(key.removeprefix(stage), set()).add(number)
    return {package: ", ".join(sorted(numbers[package])) for package in sorted(numbers)}


def _settings(cells: Iterable[CellFacts]) -> dict[str, dict[str, str]]:
    """Return the resolved settings by data set and method; a seed chooses none."""
    settings: dict[str, dict[str, str]] = {}
    for cell in cells:
        groups = _group(cell, "settings_")
        if groups:
            settings.setdefault(f"{cell.name.dataset}/{cell.name.method}", groups)
    return settings


def _digests(cell: CellFacts) -> CellDigests:
    return CellDigests(
        str(cell.name),
        settings=_digest_of(_group(cell, "settings_")),
        sources=_digest_of(_group(cell, "sources_")),
        model=cell.provenance.get("checkpoint_sha256", ""),
        targets=cell.provenance.get("targets_digest", ""),
    )


def _group(cell: CellFacts, prefix: str) -> dict[str, str]:
    """Return the texts of settings or sources by group, without the group's name in front."""
    return {
        key.removeprefix(prefix): text.partition("=")[2]
        for key, text in sorted(cell.provenance.items())
        if key.startswith(prefix)
    }


def _digest_of(texts: Mapping[str, str]) -> str:
    return digest(json.dumps(texts, sort_keys=True)) if texts else ""


def _recorded_runs(results: Path) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return the commands and what is known of the machine's software; nothing where no run is on record."""
    if not (results / PROVENANCE).is_file():
        return (), {}
    recorded = read_provenance(results)
    runs = [run for cell in recorded.cells.values() for run in cell.runs.values()]
    runs.append(recorded.aggregated)
    commands = tuple(dict.fromkeys(run.command for run in runs))
    facts = {
        "Python": _distinct(run.python for run in runs),
        "platform": _distinct(run.platform for run in runs),
        "commit of the study": _distinct(run.study_git for run in runs),
        "commit of mushin": _distinct(run.mushin_git for run in runs),
    }
    return commands, {name: text for name, text in facts.items() if text}


def _distinct(texts: Iterable[object]) -> str:
    return ", ".join(dict.fromkeys(str(text) for text in texts if text))
