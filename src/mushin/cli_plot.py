"""The command ``mushin plot``: the figures of a finished study.

Everything heavy is imported when the command runs, so that ``mushin --help`` answers at once.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from mushin.cli_command import add_command

_EXAMPLES = """\
mushin plot                                    all that the study in results/ has the data for
mushin plot --kind scores --kind differences   these two
mushin plot results/tabular --format png       another study, as PNG
mushin plot --list                             the kinds of figures
"""


def add_plot(commands: Any) -> None:
    """Add the command to the parser's commands."""
    parser = add_command(
        commands, "plot", run_plot, summary="draw the figures of a finished study", examples=_EXAMPLES
    )
    parser.add_argument("results", nargs="?", default="results", help="the results folder (default: results)")
    parser.add_argument("--kind", action="append", metavar="KIND", help="a figure; may be repeated")
    parser.add_argument("--format", default="svg", help="svg, png or pdf (default: svg)")
    parser.add_argument("--folder", metavar="DIR", help="where the files go (default: RESULTS/figures)")
    parser.add_argument("--list", action="store_true", help="list the kinds of figures and stop")


def run_plot(arguments: argparse.Namespace) -> None:
    """Draw the figures and name the files; say which were left out, and why."""
    if arguments.list:
        from mushin.figures.registry import FIGURES

        width = max(map(len, FIGURES))
        for name, found in FIGURES.items():
            print(f"{name:<{width}}  {found.shows}")
        return
    from mushin.stages.plot import plot_study

    drawn = plot_study(
        Path(arguments.results),
        kinds=arguments.kind,
        ending=arguments.format,
        folder=Path(arguments.folder) if arguments.folder else None,
    )
    for path in drawn.written:
        print(f"wrote {path}")
    for kind, reason in drawn.left_out.items():
        print(f"left out {kind}: {reason}")
