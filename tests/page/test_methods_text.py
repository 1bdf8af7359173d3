import pytest

from made_study import made_study
from mushin.comparisons import compare_methods
from mushin.page.content import StudyContent
from mushin.page.methods_text import describe_methods
from mushin.page.references import all_references
from mushin.statistics.corrections import available_corrections
from mushin.statistics.tests import available_tests, find_test
from mushin.summaries import summarise_methods


def _described(ds=None, **options):
    ds = made_study() if ds is None else ds
    return describe_methods(StudyContent(ds, compare_methods(ds, **options), summarise_methods(ds)))


def _text(methods):
    return " ".join(sentence.text for sentence in methods.sentences)


@pytest.mark.parametrize("test", available_tests())
def test_every_test_has_its_words_and_its_reference(test):
    ds = made_study()
    # Only the name matters here; running a rank test would simulate its power.
    compared = compare_methods(ds).assign(test=test, paired=find_test(test).paired)
    methods = describe_methods(StudyContent(ds, compared, summarise_methods(ds)))
    (sentence,) = (s for s in methods.sentences if "on each metric by" in s.text)
    assert sentence.numbers


@pytest.mark.parametrize("correction", [name for name in available_corrections() if name != "none"])
def test_every_correction_has_its_words_and_its_reference(correction):
    methods = _described(correction=correction)
    (sentence,) = (s for s in methods.sentences if s.text.startswith("p-values were adjusted by"))
    assert sentence.numbers
    assert ("false discovery rate" in sentence.text) == (correction == "fdr_bh")


def test_only_what_the_study_used_is_cited():
    keys = {reference.key for reference in _described().references}
    assert keys == {
        "student1908",
        "welch1947",
        "holm1979",
        "dunn1961",
        "hedges1981",
        "newcombe2006",
        "cohen1988",
    }
    assert "schuirmann1987" in {reference.key for reference in _described(margin=0.1).references}
    assert "not adjusted" in _text(_described(correction="none"))


def test_numbers_follow_the_order_of_the_references():
    methods = _described()
    seen = list(dict.fromkeys(number for sentence in methods.sentences for number in sentence.numbers))
    assert seen == list(range(1, len(methods.references) + 1))


def test_design_is_told():
    text = _text(_described(baseline="mlp", test="mannwhitney", alternative="greater"))
    assert "We trained 3 methods (cnn, mlp and linear) under 5 seeds each" in text
    assert "compared with the baseline mlp" in text
    assert "one-sided: A better than B" in text


@pytest.mark.parametrize(
    ("test", "n_seeds", "needed", "told"),
    [
        ("mannwhitney", 5, 9.0, "Power was simulated for normal scores."),
        ("mannwhitney", 5, 31.0, "approximated by that of the t test with 3/pi of the seeds beyond 30 seeds"),
        ("mannwhitney", 40, 50.0, "Power was approximated for normal scores by that of the t test with 3/pi"),
        ("signflip", 13, 20.0, "Power was approximated for normal scores by that of the t test."),
    ],
)
def test_power_is_simulated_only_where_it_is(test, n_seeds, needed, told):
    ds = made_study(n_seeds=n_seeds)
    # Only the names and numbers matter here; running a rank test would simulate its power.
    named = compare_methods(ds).assign(test=test, paired=find_test(test).paired, seeds_needed_80=needed)
    methods = describe_methods(StudyContent(ds, named, summarise_methods(ds)))
    assert told in _text(methods)
    cited = {reference.key for reference in methods.references}
    assert ("hodges1956" in cited, "hoeffding1952" in cited) == (
        "3/pi" in told,
        "approximated" in told and "3/pi" not in told,
    )


def test_bibtex_has_an_entry_per_reference():
    methods = _described()
    assert methods.bibtex.count("@") == len(methods.references)
    assert "doi = {10.1093/biomet/34.1-2.28}" in methods.bibtex
    assert methods.bibtex.count("{") == methods.bibtex.count("}")


def test_every_work_can_be_cited():
    for key, reference in all_references().items():
        assert key.rstrip("0123456789") == "".join(
            c for c in reference.authors.split(",")[0].lower().translate(str.maketrans("šö", "so"))
        )
        assert key.endswith(str(reference.year))
        assert reference.bibtex.startswith(f"@{reference.kind}{{{key},")
        assert f"({reference.year})" in reference.text
