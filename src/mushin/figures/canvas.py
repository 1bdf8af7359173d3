"""Make a figure with its title and its note, large enough for both and for what is drawn."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from mushin.figures.style import SMALL_SIZE, TEXT_SIZE, TITLE_SIZE
from mushin.figures.text_size import text_height, wrap_text

_MARGIN = 0.12
_NARROWEST = 5.5


class ShownFigure(Figure):
    """A figure that a notebook shows; one made without pyplot stays a line of text there."""

    def _repr_png_(self) -> bytes:
        content = io.BytesIO()
        self.savefig(content, format="png", dpi=100)
        return content.getvalue()


def new_figure(width: float, height: float, *, title: str, note: str) -> Figure:
    """Return an empty figure whose title and note are set.

    Parameters
    ----------
    width, height : float
        Inches that the drawing itself needs. A figure is never narrower than its title can be read.
    title : str
        What is shown, one sentence.
    note : str
        How to read it: number of runs, what bars and marks mean, what is missing.

    Returns
    -------
    Figure
        With constrained layout and no axes.
    """
    width = max(width, _NARROWEST)
    # A canvas hints letters to its own pixels, which makes some lines a little wider.
    inside = 0.97 * (width - 2 * _MARGIN)
    title = wrap_text(title, inside, TITLE_SIZE, bold=True)
    note = wrap_text(note, inside, SMALL_SIZE + 0.5)
    texts = text_height(title, TITLE_SIZE) + text_height(note, SMALL_SIZE + 0.5) + 4 * _MARGIN
    layout = ConstrainedLayoutEngine(w_pad=0.06, h_pad=0.06, wspace=0.02, hspace=0.02)
    figure = ShownFigure(figsize=(width, height + texts), layout=layout)
    figure.suptitle(title, x=_MARGIN / width, ha="left", fontsize=TITLE_SIZE, fontweight="bold")
    figure.supxlabel(note, x=_MARGIN / width, ha="left", fontsize=SMALL_SIZE + 0.5)
    return figure


def panel_grid(n_panels: int, *, widest_row: int = 3) -> tuple[int, int]:
    """Return rows and columns that hold some panels, as square as can be.

    Examples
    --------
    >>> [panel_grid(n) for n in (1, 2, 4, 6)]
    [(1, 1), (1, 2), (2, 2), (2, 3)]
    """
    columns = min(widest_row, n_panels, 2 if n_panels == 4 else widest_row)
    return math.ceil(n_panels / columns), columns


def add_panels(figure: Figure, rows: int, columns: int, n_panels: int, **options: object) -> list[Axes]:
    """Add a grid of axes and return those that are used, row by row; the others are taken out."""
    grid = figure.subplots(rows, columns, squeeze=False, **options)  # type: ignore[call-overload]
    axes: list[Axes] = list(grid.ravel())
    for unused in axes[n_panels:]:
        unused.remove()
    return axes[:n_panels]


def set_rows(axes: Axes, labels: Sequence[str], *, show: bool = True) -> None:
    """Give the rows of an axis, from top to bottom, their labels, or hide them."""
    axes.set_yticks(range(len(labels)), list(labels) if show else [""] * len(labels))
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    if show:
        for label in axes.get_yticklabels():
            label.set_fontsize(TEXT_SIZE)
