"""Add a method or a data set to the study of the working directory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mushin.config.compose import ROOT, compose_conf, hydra_session, open_conf
from mushin.errors import ProjectError
from mushin.project.skeletons import PACKAGE_OF, data_files, method_files
from mushin.project.write import write_new_files

_LISTS = {"method": "methods", "data": "datasets"}
_FILES: dict[str, Callable[[str, str], dict[str, bytes]]] = {"method": method_files, "data": data_files}


@dataclass(frozen=True)
class Added:
    """What was written, and how to go on.

    Parameters
    ----------
    written : list of path
        The new files.
    command : str
        Runs the study with what is new.
    to_keep : str, optional
        What to write into ``conf/config.yaml`` for good; None where it stands there already.
    """

    written: list[Path]
    command: str
    to_keep: str | None


def add_to_study(group: str, name: str, *, task: str | None = None) -> Added:
    """Write ``conf/GROUP/NAME.yaml`` and a Python file that works at once in the study of this folder.

    Parameters
    ----------
    group : {"method", "data"}
        What to add.
    name : str
        Its name, a label of the results.
    task : {"classification", "segmentation", "regression"}, optional
        What it is for; by default the study's task.

    Raises
    ------
    ConfigError
        There is no study here, or the name cannot be used.
    ProjectError
        A file of that name exists.
    UnknownNameError
        There is no skeleton for the task.
    """
    conf = open_conf(Path("conf"))
    with hydra_session(conf):
        study, chosen = compose_conf(conf, [])
    package = PACKAGE_OF[group]
    if Path(f"{package}.py").exists():
        raise ProjectError(f"{package}.py: would be hidden by the new folder {package}/; rename it first")
    found = _FILES[group](name, task or str(study.get("task", {}).get("name", "classification")))
    taken = [*found] if Path(package, "__init__.py").exists() else [*found, f"{package}/__init__.py"]
    written = write_new_files(Path(), {path: found.get(path, b"") for path in taken})
    listed = _listed(study, _LISTS[group]) or ([chosen["data"]] if group == "data" else [])
    return _next_steps(group, name, listed, written, conf.shown("", ROOT))


def _next_steps(group: str, name: str, listed: list[str], written: list[Path], root: str) -> Added:
    key = _LISTS[group]
    if name in listed:
        return Added(written, "snakemake --cores 2", None)
    names = [*listed, name]
    return Added(
        written,
        f"snakemake --cores 2 --config {key}={','.join(names)}",
        f"{root}: {key}: [{', '.join(names)}]" if group == "data" else f"{root}: add {name} to {key}:",
    )


def _listed(study: Any, key: str) -> list[str]:
    """Read the names that the study lists; what is no name there is for the plan to complain about."""
    names = [item if isinstance(item, str) else item.get("name") for item in study.get(key) or []]
    return [name for name in names if isinstance(name, str)]
