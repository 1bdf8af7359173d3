"""Draw the figures of a page as SVG elements that can stand in one document."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup
from matplotlib.figure import Figure

from mushin.errors import FigureError, IncompleteStudyError
from mushin.figures.registry import find_figure, plot
from mushin.figures.save import svg_text
from mushin.page.content import StudyContent
from mushin.page.shown import choose_shown
from mushin.score_arrays import read_labels

PAGE_ORDER = (
    "scores",
    "performance_profiles",
    "differences",
    "critical_difference",
    "confusion",
    "reliability",
    "learning_curves",
    "costs",
    "power_curve",
)
"""The kinds of figures as they come on the page."""

_ONLY_FOR_SEVERAL_DATASETS = ("critical_difference", "performance_profiles")
_OF_ALL = "critical_difference"
_PROLOGUE = re.compile(r"\A.*?(?=<svg\b)", flags=re.DOTALL)
_METADATA = re.compile(r"<metadata>.*?</metadata>\s*", flags=re.DOTALL)
_STYLE = re.compile(r"<style\b.*?</style>\s*", flags=re.DOTALL)
_NAMESPACE = re.compile(r' xmlns(:\w+)?="[^"]*"')
_OPENING = re.compile(r'<svg\b[^>]*?width="([\d.]+)pt" height="([\d.]+)pt" viewBox="([^"]*)"[^>]*>')


@dataclass(frozen=True)
class Drawing:
    """One figure of a page.

    Attributes
    ----------
    kind : str
        As `mushin.figures.registry` names it.
    name : str
        The kind, with the data set where there is a figure for each.
    caption, description : str
        What is shown, and how it is to be read: for those who do not see it.
    width : float
        Of the drawing in CSS pixels.
    svg : Markup
        The element, its ids prefixed with `name`.
    file : str
        The same as a file of its own.
    """

    kind: str
    name: str
    caption: str
    description: str
    width: float
    svg: Markup
    file: str


@dataclass(frozen=True)
class Drawings:
    """The figures of a page, and why others were left out, by kind."""

    drawn: tuple[Drawing, ...]
    left_out: dict[str, str]

    def of(self, *kinds: str) -> list[Drawing]:
        """Return the figures of some kinds."""
        return [drawing for drawing in self.drawn if drawing.kind in kinds]


def draw_all(content: StudyContent) -> Drawings:
    """Draw every figure that the study has the data for, in the order of the page.

    A study with very many comparisons is drawn as `mushin.page.shown` narrows it; ranks over data sets have a
    meaning among all methods only.
    """
    narrowed = choose_shown(content).content
    drawn: list[Drawing] = []
    left_out: dict[str, str] = {}
    datasets = read_labels(content.ds).datasets
    for kind in PAGE_ORDER:
        if datasets is None and kind in _ONLY_FOR_SEVERAL_DATASETS:
            continue
        try:
            drawn += _draw(kind, content if kind == _OF_ALL else narrowed, after=len(drawn))
        except (FigureError, IncompleteStudyError) as error:
            left_out[kind] = error.reason
    return Drawings(tuple(drawn), left_out)


def _draw(kind: str, content: StudyContent, *, after: int) -> Iterator[Drawing]:
    """Draw one kind, for each data set where it needs one."""
    datasets = read_labels(content.ds).datasets
    found = find_figure(kind)
    of_each = [None] if datasets is None or not found.is_for_one_dataset else [str(name) for name in datasets]
    for position, dataset in enumerate(of_each):
        figure = plot(
            kind,
            content.ds,
            comparisons=content.comparisons,
            histories=content.histories,
            costs=content.costs,
            groups=content.groups,
            **({} if dataset is None else {"dataset": dataset}),
        )
        shows = f"{found.shows[0].upper()}{found.shows[1:]}"
        where = "" if dataset is None else f": {dataset}"
        yield _drawing(kind, figure, f"Figure {after + position + 1}. {shows}{where}.", position)


def _drawing(kind: str, figure: Figure, caption: str, position: int) -> Drawing:
    """Turn a figure into an element of the page."""
    name = kind if position == 0 else f"{kind}-{position + 1}"
    described = " ".join(f"{figure.get_suptitle()}. {figure.get_supxlabel()}".split())
    file = svg_text(figure)
    element = embedded_svg(file, name, described)
    return Drawing(kind, name, caption, described, figure.get_figwidth() * 96, element, file)


def embedded_svg(svg: str, name: str, description: str) -> Markup:
    """Return an SVG file as an element for a page that holds several.

    Ids and references to them get a prefix, since they count for the whole page; so would a style, which the
    page sets instead. What tells of the program that drew it goes, and with it all foreign addresses.

    Parameters
    ----------
    svg : str
        A file by matplotlib.
    name : str
        The prefix, of letters, digits, ``-`` and ``_``.
    description : str
        Read out in place of the drawing.
    """
    for unwanted in (_PROLOGUE, _METADATA, _STYLE, _NAMESPACE):
        svg = unwanted.sub("", svg)
    svg = re.sub(r'\bid="', f'id="{name}.', svg)
    svg = svg.replace('xlink:href="', 'href="').replace('href="#', f'href="#{name}.')
    svg = svg.replace("url(#", f"url(#{name}.")
    opening = Markup('<svg class="drawing" role="img" aria-label="{}" viewBox="{}">')
    svg = _OPENING.sub(lambda found: opening.format(description, found[3]), svg, count=1)
    return Markup(svg.strip())
