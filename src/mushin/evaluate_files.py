"""The part of the command ``mushin evaluate`` that scores files of predictions."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from mushin.errors import ConfigError

if TYPE_CHECKING:
    from mushin.config.plan import CellName

_TASK = "classification"
_UNNAMED = ("data", "predictions", 0)


def add_file_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options for predictions that are there already."""
    group = parser.add_argument_group(
        "predictions of any origin", "score a file; .npz, .nc or .csv with labels, probabilities or values"
    )
    for name, meaning in (
        ("--predictions", "labels, probabilities or values, one per test sample"),
        ("--targets", "the true labels or values, in the same order"),
        ("--output", "write the scores as a cell, for 'mushin aggregate'; needs --cell"),
    ):
        group.add_argument(name, metavar="FILE", help=meaning)
    group.add_argument(
        "--cell", dest="output_cell", metavar="DATASET/METHOD/SEED", help="the name of the --output"
    )
    group.add_argument("--task", metavar="NAME", help=f"the metrics (default: {_TASK})")
    group.add_argument("--metrics", metavar="A,B", help="metrics in place of the task's")
    group.add_argument("--num-classes", type=int, metavar="N", help="needed where there are labels only")
    group.add_argument("--ignore-index", type=int, metavar="I", help="the target to leave out")
    group.add_argument("--class-names", metavar="A,B", help="one name per class, in the order of the labels")


def wants_files(arguments: argparse.Namespace) -> bool:
    """Tell whether files are to be scored, and not a cell of the study.

    Raises
    ------
    ConfigError
        The arguments are of both kinds, or of neither.
    """
    options = {
        "--predictions": arguments.predictions,
        "--targets": arguments.targets,
        "--output": arguments.output,
        "--cell": arguments.output_cell,
        "--task": arguments.task,
        "--metrics": arguments.metrics,
        "--num-classes": arguments.num_classes,
        "--ignore-index": arguments.ignore_index,
        "--class-names": arguments.class_names,
    }
    given = [name for name, value in options.items() if value is not None]
    if not given and arguments.cell is None:
        raise ConfigError("command line: give DATASET/METHOD/SEED, or --predictions FILE --targets FILE")
    if given and not (arguments.predictions and arguments.targets):
        raise ConfigError(f"command line: {', '.join(given)}: needs both --predictions and --targets")
    if given and (arguments.cell is not None or arguments.settings or arguments.results):
        raise ConfigError(
            "command line: --predictions scores a file, not a cell of the study; name what it writes with"
            " --cell DATASET/METHOD/SEED --output FILE"
        )
    if (arguments.output is None) != (arguments.output_cell is None):
        raise ConfigError("command line: --output and --cell go together: give both, or none")
    return bool(given)


def evaluate_files(arguments: argparse.Namespace, name: CellName | None) -> None:
    """Print the scores of a file, and write them as the cell `name` where one is given."""
    if arguments.num_classes is not None and arguments.num_classes < 2:
        raise ConfigError(f"command line: --num-classes {arguments.num_classes}; accepted: 2 or more")
    class_names = _listed("--class-names", arguments.class_names)
    if class_names is not None and len(class_names) < 2:
        raise ConfigError(f"command line: --class-names {arguments.class_names}; give two or more")
    metrics = _listed("--metrics", arguments.metrics)
    from mushin.cells import write_cell
    from mushin.config.plan import CellName
    from mushin.files import sha256_of
    from mushin.layout import CELL
    from mushin.provenance.cost import Stopwatch
    from mushin.provenance.run_record import start_run, write_run
    from mushin.stages.score_files import Scoring, format_scores, score_files

    run, stopwatch = start_run("evaluate"), Stopwatch()
    scoring = Scoring(
        task=arguments.task or _TASK,
        metrics=metrics,
        num_classes=arguments.num_classes,
        ignore_index=arguments.ignore_index,
        class_names=class_names,
    )
    predictions, targets = Path(arguments.predictions), Path(arguments.targets)
    cell = score_files(predictions, targets, scoring, name=name or CellName(*_UNNAMED))
    print(format_scores(cell))
    if name is not None:
        output = Path(arguments.output)
        write_cell(output, cell)
        if output.name == CELL:  # A file of another name is no cell of a results folder.
            write_run(output.parent, run, sha256_of(output), stopwatch.cost())
        print(f"wrote {arguments.output}")


def _listed(option: str, text: str | None) -> tuple[str, ...] | None:
    if text is None:
        return None
    names = tuple(name.strip() for name in text.split(","))
    for name in names:
        if not name:
            raise ConfigError(f"command line: {option} {text}: a name between the commas is empty")
        if names.count(name) > 1:
            raise ConfigError(f"command line: {option}: {name!r} appears twice; list each once")
    return names
