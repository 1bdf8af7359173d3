"""The points of a sweep: which parameters vary, which are fixed, and one job for each combination."""

from __future__ import annotations

import copy
import hashlib
import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mushin.sweeps.values import canonical_text

MISSING = "???"
"""How OmegaConf writes a value that is still to come."""

_LONGEST_NAME = 60


@dataclass(frozen=True)
class Job:
    """One configuration.

    Attributes
    ----------
    point : dict
        The value of each swept parameter.
    parameters : dict
        Everything that the task is called with; dotted names stand as nested dicts.
    """

    point: dict[str, Any]
    parameters: dict[str, Any]

    @cached_property
    def folder(self) -> str:
        """Name the job's folder: readable, and the same for the same parameters in every sweep."""
        readable = re.sub(r"[^A-Za-z0-9_.=,+-]+", "_", ",".join(f"{k}={v}" for k, v in self.point.items()))
        digest = hashlib.sha256(canonical_text(self.parameters).encode()).hexdigest()[:12]
        return f"{readable[:_LONGEST_NAME] or 'job'}-{digest}"

    def __str__(self) -> str:
        """Name the job by its point, for messages."""
        return ", ".join(f"{name}={value!r}" for name, value in self.point.items()) or "the only job"


@dataclass(frozen=True)
class Grid:
    """A sweep's parameters, as plain values.

    Attributes
    ----------
    swept : dict
        The values of each parameter that varies, in the order given; names may be dotted.
    fixed : dict
        The other parameters by name; dotted names stand as nested dicts.
    """

    swept: dict[str, list[Any]]
    fixed: dict[str, Any]

    @property
    def shape(self) -> tuple[int, ...]:
        """The number of values of each swept parameter."""
        return tuple(len(values) for values in self.swept.values())

    @cached_property
    def jobs(self) -> tuple[Job, ...]:
        """One job per combination; the last parameter varies fastest."""
        points = (
            dict(zip(self.swept, values, strict=True)) for values in itertools.product(*self.swept.values())
        )
        return tuple(Job(point, self._at(point)) for point in points)

    def outline(self) -> dict[str, Any]:
        """Return the parameters with a mark in place of each value that varies."""
        return self._at(dict.fromkeys(self.swept, MISSING))

    def _at(self, point: Mapping[str, Any]) -> dict[str, Any]:
        parameters = copy.deepcopy(self.fixed)
        for name, value in point.items():
            put(parameters, name, value)
        return parameters


def put(parameters: dict[str, Any], name: str, value: Any) -> None:
    """Set a value under a dotted name.

    Examples
    --------
    >>> parameters = {"optimizer": {"name": "sgd"}}
    >>> put(parameters, "optimizer.lr", 0.1)
    >>> parameters
    {'optimizer': {'name': 'sgd', 'lr': 0.1}}
    """
    *parents, last = name.split(".")
    for parent in parents:
        parameters = parameters.setdefault(parent, {})
    parameters[last] = value
