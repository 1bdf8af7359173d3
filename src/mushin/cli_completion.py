"""The command ``mushin completion``: a script that completes commands and options in a shell."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

from mushin.cli_command import add_command

_DETAILS = """\
The script holds every command and option, so that completing starts no Python. Print it again after an update
of mushin.
"""
_EXAMPLES = """\
eval "$(mushin completion bash)"              in this shell, or for good in ~/.bashrc
mushin completion bash > ~/.local/share/bash-completion/completions/mushin
mushin completion zsh > ~/.zfunc/_mushin      with 'fpath+=~/.zfunc' before compinit in ~/.zshrc
mushin completion fish > ~/.config/fish/completions/mushin.fish
"""
SHELLS = ("bash", "zsh", "fish")
_FOLDERS = {"DIR", "folder", "results"}
_FILES = {"FILE", "NC", "file", "words"}


def add_completion(commands: Any, parser: argparse.ArgumentParser) -> None:
    """Add the command, which describes `parser`, to the parser's commands."""
    added = add_command(
        commands,
        "completion",
        run_completion,
        summary="print a script that completes commands and options",
        details=_DETAILS,
        examples=_EXAMPLES,
    )
    added.set_defaults(parser=parser)
    added.add_argument("shell", choices=SHELLS, help="the shell")


def run_completion(arguments: argparse.Namespace) -> None:
    """Print the script."""
    import shtab

    for action in _actions(arguments.parser):
        if {action.metavar, action.dest} & _FOLDERS:
            action.complete = shtab.DIRECTORY  # type: ignore[attr-defined]
        elif {action.metavar, action.dest} & _FILES:
            action.complete = shtab.FILE  # type: ignore[attr-defined]
    print(shtab.complete(arguments.parser, shell=arguments.shell))


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from _actions(command)
