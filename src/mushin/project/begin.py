"""Make the folder of a project of one's own, which runs at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mushin.errors import ProjectError
from mushin.project.skeletons import method_files
from mushin.project.write import write_new_files
from mushin.shipped import workflow_folder

FIRST_METHOD = "network"

# What a project gets of the shipped workflow, and where it lies there: the same place, but for the first.
_PARTS = (
    "workflow/project",
    "conf/task",
    "conf/training",
    "conf/stats",
    "workflow/schemas",
    "profiles",
    "slurm",
)


def begin_project(folder: Path) -> list[Path]:
    """Write a study of one method and a variant of it on one data set, with all that it needs to run.

    Parameters
    ----------
    folder : path
        New, or empty but for hidden files such as ``.git``. Nothing is ever overwritten.

    Returns
    -------
    list of path
        The written files.

    Raises
    ------
    ProjectError
        The folder is a file, or holds something.
    ShippedFilesError
        This installation of mushin has no workflow.
    """
    _check_empty(folder)
    files = dict(_project_files(workflow_folder()))
    files.update(method_files(FIRST_METHOD, "classification"))
    return write_new_files(folder, dict(sorted(files.items())))


def _check_empty(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise ProjectError(f"{folder}: is a file; name a new folder")
    found = sorted(path.name for path in folder.glob("[!.]*"))
    if found:
        shown = ", ".join(found[:3]) + (", …" if len(found) > 3 else "")
        raise ProjectError(
            f"{folder}: is not empty, it holds {shown}; name a new folder, or an empty one"
            " (hidden files such as .git may be there)"
        )


def _project_files(shipped: Path) -> Iterator[tuple[str, bytes]]:
    for part in _PARTS:
        root = shipped / part if part == "workflow/project" else shipped
        for path in sorted((shipped / part).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path.relative_to(root).as_posix(), path.read_bytes()
