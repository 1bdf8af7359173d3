"""Collect the faults of a configuration, so that all of them are reported together."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from mushin.errors import ConfigError, did_you_mean

Origin = Callable[[str], tuple[str, str]]
"""Key within a group → the file that sets it, and the key as that file writes it."""


@dataclass
class Faults:
    """The faults found so far, in the order of discovery and each one once.

    Examples
    --------
    >>> faults = Faults()
    >>> faults.add("conf/config.yaml", "seeds", "3 appears twice; list each seed once")
    >>> faults.raise_if_any()
    Traceback (most recent call last):
    mushin.errors.ConfigError: conf/config.yaml: seeds: 3 appears twice; list each seed once
    """

    lines: list[str] = field(default_factory=list)

    def add(self, where: str, key: str, problem: str) -> None:
        """Note that `key` of the file (or the command line) `where` has a problem."""
        line = f"{where}: {key}: {problem}" if key else f"{where}: {problem}"
        if line not in self.lines:
            self.lines.append(line)

    def add_unknown_key(self, where: str, key: str, accepted: Iterable[str]) -> None:
        """Note a key that nobody reads, with the closest accepted one."""
        names = sorted(accepted)
        last = key.split(" ")[0].rpartition(".")[2]
        hint = did_you_mean(last, names) or ";"
        self.add(where, key, f"unknown key{hint} accepted: {', '.join(names)}")

    def raise_if_any(self) -> None:
        """Raise one `ConfigError` that lists every fault, or do nothing."""
        if self.lines:
            raise ConfigError("\n".join(self.lines))
