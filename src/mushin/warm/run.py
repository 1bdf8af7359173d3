"""Name the run that a server of warm workers belongs to, in the environment of its jobs."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

VARIABLE = "MUSHIN_WARM_RUN"
"""The environment variable that holds a `WarmRun`."""


@dataclass(frozen=True)
class WarmRun:
    """A run whose jobs share a server.

    Attributes
    ----------
    process : int
        The process whose end is the run's; the server goes with it.
    token : str
        What names this run's server and no other's, and what nobody else can guess.
    libraries : tuple of str
        The modules to import besides those that every job needs.
    log : str
        The file for what the server has to say.
    """

    process: int
    token: str
    libraries: tuple[str, ...]
    log: str

    @classmethod
    def begin(cls, libraries: Sequence[str], log: Path) -> Self:
        """Name a run that ends with this process."""
        import secrets  # Costs more than a job's own part.

        return cls(os.getpid(), secrets.token_hex(16), tuple(libraries), str(log.absolute()))

    @classmethod
    def of_environment(cls, environment: Mapping[str, str]) -> Self | None:
        """Read the run that a job belongs to; None for a command typed by hand."""
        text = environment.get(VARIABLE)
        if not text:
            return None
        found = json.loads(text)
        return cls(found["process"], found["token"], tuple(found["libraries"]), found["log"])

    def __str__(self) -> str:
        """Write it as the variable's value."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @property
    def address(self) -> str:
        """The server's socket, in Linux' abstract namespace: no file that could stay behind."""
        return f"\0mushin-{self.token}"
