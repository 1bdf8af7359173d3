"""The command line: one command per rule of the workflow, and three to look at a study.

Everything heavy is imported inside a command, so that ``mushin --help`` answers at once.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mushin import __version__
from mushin.cli_plot import add_plot
from mushin.cli_report import add_report
from mushin.cli_score import add_score
from mushin.errors import ConfigError, MushinError
from mushin.evaluate_files import add_file_arguments, evaluate_files, wants_files

if TYPE_CHECKING:
    from mushin.config.plan import CellName, Plan, Settings

_SELECTION = """\
KEY=VALUE selects and overrides, with the same keys as 'snakemake --config':
  experiment=NAME  datasets=a,b  methods=a,b  seeds=0,1,2  results=FOLDER  overrides='training.epochs=5'
"""
_CELL = "DATASET/METHOD/SEED, or METHOD/SEED where there is one data set"
_EXAMPLES = """\
examples:
  mushin plan                                   what the study in conf/ would run, and why
  mushin plan methods=mlp,cnn seeds=0,1,2       the same for a part of it
  mushin train digits/mlp/0                     train one cell by hand
  mushin evaluate digits/mlp/0                  score it
  mushin evaluate --predictions p.csv --targets t.csv     score predictions of any origin
  snakemake --cores 2                           run everything that is missing or changed
  mushin show                                   the summary of the results
  mushin plot                                   its figures
  mushin report                                 one page with all of it
  mushin score results/compare.nc --metric mcc  a further metric of a finished study
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0, or 1 after an error."""
    arguments = _parser().parse_args(argv)
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
    for line in message.splitlines():
        print(f"mushin: error: {line}", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        "mushin",
        description="Compare machine-learning methods over seeds, and say honestly which is better.",
        epilog=_EXAMPLES,
        formatter_class=form,
    )
    parser.add_argument("--version", action="version", version=f"mushin {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def command(name: str, run: Any, summary: str) -> argparse.ArgumentParser:
        added = commands.add_parser(
            name, help=summary, description=summary, epilog=_SELECTION, formatter_class=form
        )
        added.set_defaults(run=run)
        added.add_argument("--conf", default="conf", metavar="DIR", help="the configuration (default: conf)")
        return added

    plan = command("plan", _plan, "list the cells of the study, and which would run and why")
    train = command("train", _train, "train one cell")
    evaluate = command("evaluate", _evaluate, "score one trained cell, or a file of predictions")
    train.add_argument("cell", help=_CELL)
    evaluate.add_argument("cell", nargs="?", help=_CELL)
    add_file_arguments(evaluate)
    aggregate = command("aggregate", _aggregate, "merge the cells into compare.nc")
    for labels in ("datasets", "methods", "seeds"):
        kind = int if labels == "seeds" else str
        aggregate.add_argument(f"--{labels}", nargs="+", type=kind, help="labels, instead of reading conf/")
    stats = command("stats", _stats, "compare the methods and write the tables")
    stats.add_argument("--file", metavar="NC", help="the merged results (default: compare.nc of the study)")
    for allowing in (aggregate, stats):
        allowing.add_argument("--allow-incomplete", action="store_true", help="leave gaps for missing cells")
    for ruled in (train, evaluate, stats):
        ruled.add_argument(
            "--settings", nargs="+", metavar="GROUP=JSON", help="resolved settings, instead of reading conf/"
        )
    for placed in (train, evaluate, aggregate):
        placed.add_argument("--results", metavar="DIR", help="with labels or settings: the results folder")
    for selecting in (plan, train, evaluate, aggregate, stats):
        selecting.add_argument("selection", nargs="*", metavar="KEY=VALUE", help="see below")
    show = command("show", _show, "print the summary and the decisions of a finished study")
    show.add_argument("folder", nargs="?", default="results", help="the results folder (default: results)")
    add_plot(commands)
    add_report(commands)
    add_score(commands)
    return parser


def _read_plan(arguments: argparse.Namespace) -> Plan:
    from mushin.config.make_plan import make_plan
    from mushin.config.selection import Selection

    return make_plan(Selection.from_arguments(arguments.selection), arguments.conf)


def _plan(arguments: argparse.Namespace) -> None:
    from mushin.stages.plan_power import study_power
    from mushin.stages.status import study_status
    from mushin.stages.status_table import format_status

    plan = _read_plan(arguments)
    print(format_status(list(study_status(plan))))
    power = study_power(plan)
    if power:
        print(f"\n{power}")


def _train(arguments: argparse.Namespace) -> None:
    cell, settings, results = _one_cell(arguments, "train")
    from mushin.stages.train import train_cell

    print(f"wrote {train_cell(cell, settings, results)}")


def _evaluate(arguments: argparse.Namespace) -> None:
    if wants_files(arguments):
        output_cell = arguments.output_cell
        evaluate_files(arguments, None if output_cell is None else _parse_cell(output_cell, None))
        return
    cell, settings, results = _one_cell(arguments, "evaluate")
    from mushin.stages.evaluate import evaluate_cell

    print(f"wrote {evaluate_cell(cell, settings, results)}")


def _aggregate(arguments: argparse.Namespace) -> None:
    from mushin.stages.aggregate import aggregate_study

    given = (arguments.datasets, arguments.methods, arguments.seeds)
    if all(given):
        results = Path(arguments.results or "results")
    elif any(given):
        raise ConfigError("command line: give all of --datasets, --methods and --seeds, or none of them")
    else:
        plan = _read_plan(arguments)
        given, results = (plan.datasets, plan.methods, plan.seeds), plan.folder
    print(f"wrote {aggregate_study(results, *given, allow_incomplete=arguments.allow_incomplete)}")


def _stats(arguments: argparse.Namespace) -> None:
    from mushin.layout import RESULTS
    from mushin.stages.compare import compare_study

    if arguments.settings:
        stats, file = _parse_settings(arguments.settings, ["stats"])["stats"], Path("results") / RESULTS
    else:
        plan = _read_plan(arguments)
        stats, file = plan.stats, plan.folder / RESULTS
    if arguments.file:
        file = Path(arguments.file)
    for path in compare_study(file, stats, allow_incomplete=arguments.allow_incomplete):
        print(f"wrote {path}")


def _show(arguments: argparse.Namespace) -> None:
    from mushin.report.show import show_results

    print(show_results(Path(arguments.folder)))


def _one_cell(arguments: argparse.Namespace, rule: str) -> tuple[CellName, Settings, Path]:
    """Find the cell and its settings, and set the number of threads before torch is imported."""
    from mushin.config.plan import Settings

    if arguments.settings:
        stages = {"train": ["data", "method", "training"], "evaluate": ["data", "method", "training", "task"]}
        settings = Settings(**_parse_settings(arguments.settings, stages[rule]))
        cell, results = _parse_cell(arguments.cell, None), Path(arguments.results or "results")
    else:
        plan = _read_plan(arguments)
        cell, results = _parse_cell(arguments.cell, plan), plan.folder
        settings = plan.settings[cell.dataset, cell.method]
    _set_threads((settings.training if rule == "train" else settings.task)["threads"])
    return cell, settings, results


def _parse_cell(text: str, plan: Plan | None) -> CellName:
    from mushin.config.names import problem_with_name
    from mushin.config.plan import CellName

    parts = text.split("/")
    if len(parts) == 2 and plan is not None and len(plan.datasets) == 1:
        parts = [plan.datasets[0], *parts]
    if len(parts) != 3 or not parts[2].isdecimal():
        raise ConfigError(f"command line: {text!r} is no cell; accepted: DATASET/METHOD/SEED")
    problem = problem_with_name(parts[0]) or problem_with_name(parts[1])
    if problem:
        raise ConfigError(f"command line: {text!r} is no cell: {problem}")
    cell = CellName(parts[0], parts[1], int(parts[2]))
    if plan is not None and cell not in plan:
        raise ConfigError(
            f"command line: the study has no cell {cell}; data sets: {', '.join(plan.datasets)};"
            f" methods: {', '.join(plan.methods)}; seeds: {', '.join(map(str, plan.seeds))}"
        )
    return cell


def _parse_settings(texts: Sequence[str], needed: Sequence[str]) -> dict[str, Any]:
    """Read the ``group={…}`` texts that the rules pass on."""
    groups: dict[str, Any] = {}
    for text in texts:
        group, _, content = text.partition("=")
        try:
            groups[group] = json.loads(content)
        except json.JSONDecodeError as error:
            raise ConfigError(f"command line: --settings {group}: not JSON: {error}") from None
    if sorted(groups) != sorted(needed):
        raise ConfigError(
            f"command line: --settings needs the groups {', '.join(needed)}; got {sorted(groups)}"
        )
    return groups


def _set_threads(threads: int) -> None:
    """Set the number of threads for this process; the libraries read the variables when they are loaded."""
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = str(threads)
    import torch

    torch.set_num_threads(threads)
