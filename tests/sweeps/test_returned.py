from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from mushin.errors import SweepError
from mushin.sweeps.returned import read_returned


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (np.float32(0.5), 0.5),
        (torch.tensor(3), 3),
        (np.bool_(True), True),
        (np.array(2.5), 2.5),
        ("text", "text"),
        (None, None),
        (torch.tensor(0.5, dtype=torch.bfloat16, requires_grad=True), 0.5),
    ],
)
def test_scalars_become_pythons(given: Any, kept: Any) -> None:
    found = read_returned({"x": given})["x"]
    assert found == kept
    assert type(found) is type(kept)


@pytest.mark.parametrize(
    ("given", "dtype"),
    [
        ([1, 2], np.int64),
        ([[0.5], [1]], np.float64),
        (torch.ones(2, dtype=torch.float16), np.float32),
        ([torch.tensor(1.0), torch.tensor(2.0)], np.float32),
        (np.ones(2, dtype=np.longdouble), np.float64),
        (["a", "bc"], np.dtype("U2")),
    ],
)
def test_arrays_become_numpys(given: Any, dtype: Any) -> None:
    found = read_returned({"x": given})["x"]
    assert isinstance(found, np.ndarray)
    assert found.dtype == dtype


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        (None, "the task returned None; accepted: a dict of names to values"),
        (0.5, "the task returned a value of type float; accepted: a dict"),
        ({1: 2}, "the task returned the name 1"),
        ({"a/b": 2}, "the task returned the name 'a/b'"),
        ({"a": {"b": 1}}, "the task returned 'a' as a value of type dict; accepted: numbers"),
        ({"a": object()}, "'a' as a value of type object"),
        ({"a": 1j}, "'a' as a value of type complex"),
        ({"a": 2**64}, "'a' as a value of type int"),
        ({"a": np.array([2**63], dtype=np.uint64)}, "'a' as a value of type ndarray of uint64"),
        ({"a": [1, [2, 3]]}, "'a' as lists of unequal lengths"),
        ({"a": [None, 1]}, "'a' as a value of type list"),
    ],
)
def test_what_no_file_can_hold_is_refused(returned: Any, message: str) -> None:
    with pytest.raises(SweepError, match=message):
        read_returned(returned)
