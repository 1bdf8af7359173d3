"""The command ``mushin plan``: what would run, why, and what the design can claim.

Everything heavy is imported when the command runs, so that ``mushin --help`` answers at once.
"""

from __future__ import annotations

import argparse
import sys
from typing import Any

from mushin.cli_command import add_command
from mushin.cli_selection import SELECTION, add_conf, add_selection, read_plan
from mushin.colours import paint_for

_DETAILS = """\
Nothing is run. Below the cells stands what the design can claim: how many seeds a difference needs. A study
of many cells is shown by data set and method.
"""
_EXAMPLES = """\
mushin plan                                   the study of conf/config.yaml
mushin plan methods=mlp,cnn seeds=0,1,2       a part of it
mushin plan experiment=tabular                a saved study of conf/experiment/
mushin plan --cells                           every cell, however many
mushin plan --json                            for programs
"""


def add_plan(commands: Any) -> None:
    """Add the command to the parser's commands."""
    parser = add_command(
        commands,
        "plan",
        run_plan,
        summary="list the cells of the study, and which would run and why",
        details=_DETAILS,
        examples=_EXAMPLES,
        notes=SELECTION,
    )
    add_conf(parser)
    parser.add_argument("--cells", action="store_true", help="list every cell, however many")
    parser.add_argument("--json", action="store_true", help="print JSON, for programs")
    add_selection(parser)


def run_plan(arguments: argparse.Namespace) -> None:
    """Print what would run and why, and the power of the design."""
    from mushin.stages.plan_power import power_text, study_power
    from mushin.stages.status import study_status
    from mushin.stages.status_table import format_status, status_content

    plan = read_plan(arguments.selection, arguments.conf)
    statuses, power = list(study_status(plan)), study_power(plan)
    if arguments.json:
        from mushin.report.json_text import to_json

        lines = power_text(power).splitlines()
        print(to_json({**status_content(plan.results, statuses), "power": power, "power_text": lines}))
        return
    paint = paint_for(sys.stdout)
    print(format_status(statuses, all_cells=arguments.cells, paint=paint))
    if power is not None:
        print(f"\n{power_text(power, paint)}")
