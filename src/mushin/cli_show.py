"""The command ``mushin show``: a finished study in a terminal, or where its numbers come from.

Everything heavy is imported when the command runs, so that ``mushin --help`` answers at once.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from mushin.cli_command import add_command
from mushin.layout import RESULTS

_SUMMARY = "print the summary and the decisions of a finished study, or where its numbers come from"
_EXAMPLES = """\
mushin show                                          the summary of results/
mushin show results/compare.nc                       what made this file
mushin show results/compare.nc --cell digits/mlp/0   settings, sources, hashes, host and times of one cell
"""


def add_show(commands: Any) -> None:
    """Add the command to the parser's commands."""
    parser = add_command(commands, "show", run_show, summary=_SUMMARY, examples=_EXAMPLES)
    parser.add_argument(
        "path", nargs="?", default="results", help="the results folder (default: results), or its compare.nc"
    )
    parser.add_argument("--cell", metavar="DATASET/METHOD/SEED", help="where this cell comes from")


def run_show(arguments: argparse.Namespace) -> None:
    """Print the study of a folder, or the origin of a merged file or of one of its cells."""
    path = Path(arguments.path)
    if arguments.cell is not None:
        from mushin.report.origin import format_cell_origin

        print(format_cell_origin(path / RESULTS if path.is_dir() else path, arguments.cell))
    elif path.is_dir() or path.suffix != ".nc":
        from mushin.report.show import show_results

        print(show_results(path))
    else:
        from mushin.report.origin import format_file_origin

        print(format_file_origin(path))
