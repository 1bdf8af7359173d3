"""The command ``mushin report``: one page with all that a study found.

Everything heavy is imported when the command runs, so that ``mushin --help`` answers at once.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from mushin.cli_command import add_command

_EXAMPLES = """\
mushin report                            results/report.html of the study in results/
mushin report results/tabular            of another study
mushin report --output shared.html       into another file
"""


def add_report(commands: Any) -> None:
    """Add the command to the parser's commands."""
    parser = add_command(
        commands,
        "report",
        run_report,
        summary="write one page with all that a finished study found",
        details="The page opens offline, in a browser or on paper.",
        examples=_EXAMPLES,
    )
    parser.add_argument("results", nargs="?", default="results", help="the results folder (default: results)")
    parser.add_argument("--output", metavar="FILE", help="the page (default: RESULTS/report.html)")
    parser.add_argument("--figures", metavar="DIR", help="write the figures as SVG files here too")


def run_report(arguments: argparse.Namespace) -> None:
    """Write the page and name it."""
    from mushin.stages.report import report_study

    output = Path(arguments.output) if arguments.output else None
    figures = Path(arguments.figures) if arguments.figures else None
    for path in report_study(Path(arguments.results), output=output, figures=figures):
        print(f"wrote {path}")
