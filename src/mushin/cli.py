"""The command line: one command per rule of the workflow, and those to begin a study and to look at it.

Everything heavy is imported inside a command, so that ``mushin --help`` answers at once.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from mushin import __version__
from mushin.cli_completion import add_completion
from mushin.cli_plan import add_plan
from mushin.cli_plot import add_plot
from mushin.cli_project import add_init, add_new
from mushin.cli_report import add_report
from mushin.cli_score import add_score
from mushin.cli_show import add_show
from mushin.cli_study import add_study_commands
from mushin.colours import paint_for
from mushin.errors import MushinError

_EPILOG = """\
examples:
  mushin init study                             begin a project that runs at once
  mushin new method residual                    add a method to it
  mushin plan                                   what the study in conf/ would run, and why
  snakemake --cores 2                           run everything that is missing or changed
  snakemake --profile slurm                     the same on a cluster
  mushin show                                   how far it is, at any moment; its summary when it is finished
  mushin show results/compare.nc                where they come from
  mushin plot                                   its figures
  mushin report                                 one page with all of it
  mushin score results/compare.nc --metric mcc  a further metric of a finished study
  mushin train digits/mlp/0                     train one cell by hand
  mushin evaluate --predictions p.csv --targets t.csv     score predictions of any origin

files:
  conf/config.yaml      the study: methods, seeds, data set; conf/ holds one file per choice
  results/compare.nc    every metric of every method and seed; results/ holds all that a study leaves

exit status: 0; 1 after an error, which is said in one line per fault; 2 for a command that is no command.
'mushin COMMAND --help' tells more about a command.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0, or 1 after an error."""
    return run_command(parse_command(argv))


def parse_command(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Read a command and its arguments, by default those of ``sys.argv``."""
    return _parser().parse_args(argv)


def run_command(arguments: argparse.Namespace) -> int:
    """Run what was parsed and return its exit status: 0, or 1 after an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # A terminal without arrows and dashes shows '?'.
    # A study's own modules lie in the working directory, as with 'python -m'.
    if str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    try:
        arguments.run(arguments)
    except MushinError as error:
        if error.__cause__ is not None:
            traceback.print_exception(error.__cause__)
        _complain(str(error))
        return 1
    except BrokenPipeError:
        # The reader of a pipe, such as head, has seen enough; Python would complain once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        _complain(f"{error.filename}: {error.strerror}" if error.filename else str(error))
        return 1
    return 0


def _complain(message: str) -> None:
    opening = paint_for(sys.stderr)("mushin: error:", "red")
    for line in message.splitlines():
        print(f"{opening} {line}", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "mushin",
        description="Compare machine-learning methods over seeds, and say honestly which is better.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"mushin {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    add_init(commands)
    add_new(commands)
    add_plan(commands)
    add_study_commands(commands)
    add_show(commands)
    add_plot(commands)
    add_report(commands)
    add_score(commands)
    add_completion(commands, parser)
    return parser
