from __future__ import annotations

import io
import sys

import pytest

from mushin.cli import main
from mushin.colours import is_coloured, paint_for, plain

VARIABLES = ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "TERM")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("variables", "on_terminal", "in_pipe"),
    [
        ({}, True, False),
        ({"NO_COLOR": "1"}, False, False),
        ({"NO_COLOR": ""}, True, False),
        ({"FORCE_COLOR": "1"}, True, True),
        ({"CLICOLOR_FORCE": "1"}, True, True),
        ({"FORCE_COLOR": "0", "CLICOLOR_FORCE": ""}, True, False),
        ({"TERM": "dumb"}, False, False),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, True, True),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False, False),
    ],
)
def test_colours_are_for_terminals_and_follow_the_variables(
    variables: dict[str, str], on_terminal: bool, in_pipe: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert is_coloured(Terminal()) == on_terminal
    assert is_coloured(io.StringIO()) == in_pipe


def test_paint_of_a_pipe_changes_nothing() -> None:
    assert paint_for(io.StringIO()) is plain
    assert plain("better", "green") == "better"


def test_error_is_red_on_a_terminal_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plot", "--kind", "score"]) == 1
    in_pipe = capsys.readouterr().err
    assert in_pipe.startswith("mushin: error: figure 'score' is unknown")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", Terminal())
    main(["plot", "--kind", "score"])
    on_terminal = sys.stderr.getvalue()
    assert on_terminal.startswith("\x1b[31mmushin: error:\x1b[39;49;00m figure 'score' is unknown")
