import xml.etree.ElementTree as ET

import numpy as np

from made_study import made_study
from mushin.comparisons import compare_methods
from mushin.report.html import comparisons_page, comparisons_to_html, summary_page, summary_to_html
from mushin.summaries import summarise_methods

AWKWARD = ("a_b & c", "<script>alert(1)</script>", "β₂ \"'")


def _parse(fragment):
    return ET.fromstring(f"<div>{fragment}</div>")


def _rows(fragment):
    return [["".join(cell.itertext()) for cell in row] for row in _parse(fragment).iterfind(".//tbody/tr")]


def test_summary_has_methods_as_rows_and_metrics_as_columns():
    fragment = summary_to_html(summarise_methods(made_study()))
    assert [cell.text for cell in _parse(fragment).iterfind(".//thead/tr/th")] == [
        "method",
        "accuracy ↑",
        "ece ↓",
    ]
    assert [row[0] for row in _rows(fragment)] == ["cnn", "mlp", "linear"]


def test_best_means_are_strong():
    ds = made_study()
    summary = summarise_methods(ds)
    strong = [cell.text for cell in _parse(summary_to_html(summary)).iterfind(".//strong")]
    expected = [f"{float(ds[metric][0].mean()):.4f}" for metric in ("accuracy", "ece")]
    assert [text[:5] for text in strong] == [text[:5] for text in expected]


def test_marks_are_explained_below_the_table():
    ds = made_study()
    fragment = summary_to_html(summarise_methods(ds), compare_methods(ds))
    assert {mark.text for mark in _parse(fragment).iterfind(".//sup")} == {"\N{MINUS SIGN}"}
    assert "against the method with the best mean: \N{MINUS SIGN} worse;" in fragment


def test_markup_in_names_is_text():
    ds = made_study(AWKWARD)
    for fragment in (
        summary_to_html(summarise_methods(ds), compare_methods(ds)),
        comparisons_to_html(compare_methods(ds)),
    ):
        assert "<script>" not in fragment
        assert {name for row in _rows(fragment) for name in row} & set(AWKWARD) == set(AWKWARD)


def test_comparisons_are_grouped_by_metric_and_data_set_with_its_direction():
    ds = made_study(datasets=["voc", "city"])
    rows = _rows(comparisons_to_html(compare_methods(ds)))
    headings = [row[0] for row in rows if len(row) == 1]
    assert headings[0] == "accuracy ↑ (higher is better), voc"
    assert headings[-1] == "ece ↓ (lower is better), city"
    assert len(rows) - len(headings) == 12


def test_negative_numbers_have_a_minus_sign():
    ds = made_study().isel(method=slice(None, None, -1))
    assert "\N{MINUS SIGN}0." in comparisons_to_html(compare_methods(ds, metrics=["accuracy"]))


def test_missing_and_diverged_runs_are_said():
    ds = made_study(metrics=["accuracy"])
    ds["accuracy"][0, 0] = np.nan
    ds["accuracy"][1, 1] = np.inf
    fragment = summary_to_html(summarise_methods(ds))
    assert "(1 missing)" in fragment
    assert "n/a (1 diverged)" in fragment


def test_pages_are_whole_and_load_nothing():
    ds = made_study()
    for page in (
        summary_page(summarise_methods(ds), compare_methods(ds)),
        comparisons_page(compare_methods(ds)),
    ):
        assert page.startswith("<!DOCTYPE html>")
        assert '<meta charset="utf-8">' in page
        assert page.rstrip().endswith("</html>")
        assert "http" not in page
