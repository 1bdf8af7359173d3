"""Expand a configuration into the cells of a study, each with its resolved settings."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from mushin.config.libraries import libraries_behind
from mushin.config.targets import INSTALLED, source_digest, targets_in


@dataclass(frozen=True, order=True)
class CellName:
    """One (dataset, method, seed) of a study.

    Examples
    --------
    >>> str(CellName("digits", "mlp", 0))
    'digits/mlp/0'
    """

    dataset: str
    method: str
    seed: int

    def __str__(self) -> str:
        return f"{self.dataset}/{self.method}/{self.seed}"


@dataclass(frozen=True)
class Settings:
    """The resolved settings that decide the result of one (dataset, method) under every seed.

    Attributes
    ----------
    data, method, training, task : dict
        The groups of conf/, with defaults filled in and interpolations resolved. Training needs no task.
    """

    data: dict[str, Any]
    method: dict[str, Any]
    training: dict[str, Any]
    task: dict[str, Any] = field(default_factory=dict)

    @property
    def leaves_predictions(self) -> bool:
        """Whether the method leaves predictions for the test split, and not a model."""
        return self.method.get("predict") is not None

    @cached_property
    def texts(self) -> dict[str, str]:
        """Each group as one line ``group={…}`` of JSON, the same for the same settings.

        The line opens with the group's name because Snakemake compares the values of ``params`` without
        their names.
        """
        return {name: f"{name}={canonical_json(group)}" for name, group in self._groups.items()}

    @cached_property
    def sources(self) -> dict[str, str]:
        """Each group's digests of the source files behind its ``_target_`` (and ``predict_fn``)."""
        return {name: f"{name}.source={_digests(group)}" for name, group in self._groups.items()}

    @property
    def targets(self) -> set[str]:
        """The dotted paths that the settings name."""
        return set().union(*map(_targets_of, self._groups.values()))

    @property
    def _groups(self) -> dict[str, dict[str, Any]]:
        return {"data": self.data, "method": self.method, "training": self.training, "task": self.task}


@dataclass(frozen=True)
class Plan:
    """A checked study: its cells, the settings of each, and how the methods are compared.

    Attributes
    ----------
    datasets, methods : tuple of str
        Labels in the order of the study.
    seeds : tuple of int
        Labels in the order of the study.
    settings : mapping
        (dataset, method) → `Settings`.
    stats : dict
        The resolved group ``stats``.
    resources : dict
        Rule → mem_mb, runtime, gpu, time_limit; and warm_workers.
    results : str
        The results folder.
    """

    datasets: tuple[str, ...]
    methods: tuple[str, ...]
    seeds: tuple[int, ...]
    settings: Mapping[tuple[str, str], Settings]
    stats: dict[str, Any]
    resources: dict[str, Any]
    results: str

    def cells(self) -> Iterator[CellName]:
        """Yield every cell, data sets first, seeds last."""
        for dataset in self.datasets:
            for method in self.methods:
                for seed in self.seeds:
                    yield CellName(dataset, method, seed)

    @cached_property
    def libraries(self) -> tuple[str, ...]:
        """The installed modules that the targets of the study are in, or that their own source imports."""
        targets = set().union(*(of.targets for of in self.settings.values()))
        return tuple(sorted(set().union(*map(libraries_behind, targets))))

    @cached_property
    def dependencies(self) -> str:
        """A digest of the settings and sources of all cells: what the merged results depend on."""
        return digest(canonical_json([[of.texts, of.sources] for of in self.settings.values()]))

    def __contains__(self, cell: CellName) -> bool:
        """Tell whether the study has this cell."""
        return (cell.dataset, cell.method) in self.settings and cell.seed in self.seeds

    @property
    def folder(self) -> Path:
        """The results folder as a path."""
        return Path(self.results)


def canonical_json(value: Any) -> str:
    """Write settings as JSON that does not depend on key order.

    Examples
    --------
    >>> canonical_json({"b": 0.10, "a": [1, None]})
    '{"a":[1,null],"b":0.1}'
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(text: str) -> str:
    """Digest a text to 16 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _digests(group: Mapping[str, Any]) -> str:
    """Digest the sources that a group names; those of installed libraries are left out."""
    found = {target: source_digest(target) for target in sorted(_targets_of(group))}
    return canonical_json({target: code for target, code in found.items() if code != INSTALLED})


def _targets_of(group: Mapping[str, Any]) -> set[str]:
    return {*targets_in(group), *filter(None, [group.get("predict_fn")])}
