"""Measure text before anything is drawn, so that a figure's size follows from what it says."""

from __future__ import annotations

import functools
from collections.abc import Hashable, Iterable

from matplotlib.font_manager import FontProperties, findfont, get_font

from mushin.figures.style import TEXT_SIZE

POINTS_PER_INCH = 72.0
_UNITS_PER_POINT = 64
_FINER = 8
"""Text is measured this much larger than it is set, for letters are hinted to whole points."""

LINE_SPACING = 1.35
"""Of a line of text, in multiples of its size."""


def text_width(text: Hashable, size: float = TEXT_SIZE, *, bold: bool = False) -> float:
    """Return the width of one line of text in inches.

    Examples
    --------
    >>> text_width("mmmm") > text_width("iiii") > 0
    True
    """
    return _width(str(text), size, bold)


def widest(texts: Iterable[Hashable], size: float = TEXT_SIZE) -> float:
    """Return the width of the widest line of some texts in inches; 0 for none."""
    return max((text_width(line, size) for text in texts for line in str(text).splitlines()), default=0.0)


def text_height(text: str, size: float = TEXT_SIZE) -> float:
    """Return the height of lines of text in inches; 0 for an empty text."""
    return len(text.splitlines()) * size * LINE_SPACING / POINTS_PER_INCH


def wrap_text(text: str, width: float, size: float = TEXT_SIZE, *, bold: bool = False) -> str:
    r"""Break text between words so that no line is wider than `width` inches, where words allow it.

    Examples
    --------
    >>> wrap_text("one two three", 0.6)
    'one two\nthree'
    """
    lines: list[str] = []
    for paragraph in text.splitlines():
        line = ""
        for word in paragraph.split():
            longer = f"{line} {word}" if line else word
            if line and text_width(longer, size, bold=bold) > width:
                lines.append(line)
                longer = word
            line = longer
        lines.append(line)
    return "\n".join(lines)


@functools.lru_cache(maxsize=4096)
def _width(text: str, size: float, bold: bool) -> float:
    font = get_font(findfont(FontProperties(family="DejaVu Sans", weight="bold" if bold else "normal")))
    font.set_size(size * _FINER, POINTS_PER_INCH)
    font.set_text(text)
    return font.get_width_height()[0] / (_FINER * _UNITS_PER_POINT * POINTS_PER_INCH)
