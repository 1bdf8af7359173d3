"""The commands ``mushin init`` and ``mushin new``: a project of one's own.

Everything heavy is imported when the command runs, so that ``mushin --help`` answers at once.
"""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path
from typing import Any

from mushin.cli_command import add_command

_INIT_DETAILS = """\
Writes a small study into DIR: conf/ with a method, a data set and all settings, the Python files of both, a
Snakefile that takes its rules from the installed mushin, the profile for SLURM and a README. DIR is new, or
empty but for hidden files such as .git; nothing is overwritten.
"""
_INIT_EXAMPLES = """\
mushin init study                             begin
cd study && snakemake --cores 2               train, evaluate, compare
mushin show                                   the verdict
"""
_NEW_DETAILS = """\
Writes conf/method/NAME.yaml and methods/NAME.py, or conf/data/NAME.yaml and data/NAME.py, for the task of the
study in this folder. Both are small and meant to be changed. Nothing is overwritten.
"""
_NEW_EXAMPLES = """\
mushin new method residual                    a model that trains in this study
mushin new data moons                         a data set for its methods
mushin new method unet --task segmentation    for another task than the study's
"""


def add_init(commands: Any) -> None:
    """Add the command ``init`` to the parser's commands."""
    parser = add_command(
        commands,
        "init",
        run_init,
        summary="begin a project of one's own that runs at once",
        details=_INIT_DETAILS,
        examples=_INIT_EXAMPLES,
    )
    parser.add_argument("folder", metavar="DIR", help="the project's folder")


def add_new(commands: Any) -> None:
    """Add the command ``new`` to the parser's commands."""
    parser = add_command(
        commands,
        "new",
        run_new,
        summary="add a method or a data set that works at once",
        details=_NEW_DETAILS,
        examples=_NEW_EXAMPLES,
    )
    parser.add_argument("group", choices=["method", "data"], help="what to add")
    parser.add_argument("name", metavar="NAME", help="its name, a label of the results")
    parser.add_argument(
        "--task", metavar="TASK", help="classification, segmentation or regression (default: the study's)"
    )


def run_init(arguments: argparse.Namespace) -> None:
    """Write the project and say how to go on."""
    from mushin.project.begin import begin_project

    folder = Path(arguments.folder)
    written = begin_project(folder)
    print(f"wrote {len(written)} files into {folder}")
    if folder.resolve() != Path.cwd():
        print(f"next: cd {shlex.quote(str(folder))}")
    print("then: mushin plan                what would run\n      snakemake --cores 2        run it")


def run_new(arguments: argparse.Namespace) -> None:
    """Write the files, name them, and say how to try and how to keep what is new."""
    from mushin.project.add import add_to_study

    added = add_to_study(arguments.group, arguments.name, task=arguments.task)
    for path in added.written:
        print(f"wrote {path}")
    print(f"next: {added.command}")
    if added.to_keep:
        print(f"to keep it: {added.to_keep}")
