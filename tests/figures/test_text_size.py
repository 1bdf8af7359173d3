import pytest

from mushin.figures.text_size import text_height, text_width, widest, wrap_text


def test_lines_are_no_wider_than_asked_for():
    text = "Whether two methods differ is said by the comparisons and not by overlap of their intervals."
    wrapped = wrap_text(text, 1.5)
    assert all(text_width(line) <= 1.5 for line in wrapped.splitlines())
    assert wrapped.split() == text.split()


def test_a_word_wider_than_the_line_stays_whole():
    assert wrap_text("a incomprehensibilities b", 0.3).splitlines() == ["a", "incomprehensibilities", "b"]


def test_width_grows_with_size_and_signs_of_mathematics_are_text():
    assert text_width("cnn", 20) == pytest.approx(2 * text_width("cnn", 10), rel=0.02)
    assert text_width("$a_b$") > text_width("ab")


def test_widest_and_height_count_lines():
    assert widest(["a", "a\nlonger"]) == text_width("longer")
    assert widest([]) == 0
    assert text_height("a\nb") == 2 * text_height("a")
    assert text_height("") == 0
