import pytest

from made_study import made_study
from mushin.comparisons import compare_methods
from mushin.config.plan import CellName
from mushin.figures.readable import MOST_COMPARISONS, MOST_METHODS
from mushin.page.content import StudyContent
from mushin.page.drawings import Drawings, draw_all
from mushin.page.render import render_page
from mushin.page.shown import choose_shown
from mushin.summaries import summarise_methods

METHODS = [f"m{number}" for number in range(13)]  # m0 is the best
METRICS = [f"score{number}" for number in range(12)]


def content_of(methods=METHODS, metrics=METRICS, **options):
    ds = made_study(methods, n_seeds=3, metrics=metrics)
    histories = {CellName("digits", method, 0): {"loss": [1.0]} for method in methods}
    return StudyContent(
        ds, compare_methods(ds, **options), summarise_methods(ds), histories=histories, only_dataset="digits"
    )


@pytest.fixture(scope="module")
def wide():
    return content_of()


def test_study_of_common_size_is_shown_whole():
    content = content_of(METHODS[:5], METRICS[:3])
    shown = choose_shown(content)
    assert (shown.content, shown.left_out) == (content, "")


def test_wide_study_is_shown_with_its_best_methods_and_first_metrics(wide):
    shown = choose_shown(wide).content
    assert list(shown.ds["method"].values) == METHODS[:MOST_METHODS]
    assert set(shown.ds.data_vars) == set(shown.comparisons["metric"]) == set(METRICS[:11])
    assert len(shown.comparisons) == 11 * 45 <= MOST_COMPARISONS
    assert {cell.method for cell in shown.histories} == set(METHODS[:MOST_METHODS])


def test_numbers_that_rest_on_the_whole_family_stay_as_they_are(wide):
    shown = choose_shown(wide).content.comparisons
    keys = ["metric", "method_a", "method_b"]
    merged = shown.merge(wide.comparisons, on=keys, suffixes=("", "_whole"))
    assert len(merged) == len(shown)
    assert (merged["p_corrected"] == merged["p_corrected_whole"]).all()
    assert (shown["family_size"] == 78).all()


def test_baseline_stays_though_it_is_the_worst():
    content = content_of(METHODS, [f"score{number}" for number in range(45)], baseline="m12")
    shown = choose_shown(content).content
    assert list(shown.ds["method"].values) == [*METHODS[:9], "m12"]


def test_metrics_that_the_claim_is_about_come_first(wide):
    content = content_of(primary=["score11"])
    assert "score11" in set(choose_shown(content).content.comparisons["metric"])
    assert "score11" not in set(choose_shown(wide).content.comparisons["metric"])


@pytest.mark.parametrize("baseline", [None, "m12"])
def test_title_and_question_name_ten_methods_and_count_the_others(wide, baseline):
    content = wide if baseline is None else content_of(METHODS, METRICS[:1], baseline=baseline)
    page = render_page(content, Drawings((), {}))
    named = f"{', '.join(METHODS[:10])} and 3 more"
    assert f"<h1>{named} on digits</h1>" in page
    asked = (
        f"Which of {named} does better"
        if baseline is None
        else "m8, m9 or 2 more do better or worse than m12"
    )
    assert asked in page


def test_page_says_what_it_leaves_out_and_counts_all(wide):
    page = render_page(wide, draw_all(wide))
    assert "Shown here are 10 of 13 methods" in page
    assert "11 of 12 metrics: 495 of 936 comparisons" in page
    assert "936 comparisons: " in page
    assert page.count('<article class="verdict') == 11
