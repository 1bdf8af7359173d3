"""The command ``mushin completion``: a script that completes commands and options in a shell."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

_SUMMARY = "print a script that completes commands and options"
_TEXT = """\
print a script that completes commands and options

The script holds every command and option, so that completing starts no Python. Write it again after an update.
"""
_EXAMPLES = """\
examples:
  eval "$(mushin completion bash)"              in this shell, or for good in ~/.bashrc
  mushin completion bash > ~/.local/share/bash-completion/completions/mushin
  mushin completion zsh > ~/.zfunc/_mushin      with 'fpath+=~/.zfunc' before compinit in ~/.zshrc
  mushin completion fish > ~/.config/fish/completions/mushin.fish
"""
SHELLS = ("bash", "zsh", "fish")
_FOLDERS = {"DIR"}
_FILES = {"FILE", "NC"}


def add_completion(commands: Any, parser: argparse.ArgumentParser) -> None:
    """Add the command, which describes `parser`, to the parser's commands."""
    added = commands.add_parser(
        "completion",
        help=_SUMMARY,
        description=_TEXT,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    added.set_defaults(run=run_completion, parser=parser)
    added.add_argument("shell", choices=SHELLS, help="the shell")


def run_completion(arguments: argparse.Namespace) -> None:
    """Print the script."""
    import shtab

    for action in _actions(arguments.parser):
        if action.metavar in _FOLDERS:
            action.complete = shtab.DIRECTORY  # type: ignore[attr-defined]
        elif action.metavar in _FILES:
            action.complete = shtab.FILE  # type: ignore[attr-defined]
    print(shtab.complete(arguments.parser, shell=arguments.shell))


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from _actions(command)
