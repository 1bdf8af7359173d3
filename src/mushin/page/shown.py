"""Choose what the page of a study with many methods and metrics shows, and say what it leaves out."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mushin.figures.readable import Readable, choose_readable
from mushin.page.content import StudyContent
from mushin.score_arrays import read_labels

_WHERE_ALL_ARE = "All of them stand in comparisons.csv, comparisons.html and comparisons.md."


@dataclass(frozen=True, eq=False)
class Shown:
    """The part of a study that its page shows comparison by comparison.

    Attributes
    ----------
    content : StudyContent
        With fewer methods and metrics where the study has very many.
    left_out : str
        What is left out, and where it stands; empty where nothing is.
    """

    content: StudyContent
    left_out: str = ""


def choose_shown(content: StudyContent) -> Shown:
    """Leave out methods and metrics where there are more comparisons than a page can show.

    What stays is chosen by `mushin.figures.readable`. Whatever is computed over a whole family, such as an
    adjusted p, stays as it is.
    """
    chosen = choose_readable(content.comparisons)
    if not chosen.left_out:
        return Shown(content)
    return Shown(_narrowed(content, chosen), f"{chosen.left_out} {_WHERE_ALL_ARE}")


def _narrowed(content: StudyContent, chosen: Readable) -> StudyContent:
    """Return the content with these methods and metrics only."""
    costs = content.costs
    unshown = set(content.comparisons["metric"]) - set(chosen.metrics)
    places = [
        place for place, method in enumerate(read_labels(content.ds).methods) if str(method) in chosen.methods
    ]
    return replace(
        content,
        ds=content.ds.drop_vars([name for name in content.ds.data_vars if name in unshown]).isel(
            method=places
        ),
        comparisons=chosen.of(content.comparisons),
        costs=None if costs is None else costs[costs["method"].astype(str).isin(chosen.methods)],
        groups={name: ds.isel(method=places) for name, ds in content.groups.items()},
        histories={cell: found for cell, found in content.histories.items() if cell.method in chosen.methods},
    )
