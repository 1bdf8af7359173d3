from __future__ import annotations

import io

import pytest

from mushin.errors import ConfigError
from mushin.terminal import watch


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_terminal_is_cleared_and_redrawn_until_the_text_is_final() -> None:
    texts, waits, terminal = iter([("1 of 2", False), ("2 of 2", True)]), [], Terminal()
    watch(lambda: next(texts), terminal, every=5.0, wait=waits.append)
    assert waits == [5.0]
    first, second = terminal.getvalue().split("\x1b[H\x1b[2J\x1b[3J")[1:]
    assert (first, second) == ("1 of 2\n", "2 of 2\n")


def test_a_pipe_is_refused() -> None:
    with pytest.raises(ConfigError, match="--watch redraws a terminal, which this output is not"):
        watch(lambda: ("", True), io.StringIO(), every=5.0)
