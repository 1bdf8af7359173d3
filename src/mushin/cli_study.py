"""The commands that train, score, merge and compare: one per rule of the workflow.

Everything heavy is imported when a command runs, so that ``mushin --help`` answers at once.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import warnings
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mushin.cli_command import add_command
from mushin.cli_selection import CONF, SELECTION, add_conf, add_selection, read_plan
from mushin.colours import paint_for
from mushin.errors import ConfigError, IncompleteStudyError
from mushin.evaluate_files import add_file_arguments, evaluate_files, wants_files
from mushin.process_watch import time_limit_variable
from mushin.running_cells import mark_running

if TYPE_CHECKING:
    from mushin.config.plan import CellName, Plan, Settings

_CELL = "DATASET/METHOD/SEED, or METHOD/SEED where there is one data set"
# What each command does in more than a line, and its examples.
_PAGES = {
    "train": (
        """\
Writes the checkpoint, or the predictions of a method that predicts by itself, and train.json beside it.
""",
        """\
mushin train digits/mlp/0                     a cell of the study
mushin train mlp/0 overrides='training.epochs=5'
mushin train mlp/0 --gpus 1                   on a GPU that no other run has
""",
    ),
    "evaluate": (
        """\
A cell of the study becomes its cell.nc; the scores of a file are printed.
""",
        """\
mushin evaluate digits/mlp/0                  a cell that is trained
mushin evaluate --predictions p.csv --targets t.csv
mushin evaluate --predictions p.npz --targets t.npz --output cell.nc --cell digits/mine/0
""",
    ),
    "aggregate": (
        """\
Also writes costs.csv and provenance.json. A missing cell is an error, unless gaps are allowed.
""",
        """\
mushin aggregate                              all cells of the study
mushin aggregate methods=mlp,cnn              some of them
mushin aggregate --datasets digits --methods mlp cnn --seeds 0 1 2      without conf/
""",
    ),
    "stats": (
        """\
Writes summary and comparisons beside the merged results, as CSV, Markdown, LaTeX and HTML; with several
data sets also ranks.csv and over_datasets.
""",
        """\
mushin stats                                  with conf/stats/
mushin stats overrides='stats.alpha=0.01'
mushin stats --file results/tabular/compare.nc
""",
    ),
}


def add_study_commands(commands: Any) -> None:
    """Add ``train``, ``evaluate``, ``aggregate`` and ``stats`` to the parser's commands."""
    train = _add(commands, "train", _train, "train one cell")
    evaluate = _add(commands, "evaluate", _evaluate, "score one trained cell, or a file of predictions")
    train.add_argument("cell", help=_CELL)
    evaluate.add_argument("cell", nargs="?", help=_CELL)
    add_file_arguments(evaluate)
    aggregate = _add(commands, "aggregate", _aggregate, "merge the cells into compare.nc")
    for labels in ("datasets", "methods", "seeds"):
        kind = int if labels == "seeds" else str
        aggregate.add_argument(f"--{labels}", nargs="+", type=kind, help="labels, instead of reading conf/")
    stats = _add(commands, "stats", _stats, "compare the methods and write the tables")
    stats.add_argument("--file", metavar="NC", help="the merged results (default: compare.nc of the study)")
    for allowing in (aggregate, stats):
        allowing.add_argument("--allow-incomplete", action="store_true", help="leave gaps for missing cells")
    for ruled in (train, evaluate, stats):
        ruled.add_argument(
            "--settings", nargs="+", metavar="GROUP=JSON", help="resolved settings, instead of reading conf/"
        )
    for rule, computing in (("train", train), ("evaluate", evaluate)):
        computing.add_argument(
            "--gpus", type=int, default=0, metavar="N", help="take N GPUs that no other run of mushin has"
        )
        computing.add_argument(
            "--time-limit",
            type=_minutes,
            metavar="MINUTES",
            default=os.environ.get(time_limit_variable(rule)) or None,
            help="end the cell after this time (default: none)",
        )
    for placed in (train, evaluate, aggregate):
        placed.add_argument("--results", metavar="DIR", help="with labels or settings: the results folder")
    for selecting in (train, evaluate, aggregate, stats):
        add_selection(selecting)


def _add(commands: Any, name: str, run: Any, summary: str) -> argparse.ArgumentParser:
    details, examples = _PAGES[name]
    added = add_command(
        commands, name, run, summary=summary, details=details, examples=examples, notes=SELECTION
    )
    add_conf(added)
    return added


def _minutes(text: str) -> float:
    try:
        minutes = float(text)
    except ValueError:
        minutes = 0.0
    if not 0 < minutes < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no time; accepted: a number of minutes above 0")
    return minutes


def _train(arguments: argparse.Namespace) -> None:
    cell, settings, results = _one_cell(arguments, "train")
    with mark_running(results, cell, "train"):
        _set_threads(settings.training["threads"])
        from mushin.stages.train import train_cell
        from mushin.training.gpu_lease import leased_gpus

        with leased_gpus(arguments.gpus):
            print(f"wrote {train_cell(cell, settings, results)}")


def _evaluate(arguments: argparse.Namespace) -> None:
    if wants_files(arguments):
        output_cell = arguments.output_cell
        evaluate_files(arguments, None if output_cell is None else _parse_cell(output_cell, None))
        return
    cell, settings, results = _one_cell(arguments, "evaluate")
    with mark_running(results, cell, "evaluate"):
        _set_threads(settings.task["threads"])
        from mushin.stages.evaluate import evaluate_cell
        from mushin.training.gpu_lease import leased_gpus

        with leased_gpus(arguments.gpus):
            print(f"wrote {evaluate_cell(cell, settings, results)}")


