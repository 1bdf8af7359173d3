"""The command ``mushin show``: a study at any moment, or where its numbers come from.

Everything heavy is imported when the command runs, so that ``mushin --help`` answers at once.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mushin.cli_command import add_command
from mushin.cli_selection import SELECTION, add_conf, read_plan
from mushin.colours import paint_for
from mushin.errors import ConfigError
from mushin.layout import RESULTS

if TYPE_CHECKING:
    from mushin.config.plan import Plan

_SUMMARY = "show how far a study is, what it found, or where its numbers come from"
_DETAILS = """\
While a study runs, or after it stopped, this is its status: cells per method, time left, the scores so far.
Of a finished study it is the summary and the decisions. Nothing is run or written.
"""
_EXAMPLES = """\
mushin show                                          the study of conf/, in results/
mushin show --watch                                  the same, redrawn until it is finished
mushin show experiment=tabular                       a saved study of conf/experiment/
mushin show results/tabular                          a folder
mushin show --json                                   for programs
mushin show results/compare.nc                       what made this file
mushin show results/compare.nc --cell digits/mlp/0   settings, sources, hashes, host and times of one cell
"""
_EVERY = 5.0
_INTERRUPTED = 130


def add_show(commands: Any) -> None:
    """Add the command to the parser's commands."""
    parser = add_command(
        commands, "show", run_show, summary=_SUMMARY, details=_DETAILS, examples=_EXAMPLES, notes=SELECTION
    )
    parser.add_argument(
        "words",
        nargs="*",
        metavar="PATH or KEY=VALUE",
        help="the results folder (default: that of conf/, or results), or its compare.nc; or see below",
    )
    add_conf(parser)
    parser.add_argument("--cell", metavar="DATASET/METHOD/SEED", help="where this cell comes from")
    parser.add_argument("--json", action="store_true", help="print JSON, for programs")
    parser.add_argument(
        "--watch",
        nargs="?",
        type=_seconds,
        const=_EVERY,
        metavar="SECONDS",
        help=f"redraw the terminal every so often (default: {_EVERY:g}) until the study is finished",
    )


def run_show(arguments: argparse.Namespace) -> None:
    """Print a study, or the origin of a merged file or of one of its cells."""
    if arguments.watch is not None and arguments.json:
        raise ConfigError("command line: --watch is for people and --json for programs; give one of them")
    path, selection = _split(arguments.words)
    if arguments.cell is not None or (path is not None and path.suffix == ".nc" and not path.is_dir()):
        _show_origin(path or Path("results"), arguments)
    else:
        _show_study(path, selection, arguments)


def _show_study(path: Path | None, selection: Sequence[str], arguments: argparse.Namespace) -> None:
    from mushin.report.json_text import to_json
    from mushin.stages.show import show_study
    from mushin.stages.study_progress import StudyFolder
    from mushin.terminal import watch

    plan = _plan_if_any(selection, arguments.conf)
    if path is None:
        path = plan.folder if plan is not None else Path("results")
    study = StudyFolder(path)
    if plan is not None and plan.folder.resolve() == path.resolve():
        study = StudyFolder(plan.folder, plan)  # whose logs lie where the workflow calls the folder that
    if arguments.json:
        print(to_json(show_study(study).content()))
        return
    paint = paint_for(sys.stdout)
    if arguments.watch is None:
        print(show_study(study).text(paint))
        return

    def draw() -> tuple[str, bool]:
        shown = show_study(study)
        return shown.text(paint), shown.is_finished

    try:
        watch(draw, sys.stdout, every=arguments.watch)
    except KeyboardInterrupt:
        raise SystemExit(_INTERRUPTED) from None


def _show_origin(path: Path, arguments: argparse.Namespace) -> None:
    from mushin.report import origin
    from mushin.report.json_text import to_json

    file = path / RESULTS if path.is_dir() else path
    if arguments.watch is not None:
        raise ConfigError(f"command line: --watch: {file} does not change; leave it out")
    if arguments.json:
        print(to_json(origin.origin_content(file, arguments.cell)))
    elif arguments.cell is not None:
        print(origin.format_cell_origin(file, arguments.cell))
    else:
        print(origin.format_file_origin(file))


def _split(words: Sequence[str]) -> tuple[Path | None, list[str]]:
    """Tell the path from the words that select a study."""
    selection = [word for word in words if "=" in word]
    paths = [word for word in words if "=" not in word]
    if len(paths) > 1:
        raise ConfigError(f"command line: {' and '.join(paths)}: give one folder or file")
    return (Path(paths[0]) if paths else None), selection


def _plan_if_any(selection: Sequence[str], conf: str) -> Plan | None:
    """Plan the study where there is a configuration; where that has faults, say so and go on without."""
    if selection or Path(conf).is_dir():
        try:
            return read_plan(selection, conf)
        except ConfigError as error:
            if selection:
                raise
            first = str(error).splitlines()[0]
            note = paint_for(sys.stderr)("mushin: note:", "yellow")
            print(f"{note} {conf} has faults, so the plan is not known: {first}", file=sys.stderr)
    return None


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0.1 <= seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no time; accepted: a number of seconds from 0.1")
    return seconds
