import re
from html.parser import HTMLParser

import numpy as np
import pytest

from made_study import made_study
from mushin.comparisons import compare_methods
from mushin.dataset_comparisons import compare_over_datasets
from mushin.figures.registry import available_figures
from mushin.page.content import StudyContent
from mushin.page.drawings import PAGE_ORDER, Drawings, draw_all
from mushin.page.origin import CellDigests, Origin
from mushin.page.render import render_page, write_page
from mushin.summaries import summarise_methods

VOID = {"meta", "link", "br", "hr", "img", "input"}
AWKWARD = '<script>alert(1)</script> & "x" {{ 7 * 7 }}'


class Page(HTMLParser):
    """The elements of a page, checked for tags that do not match."""

    def __init__(self, text):
        super().__init__()
        self.elements, self._open, self.texts = [], [], []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes), tuple(self._open)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes), tuple(self._open)))

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.texts).split())

    def all(self, tag):
        return [attributes for name, attributes, _ in self.elements if name == tag]


def _content(ds, **parts):
    options = parts.pop("options", {})
    return StudyContent(ds, compare_methods(ds, **options), summarise_methods(ds), **parts)


def _page(content):
    return render_page(content, draw_all(content))


@pytest.fixture(scope="module")
def page():
    return _page(_content(made_study(), only_dataset="digits"))


def test_page_is_well_formed_and_no_id_occurs_twice(page):
    ids = [attributes["id"] for _, attributes, _ in Page(page).elements if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_contents_lead_to_every_section(page):
    parsed = Page(page)
    links = [a["href"] for tag, a, parents in parsed.elements if tag == "a" and "nav" in parents]
    assert links == [f"#{section['id']}" for section in parsed.all("section")]
    assert {"#verdicts", "#design", "#missing", "#methods", "#origin"} <= set(links)


def test_every_reference_within_the_page_has_its_target(page):
    ids = {a["id"] for _, a, _ in Page(page).elements if "id" in a}
    targets = set(re.findall(r'href="#([^"]+)"', page)) | set(re.findall(r"url\(#([^)]+)\)", page))
    assert targets <= ids


def test_nothing_is_loaded_from_elsewhere(page):
    parsed = Page(page)
    assert not {"script", "link", "img", "iframe", "object"} & {tag for tag, _, _ in parsed.elements}
    cited = {a["href"] for a in parsed.all("a") if not a["href"].startswith("#")}
    assert all(link.startswith("https://") for link in cited)
    assert set(re.findall(r'https?://[^\s"<}]+', page)) == cited
    assert "@import" not in page


def test_every_figure_has_a_caption_and_words_for_those_who_do_not_see_it(page):
    parsed = Page(page)
    drawings = [a for a in parsed.all("svg") if a.get("role") == "img"]
    figures = len(parsed.all("figure"))
    assert figures == len(parsed.all("figcaption")) == len(drawings) == 3
    assert all("methods" in a["aria-label"] or "power" in a["aria-label"].lower() for a in drawings)
    assert re.findall(r"<figcaption>Figure (\d)\.", page) == ["1", "2", "3"]


def test_every_table_has_a_caption_and_heads_with_a_scope(page):
    parsed = Page(page)
    assert len(parsed.all("table")) == len(parsed.all("caption"))
    assert all(head.get("scope") in ("col", "row", "rowgroup") for head in parsed.all("th"))


def test_same_content_same_bytes(page):
    assert _page(_content(made_study(), only_dataset="digits")) == page


def test_names_are_text_wherever_they_stand():
    ds = made_study([AWKWARD, "mlp", "linear"])
    origin = Origin(
        commands=(AWKWARD,),
        facts={AWKWARD: AWKWARD},
        settings={AWKWARD: {"data": AWKWARD}},
        cells=(CellDigests(AWKWARD),),
    )
    parsed = Page(_page(_content(ds, only_dataset=AWKWARD, origin=origin)))
    assert parsed.all("script") == []
    assert AWKWARD in parsed.text
    assert "49" not in parsed.all("title")


def test_verdicts_are_those_of_the_comparisons(page):
    assert "6 comparisons: 6 better or worse" in Page(page).text
    assert "cnn does better than mlp and linear. mlp does better than linear." in Page(page).text


def test_missing_and_diverged_cells_are_named():
    ds = made_study()
    for name in ds:
        ds[name][0, 0] = np.nan
    ds["accuracy"][1, 2] = np.inf
    text = Page(_page(_content(ds, options={"test": "mannwhitney", "allow_incomplete": True}))).text
    assert "2 cells are missing or diverged" in text
    assert "cnn, seed 0 missing all metrics" in text
    assert "mlp, seed 2 diverged: the score is infinite accuracy" in text


def test_complete_study_says_that_nothing_is_missing(page):
    assert "Nothing: every cell has a finite score on every metric." in Page(page).text


def test_number_of_data_sets_is_said_for_each_metric_where_they_differ():
    ds = made_study(datasets=list("abcdefg"))
    same = _over_datasets(ds)
    assert "7 data sets." in same
    assert "Mean ranks over 7 data sets; 1 is best" in same
    ds["ece"][:2, 0] = np.nan
    text = _over_datasets(ds)
    assert "5 to 7 data sets, by metric: fewer than six are too few for most claims" in text
    assert "accuracy (7 data sets)" in text
    assert "ece (5 data sets)" in text


def _over_datasets(ds):
    found = compare_over_datasets(ds, allow_incomplete=True)
    content = _content(
        ds, options={"allow_incomplete": True}, ranks=found.ranks, over_datasets=found.comparisons
    )
    return Page(render_page(content, Drawings((), {}))).text


def test_metric_on_which_every_run_diverged_does_not_stop_the_page():
    ds = made_study(["cnn", "mlp"], datasets=["voc", "city"], metrics=["accuracy", "loss"])
    ds["loss"][:] = np.inf
    drawings = draw_all(_content(ds, options={"test": "mannwhitney"}))
    assert "performance_profiles" not in drawings.left_out
    assert "every run diverged: loss" in drawings.of("performance_profiles")[0].description


def test_origin_is_said_or_said_to_be_unknown(page):
    assert "The command that ran the study is not on record." in Page(page).text
    known = Origin(commands=("snakemake --cores 2",), versions={"torch": "2.4"})
    text = Page(_page(_content(made_study(), origin=known))).text
    assert "snakemake --cores 2" in text
    assert "torch 2.4" in text


def test_dark_screens_and_paper_have_a_style(page):
    assert "@media (prefers-color-scheme: dark)" in page
    assert "@media print" in page


def test_every_kind_of_figure_has_its_place():
    assert sorted(PAGE_ORDER) == sorted(available_figures())


def test_page_is_written_as_a_file(tmp_path, page):
    content = _content(made_study(), only_dataset="digits")
    assert write_page(tmp_path / "page.html", content).read_text(encoding="utf-8") == page
