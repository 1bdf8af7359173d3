"""Check what every figure owes its reader: texts apart and on the page, the number of runs, units."""

from __future__ import annotations

from itertools import combinations

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text


def texts_of(figure: Figure) -> str:
    """Return all that a figure says, title and note first."""
    return "\n".join(text.get_text() for text in _shown_texts(figure))


def line_named(axes, label):
    """Return the one line of an axes that carries a label."""
    (found,) = [line for line in axes.get_lines() if line.get_label() == label]
    return found


def check_readable(figure: Figure) -> None:
    """Assert that no text covers another or leaves the page, and that n and units are said."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    renderer = canvas.get_renderer()
    boxes = [(text.get_text(), text.get_window_extent(renderer)) for text in _shown_texts(figure)]
    page = figure.bbox
    for said, box in boxes:
        outside = box.x0 < page.x0 - 1 or box.x1 > page.x1 + 1 or box.y0 < page.y0 - 1 or box.y1 > page.y1 + 1
        assert not outside, f"{said!r} leaves the page: {box} of {page}"
    for (first, one), (second, other) in combinations(boxes, 2):
        width = min(one.x1, other.x1) - max(one.x0, other.x0)
        height = min(one.y1, other.y1) - max(one.y0, other.y0)
        assert width <= 1 or height <= 2, f"{first!r} covers {second!r}"
    for axes in figure.axes:
        assert not axes.get_subplotspec() or axes.bbox.width > 30, "an axes has no room"


def _shown_texts(figure: Figure) -> list[Text]:
    texts = [figure._suptitle, figure._supxlabel, *figure.texts]
    for legend in [*figure.legends, *(axes.get_legend() for axes in figure.axes)]:
        if legend is not None:
            texts += [legend.get_title(), *legend.get_texts()]
    for axes in figure.axes:
        texts += [*axes.texts, axes.title, axes._left_title, axes._right_title]
        if not axes.axison:
            continue
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            margin = 1e-9 * (high - low)
            texts.append(axis.label)
            texts += [
                tick.label1
                for tick in axis.get_major_ticks()
                if low - margin <= tick.get_loc() <= high + margin and tick.label1.get_visible()
            ]
    return [text for text in dict.fromkeys(texts) if text and text.get_visible() and text.get_text().strip()]
