import pytest

from mushin.report.latex_text import escape, needs_unicode_engine, numeral


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("a_b&c%d#e$f", r"a\_b\&c\%d\#e\$f"),
        ("{x}", r"\{x\}"),
        ("a\\b", r"a\textbackslash{}b"),
        ("~^", r"\textasciitilde{}\textasciicircum{}"),
        ("<b>", r"\(<\)b\(>\)"),
        ("Ω", r"\(\Omega\)"),
        ("\N{GREEK CAPITAL LETTER ALPHA}λ", r"A\(\lambda\)"),
        ("\N{GREEK SMALL LETTER OMICRON}", "o"),
        ("R²", r"R\textsuperscript{2}"),
        ("line\nbreak", "line break"),
        ("e\N{COMBINING ACUTE ACCENT}", "e\N{COMBINING ACUTE ACCENT}"),
    ],
)
def test_escape(text, escaped):
    assert escape(text) == escaped


@pytest.mark.parametrize(
    ("text", "set_"),
    [
        ("[-0.01, +0.02]", r"[\(-0.01\), \(+0.02\)]"),
        ("0.95", "0.95"),
        ("1.5e+07", r"\(1.5 \times 10^{7}\)"),
        ("n/a", "n/a"),
        ("inf", "inf"),
    ],
)
def test_numeral(text, set_):
    assert numeral(text) == set_


def test_latin_letters_need_no_other_engine_than_pdflatex():
    assert not needs_unicode_engine("naïve Łódź")
    assert needs_unicode_engine("дом")
