"""Declare a command with a help page of one form: what it does, its arguments, examples."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any


def add_command(
    commands: Any,
    name: str,
    run: Callable[[argparse.Namespace], None],
    *,
    summary: str,
    details: str = "",
    examples: str,
    notes: str = "",
) -> argparse.ArgumentParser:
    """Add a command to the parser's commands.

    Parameters
    ----------
    commands : the object that ``add_subparsers`` returns
    name : str
        As it is typed.
    run : callable
        Called with the parsed arguments.
    summary : str
        One line, also shown by ``mushin --help``.
    details : str
        What follows the summary on the command's own page.
    examples : str
        One command a line, with what it does.
    notes : str
        What stands between the options and the examples.
    """
    indented = "".join(f"  {line}\n" for line in examples.strip().splitlines())
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=summary,
        description=f"{summary}\n\n{details.strip()}".strip(),
        epilog=f"{notes.strip()}\n\nexamples:\n{indented}".lstrip(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)
    return parser
