"""Read and write ``train.json``: which settings and sources a checkpoint, or predictions, come from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from mushin.config.plan import Settings
from mushin.errors import CheckpointError
from mushin.files import write_text
from mushin.stages.versions import package_versions

FORMAT = "mushin-train/1"
TRAINING_GROUPS = ("data", "method", "training")
"""The groups of settings that decide the training."""


@dataclass(frozen=True)
class TrainingRecord:
    """What trained a checkpoint, or made predictions.

    Attributes
    ----------
    checkpoint_sha256 : str
        The hash of ``model.pt`` or ``predictions.npz``.
    settings, sources : dict
        Group → the texts of `mushin.config.plan.Settings`, for the groups that decide the training.
    history : dict
        Per-epoch values such as ``loss``, in order; empty where a method trains by itself.
    versions : dict
        Package → version.
    checkpoint : str
        Where the training left it, relative to the cell's folder; empty for the workflow's own file.
    """

    checkpoint_sha256: str
    settings: dict[str, str]
    sources: dict[str, str]
    history: dict[str, list[float]] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    checkpoint: str = ""

    @property
    def provenance(self) -> dict[str, str]:
        """The settings and sources as a cell names them."""
        return {
            **{f"settings_{group}": text for group, text in self.settings.items()},
            **{f"sources_{group}": text for group, text in self.sources.items()},
        }


def record_training(
    sha256: str,
    settings: Settings,
    *,
    history: dict[str, list[float]] | None = None,
    versions: dict[str, str] | None = None,
) -> TrainingRecord:
    """Return the record of a training under `settings`, with `versions` beside those of every training."""
    return TrainingRecord(
        checkpoint_sha256=sha256,
        settings={group: settings.texts[group] for group in TRAINING_GROUPS},
        sources={group: settings.sources[group] for group in TRAINING_GROUPS},
        history=history or {},
        versions={**package_versions(), **(versions or {})},
    )


def write_record(path: Path, record: TrainingRecord) -> None:
    """Write a record as JSON, whole or not at all."""
    content = {"format": FORMAT, **asdict(record)}
    write_text(path, json.dumps(content, indent=1, sort_keys=True) + "\n")


def read_record(path: Path) -> TrainingRecord:
    """Read a record.

    Raises
    ------
    CheckpointError
        The file is missing, damaged, or of another format version.
    """
    remedy = "train the cell again"
    try:
        content: Any = json.loads(path.read_text(encoding="utf-8"))
        found = content.pop("format")
        if found != FORMAT:
            raise CheckpointError(f"{path}: format {found!r}; this version reads {FORMAT}; {remedy}")
        _check_types(content)
        return TrainingRecord(**content)
    except FileNotFoundError:
        raise CheckpointError(f"{path}: no such file; {remedy}") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        if isinstance(error, CheckpointError):
            raise
        raise CheckpointError(f"{path}: not a training record ({error}); {remedy}") from None


def _check_types(content: Mapping[str, Any]) -> None:
    """Raise TypeError where a value is of another kind than `TrainingRecord` says."""
    for name in ("checkpoint_sha256", "checkpoint"):
        if not isinstance(content.get(name, ""), str):
            raise TypeError(f"{name} is no text")
    for name in ("settings", "sources", "versions"):
        if not all(isinstance(text, str) for text in content.get(name, {}).values()):
            raise TypeError(f"{name} holds something else than texts")
    for values in content.get("history", {}).values():
        if not isinstance(values, list) or not all(type(value) in (int, float) for value in values):
            raise TypeError("history holds something else than lists of numbers")
