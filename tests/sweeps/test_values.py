from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

import numpy as np
import pytest

from mushin import hydra_list, multirun
from mushin.errors import ConfigError
from mushin.sweeps.values import canonical_text, plain_value


class Word(str):
    __slots__ = ()

    def __str__(self) -> str:
        return "another"


@pytest.mark.parametrize(
    ("given", "plain"),
    [
        (None, None),
        (np.bool_(True), True),
        (np.int32(3), 3),
        (np.float32(0.5), 0.5),
        (Word("a"), "a"),
        (PurePosixPath("a/b"), "a/b"),
        (hydra_list([1, (2,)]), [1, [2]]),
        ({"a": {"b": np.int64(1)}}, {"a": {"b": 1}}),
    ],
)
def test_values_become_plain(given: Any, plain: Any) -> None:
    found = plain_value(given, "x")
    assert found == plain
    assert type(found) is type(plain)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (object(), r"x: a value of type object cannot be a parameter; .* let the task look it up"),
        (np.zeros(2), "a value of type ndarray cannot be a parameter"),
        ([multirun([1])], r"x: a multirun stands inside another value"),
        ({1: "a"}, "key 1 of a dict is no string"),
        ("a\0b", r"'a\\x00b' holds a NUL or half a surrogate pair"),
        ("\ud800", "half a surrogate pair"),
    ],
)
def test_other_values_are_refused(given: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        plain_value(given, "x")


def test_canonical_text_tells_types_apart() -> None:
    assert len({canonical_text(value) for value in (1, 1.0, True, "1", None, "null", [1])}) == 7
