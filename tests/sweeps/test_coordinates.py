from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mushin.sweeps.coordinates import coordinate


@pytest.mark.parametrize(
    ("values", "labels", "kind"),
    [
        ([1, 2], [1, 2], "i"),
        ([1, 0.5], [1.0, 0.5], "f"),
        ([True, False], [True, False], "b"),
        (["a", ""], ["a", ""], "O"),
        ([None, 0.5], ["None", "0.5"], "O"),
        ([True, 1], ["True", "1"], "O"),
        ([[1, 2], {"a": 1}], ["[1, 2]", "{'a': 1}"], "O"),
        ([2**70, 1], [str(2**70), "1"], "O"),
        ([2**53 + 1, 0.5], [str(2**53 + 1), "0.5"], "O"),
        ([None, "None", "x"], ["None", "'None'", "'x'"], "O"),
    ],
)
def test_labels_keep_their_type_or_become_text(values: list[Any], labels: list[Any], kind: str) -> None:
    found = coordinate(values)
    assert found.tolist() == labels
    assert found.dtype.kind == kind


@given(
    st.lists(
        st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.integers()),
        min_size=1,
        unique_by=repr,
    )
)
def test_different_values_have_different_labels(values: list[Any]) -> None:
    assert len(set(coordinate(values).tolist())) == len(values)
