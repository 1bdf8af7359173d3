"""Write and read the file that says what a sweep is made of."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from mushin.errors import SweepError
from mushin.files import write_text
from mushin.sweeps.grid import Grid

MANIFEST = "sweep.json"
_FORMAT = 1


@dataclass(frozen=True)
class Manifest:
    """A sweep as its folder describes it.

    Attributes
    ----------
    task : str
        The name of the task.
    source : str
        Its digest.
    grid : Grid
        The parameters.
    """

    task: str
    source: str
    grid: Grid


def write_manifest(working_dir: Path, manifest: Manifest) -> None:
    """Write the file whole or not at all."""
    content = {
        "format": _FORMAT,
        "task": manifest.task,
        "source": manifest.source,
        "swept": manifest.grid.swept,
        "fixed": manifest.grid.fixed,
    }
    write_text(working_dir / MANIFEST, json.dumps(content, indent=1) + "\n")


def read_manifest(working_dir: Path) -> Manifest | None:
    """Return what the folder says; None where it holds no sweep.

    Raises
    ------
    SweepError
        The file is damaged or of another format.
    """
    file = working_dir / MANIFEST
    if not file.is_file():
        return None
    try:
        content = json.loads(file.read_bytes())
        if content["format"] != _FORMAT:
            raise SweepError(
                f"{file} has format {content['format']!r}; this version of mushin reads {_FORMAT}"
            )
        return Manifest(content["task"], content["source"], Grid(content["swept"], content["fixed"]))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise SweepError(
            f"{file} is damaged ({type(error).__name__}: {error}); run the sweep into another folder"
        ) from None
