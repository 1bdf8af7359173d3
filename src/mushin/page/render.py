"""Make the page of a study."""

from __future__ import annotations

from collections.abc import Hashable
from importlib import resources
from importlib.metadata import version
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from mushin.figures.readable import MOST_METHODS
from mushin.files import write_text
from mushin.page.content import StudyContent
from mushin.page.dataset_verdicts import headlines, number_of_datasets, over_dataset_verdicts
from mushin.page.design import describe_design
from mushin.page.drawings import Drawings, draw_all
from mushin.page.gaps import find_gaps
from mushin.page.methods_text import describe_methods
from mushin.page.shown import choose_shown
from mushin.page.verdicts import risk_of_false_claims, tally, verdicts
from mushin.page.words import in_words
from mushin.report.html import comparisons_to_html, summary_to_html
from mushin.report.score_grid import find_baseline
from mushin.score_arrays import read_labels

_MOST_DATASETS = 10


def render_page(content: StudyContent, drawings: Drawings) -> str:
    """Return the page of a study: verdicts, tables, figures, design, gaps, methods and origin.

    Parameters
    ----------
    content : StudyContent
        What the study leaves.
    drawings : Drawings
        Its figures, from `draw_all`.

    Returns
    -------
    str
        HTML that loads nothing else. Same content, same text: nothing here asks for the time.
    """
    shown = choose_shown(content)
    found = verdicts(shown.content.comparisons)
    over = over_dataset_verdicts(content.ranks, content.over_datasets)
    labels = read_labels(content.ds)
    return (
        _environment()
        .get_template("page.html")
        .render(
            style=Markup(_text("page.css")),
            version=version("mushin"),
            content=content,
            question=_question(content, shown.content),
            title=_title(content, shown.content),
            labels=labels,
            first=content.comparisons.iloc[0],
            baseline=find_baseline(content.comparisons),
            metrics=[(metric, list(of)) for metric, of in groupby(found, key=lambda verdict: verdict.metric)],
            tally=tally(content.comparisons),
            risk=risk_of_false_claims(content.comparisons),
            over_datasets=over,
            over_number=number_of_datasets(over) if over else "",
            over_headlines=headlines(over),
            summary_table=Markup(summary_to_html(content.summary, content.comparisons)),
            comparisons_table=Markup(comparisons_to_html(shown.content.comparisons)),
            left_out=shown.left_out,
            drawings=drawings,
            design=describe_design(content.ds, content.comparisons, listed=shown.content.comparisons),
            gaps=find_gaps(content.ds),
            methods=describe_methods(content),
        )
    )


def write_page(path: Path, content: StudyContent) -> Path:
    """Write the page of a study with its figures, whole or not at all, and return `path`."""
    write_text(path, render_page(content, draw_all(content)))
    return path


def _environment() -> Environment:
    """Return the templates; names and labels are escaped, and a name that is not given is an error."""
    return Environment(
        loader=PackageLoader("mushin.page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _text(name: str) -> str:
    return resources.files("mushin.page").joinpath("templates", name).read_text(encoding="utf-8")


def _title(content: StudyContent, shown: StudyContent) -> str:
    return f"{in_words(_methods_first_shown(content, shown), most=MOST_METHODS)}{_where(content)}"


def _where(content: StudyContent) -> str:
    return f" on {in_words(content.datasets, most=_MOST_DATASETS)}" if content.datasets else ""


def _methods_first_shown(content: StudyContent, shown: StudyContent) -> list[Hashable]:
    """Return all methods, those that the page shows before those that it leaves out."""
    return list(dict.fromkeys([*read_labels(shown.ds).methods, *read_labels(content.ds).methods]))


def _question(content: StudyContent, shown: StudyContent) -> str:
    """Return what the study asks."""
    methods = _methods_first_shown(content, shown)
    baseline = find_baseline(content.comparisons)
    many = len(content.datasets) > 1
    where = _where(content)
    if baseline is not None:
        others = [method for method in methods if str(method) != str(baseline)]
        named = in_words(others, joint="or", most=MOST_METHODS)
        asked = f"Does {named} do better or worse than {baseline}"
    else:
        asked = f"Which of {in_words(methods, most=MOST_METHODS)} does better"
    same = "the same data sets" if many else "the same data"
    return f"{asked}{where}, if somebody trained these methods again, under new seeds, on {same}?"
