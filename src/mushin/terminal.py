"""Draw a text on a terminal again and again, until it is final."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TextIO

from mushin.errors import ConfigError

_CLEAR = "\x1b[H\x1b[2J\x1b[3J"


def watch(
    draw: Callable[[], tuple[str, bool]],
    stream: TextIO,
    *,
    every: float,
    wait: Callable[[float], None] = time.sleep,
) -> None:
    """Redraw a terminal until there is nothing more to come.

    Parameters
    ----------
    draw : callable
        Returns the text, and whether it is final.
    stream : text stream
        The terminal.
    every : float
        Seconds between two drawings.
    wait : callable
        Called with `every` between them.

    Raises
    ------
    ConfigError
        The stream is no terminal.
    """
    if not stream.isatty():
        raise ConfigError("command line: --watch redraws a terminal, which this output is not; leave it out")
    while True:
        text, is_final = draw()
        stream.write(f"{_CLEAR}{text}\n")
        stream.flush()
        if is_final:
            return
        wait(every)
