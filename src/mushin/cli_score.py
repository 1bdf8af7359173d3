"""The command ``mushin score``: further metrics of a finished study.

Everything heavy is imported when the command runs, so that ``mushin --help`` answers at once.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mushin.cli_command import add_command
from mushin.colours import paint_for
from mushin.errors import ConfigError

_EXAMPLES = """\
mushin score --list                                           the metrics by name
mushin score results/compare.nc --metric mcc --metric f1_weighted
mushin score results/compare.nc --metric iou_per_class --merge animal=cat,dog
mushin score results/compare.nc --metric mcc --classes cat,dog,car --output results/mcc.nc
"""


def add_score(commands: Any) -> None:
    """Add the command to the parser's commands."""
    parser = add_command(
        commands,
        "score",
        run_score,
        summary="compute further metrics of a finished study, without a model",
        examples=_EXAMPLES,
    )
    parser.add_argument("file", nargs="?", metavar="FILE", help="merged results, such as results/compare.nc")
    parser.add_argument("--metric", action="append", metavar="NAME", help="a metric; may be repeated")
    parser.add_argument(
        "--merge",
        action="append",
        default=[],
        metavar="NEW=A,B",
        help="count the classes A and B as one, called NEW; may be repeated",
    )
    parser.add_argument("--classes", metavar="A,B", help="score these classes only, after merging")
    parser.add_argument(
        "--group", metavar="DATASET", help="this data set only, where each has its own classes"
    )
    parser.add_argument("--output", metavar="NC", help="write the scores to this file")
    parser.add_argument("--json", action="store_true", help="print JSON, for programs")
    parser.add_argument("--list", action="store_true", help="list the metrics and stop")


def run_score(arguments: argparse.Namespace) -> None:
    """Print the scores, and write them where a file is named."""
    if arguments.list:
        from mushin.report.json_text import to_json
        from mushin.report.metric_list import format_metrics, metrics_content

        print(to_json(metrics_content()) if arguments.json else format_metrics())
        return
    merges = _parse_merges(arguments.merge)
    classes = arguments.classes.split(",") if arguments.classes is not None else None
    if arguments.file is None or not arguments.metric:
        raise ConfigError(
            "command line: give a file and metrics, such as 'mushin score results/compare.nc --metric mcc';"
            " 'mushin score --list' lists them"
        )
    from mushin.report.json_text import to_json
    from mushin.results_file import write_results
    from mushin.stages.score import check_output, format_scores, score_file, scores_content

    file, output = Path(arguments.file), Path(arguments.output) if arguments.output else None
    if output is not None:
        check_output(output, file)
    with warnings.catch_warnings(record=True) as noticed:
        warnings.simplefilter("always", UserWarning)
        scored = score_file(
            file, arguments.metric, merge_classes=merges, classes=classes, group=arguments.group
        )
    notes = list(dict.fromkeys(str(one.message) for one in noticed))
    if arguments.json:
        print(to_json(scores_content(scored, notes)))
    else:
        print(format_scores(scored, paint=paint_for(sys.stdout)))
    for note in notes:
        print(f"{paint_for(sys.stderr)('mushin: note:', 'yellow')} {note}", file=sys.stderr)
    if output is not None:
        write_results(output, scored)
        if not arguments.json:
            print(f"wrote {output}")


def _parse_merges(texts: Iterable[str]) -> dict[str, list[str]]:
    """Read ``animal=cat,dog``."""
    merges: dict[str, list[str]] = {}
    for text in texts:
        label, equals, names = text.partition("=")
        if not (label and equals and names):
            raise ConfigError(f"command line: --merge {text!r}; accepted: NEW=A,B such as animal=cat,dog")
        if label in merges:
            raise ConfigError(f"command line: --merge names {label!r} twice; list its classes in one")
        merges[label] = names.split(",")
    return merges
