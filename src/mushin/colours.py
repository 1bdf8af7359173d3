"""Colour words of a terminal, and of nothing else."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TextIO

Paint = Callable[[str, str], str]
"""Takes a text and a style, such as ``"red"`` or ``"bold"``, and returns what is printed."""
_FORCING = ("FORCE_COLOR", "CLICOLOR_FORCE")


def plain(text: str, style: str) -> str:
    """Return the text as it is: the paint of pipes, logs and files.

    Examples
    --------
    >>> plain("better", "green")
    'better'
    """
    return text


def paint_for(stream: TextIO) -> Paint:
    """Return how text is coloured for a stream: by ANSI codes on a terminal, else not at all.

    Parameters
    ----------
    stream : text stream
        Such as ``sys.stdout``.

    Returns
    -------
    Paint
        Its styles are those of `pygments.console`: ``red``, ``green``, ``yellow``, ``bold`` …
    """
    return _ansi if is_coloured(stream) else plain


def is_coloured(stream: TextIO) -> bool:
    """Tell whether a stream takes colours.

    Notes
    -----
    The variables and their order are those of Python's own tracebacks: ``NO_COLOR`` (https://no-color.org),
    then ``FORCE_COLOR`` (https://force-color.org) or ``CLICOLOR_FORCE``, ``TERM=dumb``, and whether the
    stream is a terminal.
    """
    if os.environ.get("NO_COLOR"):
        return False
    if any(os.environ.get(name, "0") not in ("", "0") for name in _FORCING):
        return True
    return os.environ.get("TERM") != "dumb" and stream.isatty()


def _ansi(text: str, style: str) -> str:
    from pygments.console import colorize

    coloured: str = colorize(style, text)
    return coloured
