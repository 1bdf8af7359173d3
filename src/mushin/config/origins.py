"""Say in which file of conf/, or by which override, a key was set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mushin.config.compose import ROOT, ConfFolder
from mushin.config.faults import Origin
from mushin.config.overrides import Override
from mushin.config.selection import WHERE, Selection


@dataclass(frozen=True)
class Origins:
    """What a key may come from, the strongest first: the command line, an experiment, the files of conf/."""

    conf: ConfFolder
    selection: Selection
    overrides: Sequence[Override]

    def of_list(self, key: str) -> str:
        """Say where a top-level list comes from, which the selection may name."""
        return WHERE if getattr(self.selection, key) is not None else self.of_study(key)[0]

    def of_study(self, key: str) -> tuple[str, str]:
        """Return the place and the name of a key of the top level."""
        if key == "results" and self.selection.results is not None:
            return WHERE, key
        for setting in self.overrides:
            if setting.key == key:
                return f"{setting.where}: overrides", key
        experiment = self.selection.experiment
        if experiment is not None and _has(self.conf.read("experiment", experiment), key.split(".")):
            return self.conf.shown("experiment", experiment), key
        return self.conf.shown("", ROOT), key

    def of_group(self, group: str, option: str, own: Sequence[Override] = ()) -> Origin:
        """Return the function that finds the place and the name of a key of a group.

        `own` are the overrides of one entry of ``methods:``, which are stronger than all others.
        """

        def origin(key: str) -> tuple[str, str]:
            full = f"{group}.{key}"
            for setting in (*reversed(own), *self.overrides):
                if full == setting.key or full.startswith(f"{setting.key}."):
                    return f"{setting.where}: overrides", full
            experiment = self.selection.experiment
            files = [("experiment", experiment)] if experiment is not None else []
            for folder, name in [*files, ("", ROOT)]:
                if _has(self.conf.read(folder, name), full.split(".")):
                    return self.conf.shown(folder, name), full
            return self.conf.shown(group, option), key

        return origin


def _has(content: Any, path: list[str]) -> bool:
    for part in path:
        if not isinstance(content, dict) or part not in content:
            return False
        content = content[part]
    return True
