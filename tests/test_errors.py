from __future__ import annotations

import inspect

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mushin import errors
from mushin.errors import MushinError, did_you_mean, unknown_name

ALL = [found for _, found in inspect.getmembers(errors, inspect.isclass) if issubclass(found, MushinError)]


@pytest.mark.parametrize("error", [found for found in ALL if found is not MushinError])
def test_every_error_is_ours_and_one_of_pythons(error: type[MushinError]) -> None:
    assert error.__bases__[0] is MushinError
    assert issubclass(error, (ValueError, TypeError, RuntimeError, OSError))


@pytest.mark.parametrize(
    ("name", "known", "hint"),
    [
        ("mIoU", ["miou", "dice"], "; did you mean 'miou'?"),
        ("welsh", ["Welch", "wilcoxon"], "; did you mean 'Welch'?"),
        ("quite different", ["miou", "dice"], ""),
        ("miou", [], ""),
    ],
)
def test_hint_names_the_closest_known_name_whatever_its_case(name: str, known: list[str], hint: str) -> None:
    assert did_you_mean(name, known) == hint


def test_unknown_name_lists_what_is_known_in_order() -> None:
    assert str(unknown_name("test", "welsh", ["wilcoxon", "welch"])) == (
        "test 'welsh' is unknown; did you mean 'welch'? Known: welch, wilcoxon"
    )
    assert str(unknown_name("task", "???", ["b", "a"])) == "task '???' is unknown; Known: a, b"


@settings(derandomize=True, deadline=None)
@given(st.text(), st.lists(st.text(min_size=1)))
def test_hint_is_empty_or_names_something_known(name: str, known: list[str]) -> None:
    hint = did_you_mean(name, known)
    assert hint == "" or any(hint == f"; did you mean {candidate!r}?" for candidate in known)
