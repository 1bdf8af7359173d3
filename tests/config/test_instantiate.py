from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from mushin.config.instantiate import bind_target, call_target, import_callable
from mushin.errors import ConfigError, DataError, TrainingError

MODULE = """
from mushin.errors import DataError

def build(a, b=2):
    return (a, b)

def anything(**rest):
    return rest

def positional(a, /):
    return a

def broken():
    raise RuntimeError("no such GPU")

def refusing():
    raise DataError("the file is empty")

text = "no callable"
"""


@pytest.fixture(autouse=True)
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "instantiated.py").write_text(MODULE)
    (tmp_path / "raising.py").write_text("raise RuntimeError('no such library')\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield
    sys.modules.pop("instantiated", None)


def call(node: Mapping[str, Any], **keywords: Any) -> Any:
    return call_target(node, where="method", error=TrainingError, **keywords)


def test_target_is_called_with_the_keys_beside_it_and_more() -> None:
    assert call({"_target_": "instantiated.build", "a": 1}, b=3) == (1, 3)
    assert call({"_target_": "instantiated.anything", "any": [1, {"x": 2}]}) == {"any": [1, {"x": 2}]}
    assert type(call({"_target_": "instantiated.anything", "any": [1]})["any"]) is list


def test_nested_targets_are_called_first() -> None:
    node = {"_target_": "instantiated.build", "a": {"_target_": "instantiated.anything", "x": 1}}
    assert call(node) == ({"x": 1}, 2)


def test_node_is_left_as_it_is() -> None:
    node = {"_target_": "instantiated.build", "a": [1]}
    call(node)
    assert node == {"_target_": "instantiated.build", "a": [1]}


def test_bound_target_waits_for_the_rest() -> None:
    bound = bind_target({"_target_": "instantiated.build", "b": 5}, where="method", error=TrainingError)
    assert bound(1) == (1, 5)


def test_key_that_the_callable_does_not_take_is_refused_with_a_hint() -> None:
    for node, keywords in (({"bb": 1}, {}), ({}, {"bb": 1})):
        with pytest.raises(
            ConfigError, match=r"method: bb: instantiated\.build does not take it; did you mean 'b'"
        ):
            call({"_target_": "instantiated.build", "a": 1, **node}, **keywords)
    with pytest.raises(ConfigError, match=r"x: instantiated\.broken does not take it; accepted: no argument"):
        call({"_target_": "instantiated.broken", "x": 1})


def test_missing_argument_is_an_error_of_the_stage() -> None:
    with pytest.raises(
        TrainingError, match=r"method: instantiated\.build raised TypeError: .*missing 1 required"
    ):
        call({"_target_": "instantiated.build"})


def test_what_the_callable_raises_becomes_an_error_of_the_stage_with_its_cause() -> None:
    with pytest.raises(
        TrainingError, match=r"^method: instantiated\.broken raised RuntimeError: no such GPU$"
    ) as e:
        call({"_target_": "instantiated.broken"})
    assert isinstance(e.value.__cause__, RuntimeError)


def test_our_own_error_passes_unchanged() -> None:
    with pytest.raises(DataError, match=r"^the file is empty$"):
        call({"_target_": "instantiated.refusing"})
    with pytest.raises(DataError, match=r"^the file is empty$"):
        call({"_target_": "instantiated.build", "a": {"_target_": "instantiated.refusing"}})


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("nowhere.build", "method: 'nowhere.build' cannot be imported: No module named 'nowhere'"),
        ("instantiated.missing", "method: 'instantiated.missing' cannot be imported: "),
        ("instantiated.text", "method: 'instantiated.text' cannot be imported: "),
        ("raising.build", "method: 'raising.build' cannot be imported: no such library"),
    ],
)
def test_path_that_cannot_be_imported_is_refused(path: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(problem)):
        import_callable(path, where="method")
    with pytest.raises(ConfigError, match=re.escape(problem)):
        call({"_target_": path})


def test_imported_callable_is_the_thing_itself() -> None:
    assert import_callable("math.sqrt", where="task")(4.0) == 2.0
    assert call({"_target_": "builtins.dict", "a": 1}) == {"a": 1}