def _aggregate(arguments: argparse.Namespace) -> None:
    from mushin.stages.aggregate import aggregate_study

    given = (arguments.datasets, arguments.methods, arguments.seeds)
    if any(given):
        _refuse_conf(arguments, "--datasets, --methods and --seeds")
    if all(given):
        results = Path(arguments.results or "results")
    elif any(given):
        raise ConfigError("command line: give all of --datasets, --methods and --seeds, or none of them")
    else:
        _refuse_results(arguments, "--datasets, --methods and --seeds")
        plan = read_plan(arguments.selection, arguments.conf)
        given, results = (plan.datasets, plan.methods, plan.seeds), plan.folder
    with warnings.catch_warnings(record=True) as noticed:
        warnings.simplefilter("always", UserWarning)
        merged = aggregate_study(results, *given, allow_incomplete=arguments.allow_incomplete)
    for one in noticed:
        print(f"{paint_for(sys.stderr)('mushin: note:', 'yellow')} {one.message}", file=sys.stderr)
    print(f"wrote {merged}")


def _stats(arguments: argparse.Namespace) -> None:
    from mushin.layout import RESULTS
    from mushin.stages.compare import compare_study

    stats, folder = _read_stats(arguments)
    file = Path(arguments.file) if arguments.file else folder / RESULTS
    try:
        tables = compare_study(file, stats, allow_incomplete=arguments.allow_incomplete)
    except IncompleteStudyError as error:
        raise IncompleteStudyError(
            f"{error.reason}, or compare what there is with --allow-incomplete"
        ) from None
    for path in tables.written:
        print(f"wrote {path}")
    if tables.left_out:
        print(f"left out {tables.left_out}")


def _read_stats(arguments: argparse.Namespace) -> tuple[dict[str, Any], Path]:
    """Return how to compare, and the results folder: given, of the study, or the defaults for a lone file."""
    if arguments.settings:
        _refuse_conf(arguments, "--settings")
        return _parse_settings(arguments.settings, ["stats"])["stats"], Path("results")
    if arguments.file and not arguments.selection and arguments.conf == CONF and not Path(CONF).exists():
        from mushin.config.schema import StatsConfig

        print(f"there is no {CONF}/ here: comparing with the default settings")
        return asdict(StatsConfig()), Path("results")
    plan = read_plan(arguments.selection, arguments.conf)
    return plan.stats, plan.folder


def _one_cell(arguments: argparse.Namespace, rule: str) -> tuple[CellName, Settings, Path]:
    """Find the cell and its settings, without importing torch: the number of threads is one of them."""
    from mushin.config.plan import Settings

    if arguments.settings:
        _refuse_conf(arguments, "--settings")
        stages = {"train": ["data", "method", "training"], "evaluate": ["data", "method", "training", "task"]}
        cell, results = _parse_cell(arguments.cell, None), Path(arguments.results or "results")
        settings = Settings(**_parse_settings(arguments.settings, stages[rule]))
    else:
        _refuse_results(arguments, "--settings")
        plan = read_plan(arguments.selection, arguments.conf)
        cell, results = _parse_cell(arguments.cell, plan), plan.folder
        settings = plan.settings[cell.dataset, cell.method]
    return cell, settings, results


def _refuse_results(arguments: argparse.Namespace, needed: str) -> None:
    """Refuse an option that would be ignored, and with it a folder that is not the one meant."""
    if arguments.results is not None:
        raise ConfigError(
            f"command line: --results {arguments.results} goes with {needed}; here write"
            f" results={arguments.results}"
        )


def _refuse_conf(arguments: argparse.Namespace, given: str) -> None:
    """Refuse what selects from a configuration that is not read."""
    ignored = [*arguments.selection, *([] if arguments.conf == CONF else [f"--conf {arguments.conf}"])]
    if ignored:
        raise ConfigError(
            f"command line: {' '.join(ignored)}: with {given} no configuration is read; give one or the other"
        )


def _parse_cell(text: str, plan: Plan | None) -> CellName:
    from mushin.config.names import problem_with_name
    from mushin.config.plan import CellName
    from mushin.config.schema import MAX_SEED

    parts = text.split("/")
    if len(parts) == 2 and plan is not None and len(plan.datasets) == 1:
        parts = [plan.datasets[0], *parts]
    is_seed = parts[-1].isdecimal() and len(parts[-1]) <= len(str(MAX_SEED)) and int(parts[-1]) <= MAX_SEED
    if len(parts) != 3 or not is_seed:
        raise ConfigError(
            f"command line: {text!r} is no cell; accepted: DATASET/METHOD/SEED, seeds from 0 to {MAX_SEED}"
        )
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
    from mushin.config.schema import always_set

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
    for group, content in groups.items():
        absent = [key for key in always_set(group) if not isinstance(content, dict) or key not in content]
        if absent:
            remedy = "give every key of the group, or leave out --settings"
            raise ConfigError(f"command line: --settings {group}: lacks {', '.join(absent)}; {remedy}")
    return groups


def _set_threads(threads: int) -> None:
    """Set the number of threads for this process; the libraries read the variables when they are loaded."""
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = str(threads)
    import torch

    torch.set_num_threads(threads)
