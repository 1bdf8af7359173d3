"""Note what becomes of a mushin.Study, for who looks at its folder from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from mushin.config.plan import CellName
from mushin.errors import CellError
from mushin.files import write_text

LABELS = ".study.json"
FORMAT = "mushin-study/1"


def note_labels(results: Path, dataset: str, methods: Sequence[str], seeds: Sequence[int]) -> None:
    """Write the labels of a Study that begins into its folder, beside those of Studies of other data sets."""
    try:
        known = _read(results / LABELS)
    except CellError:
        known = {}  # The next line writes a whole one.
    _write(results, known | {dataset: {"methods": list(methods), "seeds": list(seeds)}})


def note_failure(results: Path, cell: CellName, reason: str) -> None:
    """Add to the note of a Study that a cell failed, and why, in one line."""
    known = _read(results / LABELS)
    failed = known[cell.dataset].setdefault("failed", {})
    failed[str(cell)] = reason.partition("\n")[0]
    _write(results, known)


def noted_failures(results: Path) -> dict[str, str]:
    """Return why cells failed in the last run of each Study in this folder, by their names.

    Raises
    ------
    CellError
        The note is damaged.
    """
    path = results / LABELS
    found: dict[str, str] = {}
    for labels in _read(path).values():
        try:
            found |= {str(cell): str(reason) for cell, reason in dict(labels.get("failed", {})).items()}
        except (ValueError, TypeError, AttributeError):
            raise CellError(f"{path}: damaged; delete it, or run the Study again") from None
    return found


def noted_cells(results: Path) -> list[CellName]:
    """Return the cells that Studies in this folder planned; none where there was no Study.

    Raises
    ------
    CellError
        The note is damaged.
    """
    return list(_cells(_read(results / LABELS), results / LABELS))


def _write(results: Path, datasets: dict[str, Any]) -> None:
    content = {"format": FORMAT, "datasets": datasets}
    write_text(results / LABELS, json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        content: Any = json.loads(path.read_bytes())
        datasets = content["datasets"] if content["format"] == FORMAT else None
    except (ValueError, KeyError, TypeError, RecursionError):
        datasets = None
    if not isinstance(datasets, dict):
        raise CellError(f"{path}: damaged, or of another version; delete it, or run the Study again")
    return datasets


def _cells(datasets: dict[str, Any], path: Path) -> Iterator[CellName]:
    try:
        for dataset, labels in datasets.items():
            for method in labels["methods"]:
                for seed in labels["seeds"]:
                    yield CellName(dataset, str(method), int(seed))
    except (ValueError, KeyError, TypeError):
        raise CellError(f"{path}: damaged; delete it, or run the Study again") from None
