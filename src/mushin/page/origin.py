"""Hold what made the scores of a study: commands, versions, digests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class CellDigests:
    """What identifies one cell; empty where it is not known.

    Attributes
    ----------
    cell : str
        ``DATASET/METHOD/SEED``.
    settings, sources : str
        Digests of the resolved settings and of the code behind them.
    model, targets : str
        SHA-256 of the checkpoint or predictions, and the digest of the test targets.
    """

    cell: str
    settings: str = ""
    sources: str = ""
    model: str = ""
    targets: str = ""


@dataclass(frozen=True)
class Origin:
    """What made the scores of a study.

    Attributes
    ----------
    commands : tuple of str
        What the user typed, each once; empty where nobody noted it.
    facts : mapping of str to str
        What is known of the study as a whole: name → text, such as the version of Python.
    versions : mapping of str to str
        Package → version, several joined by commas where cells differ.
    settings : mapping of str to mapping of str to str
        ``DATASET/METHOD`` → group → resolved settings as JSON.
    cells : tuple of CellDigests
        In the order of the study.
    """

    commands: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    cells: tuple[CellDigests, ...] = ()
