import re

import numpy as np
import pytest

from compile_latex import compile_latex
from made_study import made_study
from mushin.comparisons import compare_methods
from mushin.report.latex import comparisons_to_latex, summary_to_latex
from mushin.summaries import summarise_methods

AWKWARD = ("a_b & c", "50% #1 {x}", "~^\\ <b>|$", "naïve β₂ ±\"'`")


def _tables(ds, **options):
    return summarise_methods(ds), compare_methods(ds, **options)


def _score_lines(text):
    return [line for line in text.splitlines() if line.endswith(r"\\") and r"\pm" in line]


def test_summary_has_methods_as_rows_and_metrics_with_arrows_as_columns():
    text = summary_to_latex(summarise_methods(made_study()))
    assert r"method & accuracy \(\uparrow\) & ece \(\downarrow\) \\" in text
    assert [line.split(" & ")[0] for line in _score_lines(text)] == ["cnn", "mlp", "linear"]


def test_best_mean_is_bold_in_the_metrics_own_direction():
    ds = made_study()
    ds["ece"][2] = 0.05 + ds["ece"][0] - ds["ece"][0].mean()
    first, _, third = _score_lines(summary_to_latex(summarise_methods(ds)))
    assert [r"\textbf" in cell for cell in first.split(" & ")[1:]] == [True, False]
    assert [r"\textbf" in cell for cell in third.split(" & ")[1:]] == [False, True]


def test_each_data_set_has_a_best_of_its_own():
    ds = made_study(datasets=["voc", "city"], metrics=["accuracy"])
    ds["accuracy"][1] = ds["accuracy"][1, ::-1].values
    text = summary_to_latex(summarise_methods(ds))
    assert [r"\textbf" in line for line in _score_lines(text)] == [True, False, False, False, False, True]
    assert text.index(r"\textit{voc}") < text.index(r"\textit{city}")


def test_marks_say_what_holds_against_the_best_and_are_explained():
    text = summary_to_latex(*_tables(made_study()))
    first, second, _ = _score_lines(text)
    assert r"\textsuperscript" not in first
    assert second.count(r"\textsuperscript{\(-\)}") == 2
    assert r"against the method with the best mean: \(-\) worse; without a mark" in text
    assert "Test: welch (unpaired), p adjusted by holm" in text


def test_marks_say_what_holds_against_the_baseline():
    text = summary_to_latex(*_tables(made_study(), baseline="mlp"))
    marks = [re.findall(r"\\textsuperscript\{(.*?)\}", line) for line in _score_lines(text)]
    assert marks == [["+", "+"], [], [r"\(-\)", r"\(-\)"]]
    assert r"against mlp: + better; \(-\) worse; without a mark" in text


def test_without_any_mark_the_note_says_that_nothing_is_told_apart():
    ds = made_study(metrics=["accuracy"])
    ds["accuracy"][:] = ds["accuracy"][0].values + np.array([[0.0], [0.001], [0.002]])
    assert "No method is told apart from the method with the best mean" in summary_to_latex(*_tables(ds))


def test_designs_that_cannot_claim_are_marked():
    text = summary_to_latex(*_tables(made_study(n_seeds=3), test="mannwhitney"))
    assert r"\textsuperscript{?}" in text
    assert "? no claim was possible (underpowered or untestable)" in text


def test_missing_and_diverged_runs_are_said_and_number_of_runs_too():
    ds = made_study(metrics=["accuracy"])
    ds["accuracy"][0, 0] = np.nan
    ds["accuracy"][1, 1] = np.inf
    text = summary_to_latex(summarise_methods(ds))
    assert "(1 missing)" in text
    assert "n/a (1 diverged)" in text
    assert "mean over 4 to 5 runs" in text


def test_names_are_escaped():
    text = summary_to_latex(*_tables(made_study(AWKWARD)))
    assert r"a\_b \& c &" in text
    assert r"50\% \#1 \{x\} &" in text
    assert r"na" + "ï" + r"ve \(\beta\)\textsubscript{2}" in text


def test_every_line_of_the_comparisons_has_as_many_cells_as_headings():
    _, comparisons = _tables(made_study(AWKWARD, datasets=["a&b", "c_d"]))
    text = comparisons_to_latex(comparisons)
    body = text.split(r"\endfoot")[1].split(r"\end{longtable}")[0]
    pairs = [line for line in body.splitlines() if line.endswith(r"\\")]
    assert len(pairs) == len(comparisons)
    assert {len(re.findall(r"(?<!\\)&", line)) for line in pairs} == {7}
    assert body.count(r"\multicolumn{8}{l}") == 4
    assert r"\textit{accuracy \(\uparrow\), a\&b}" in body


def test_claims_are_bold_and_others_are_not():
    text = comparisons_to_latex(_tables(made_study(n_seeds=3), test="mannwhitney")[1])
    assert r"\textbf" not in text
    assert r"\textbf{better}" in comparisons_to_latex(_tables(made_study())[1])


def test_many_metrics_are_set_below_each_other():
    text = summary_to_latex(summarise_methods(made_study(metrics=[f"metric_{i}" for i in range(12)])))
    assert 3 <= text.count(r"\begin{tabular}") <= 4
    assert text.count(r"\textbf") == 12


def test_braces_and_environments_are_balanced():
    for text in (
        summary_to_latex(*_tables(made_study(AWKWARD))),
        comparisons_to_latex(_tables(made_study(AWKWARD))[1]),
    ):
        bare = re.sub(r"\\[{}\\]", "", text)
        assert bare.count("{") == bare.count("}")
        assert sorted(re.findall(r"\\begin\{(\w+)\}", text)) == sorted(re.findall(r"\\end\{(\w+)\}", text))


def test_letters_that_pdflatex_lacks_are_announced():
    summary = summarise_methods(made_study(["無心", "mlp"]))
    assert "lualatex or xelatex" in summary_to_latex(summary)
    assert "lualatex" not in summary_to_latex(summarise_methods(made_study(AWKWARD)))


@pytest.mark.parametrize("methods", [AWKWARD, ("a", "b"), tuple(f"method {i}" for i in range(12))])
def test_tables_compile_and_fit_the_page(methods, tmp_path):
    several = made_study(methods, datasets=["voc", "city_2"], metrics=[f"metric_{i}" for i in range(7)])
    tables = [_tables(made_study(methods), margin=0.01), _tables(several)]
    fragments = [
        text
        for summary, comparisons in tables
        for text in (summary_to_latex(summary, comparisons), comparisons_to_latex(comparisons))
    ]
    compile_latex(fragments, tmp_path)
