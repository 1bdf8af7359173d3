"""The literature: every work has the identity that other people's bibliographies give it."""

import re

import pytest

from mushin.page.references import all_references

# Each one was looked up in bibliographies and package documentation of others.
FOUND_AT = {
    "agarwal2021": "https://arxiv.org/abs/2108.13264",
    "benjamini1995": "https://doi.org/10.1111/j.2517-6161.1995.tb02031.x",
    "clopper1934": "https://doi.org/10.1093/biomet/26.4.404",
    "cohen1988": "https://doi.org/10.4324/9780203771587",
    "cureton1956": "https://doi.org/10.1007/BF02289138",
    "demsar2006": "https://www.jmlr.org/papers/v7/demsar06a.html",
    "dolan2002": "https://doi.org/10.1007/s101070100263",
    "dunn1961": "https://doi.org/10.1080/01621459.1961.10482090",
    "fisher1935": "",
    "friedman1937": "https://doi.org/10.1080/01621459.1937.10503522",
    "hedges1981": "https://doi.org/10.3102/10769986006002107",
    "hochberg1988": "https://doi.org/10.1093/biomet/75.4.800",
    "hodges1956": "https://doi.org/10.1214/aoms/1177728261",
    "hoeffding1952": "https://doi.org/10.1214/aoms/1177729436",
    "holm1979": "https://www.jstor.org/stable/4615733",
    "iman1980": "https://doi.org/10.1080/03610928008827904",
    "kerby2014": "https://doi.org/10.2466/11.IT.3.1",
    "lakens2013": "https://doi.org/10.3389/fpsyg.2013.00863",
    "mann1947": "https://doi.org/10.1214/aoms/1177730491",
    "newcombe2006": "https://doi.org/10.1002/sim.2324",
    "phipson2010": "https://doi.org/10.2202/1544-6115.1585",
    "schuirmann1987": "https://doi.org/10.1007/BF01068419",
    "shaffer1986": "https://doi.org/10.1080/01621459.1986.10478341",
    "streitberg1986": "",
    "student1908": "https://doi.org/10.1093/biomet/6.1.1",
    "welch1947": "https://doi.org/10.1093/biomet/34.1-2.28",
    "wilcoxon1945": "https://doi.org/10.2307/3001968",
    "wilson1927": "https://doi.org/10.1080/01621459.1927.10502953",
}


def test_every_work_is_found_where_it_was_looked_up():
    assert {key: work.link for key, work in all_references().items()} == FOUND_AT


@pytest.mark.parametrize("work", all_references().values(), ids=lambda work: work.key)
def test_a_key_is_the_first_author_and_the_year(work):
    name = work.authors.split(",")[0].lower().replace("š", "s")
    assert work.key == f"{name}{work.year}"


@pytest.mark.parametrize("work", all_references().values(), ids=lambda work: work.key)
def test_the_bibtex_entry_holds_what_the_text_shows(work):
    assert work.bibtex.startswith(f"@{work.kind}{{{work.key},\n")
    assert work.title in work.bibtex
    assert re.search(rf"year = \{{{work.year}\}}", work.bibtex)
    assert (work.link == "") == ("doi = " not in work.bibtex and "url = " not in work.bibtex)


def test_journals_that_number_their_dois_by_volume_and_page_agree_with_them():
    works = all_references()
    for key in ("clopper1934", "hochberg1988", "student1908", "welch1947"):
        volume, page = works[key].volume, works[key].pages.split("-")[0]
        assert re.fullmatch(rf"10\.1093/biomet/{volume}\.[-\d]+\.{page}", works[key].doi)
