from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mushin.sweeps.task_source import UNREADABLE, task_digest

SOURCE = '''
"""A module of the user's."""
import functools
import helper
from helper import other
STEPS = 3
UNUSED = 1

class Model:
    width = 2
    def fit(self):
        return inner()

def inner():
    return 1

def decorated(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)
    return wrapper

@decorated
def task(lr):
    """Train."""
    model = Model()  # the model
    return {"loss": [helper.loss(lr) for _ in range(STEPS)], "fit": model.fit(), "o": other()}

call = task
'''
HELPER = "def loss(lr):\n    return lr\n\ndef other():\n    return 0\n"


@pytest.fixture
def digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., str]]:
    """Digest the task of a module of this source, as a fresh process would."""
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    count = iter(range(100))

    def load(source: str = SOURCE, helper: str = HELPER) -> str:
        (tmp_path / "helper.py").write_text(helper)
        sys.modules.pop("helper", None)
        # A new file each time, since the source of a file is cached by its name.
        file = tmp_path / f"theirs_{next(count)}.py"
        file.write_text(source)
        spec = importlib.util.spec_from_file_location("theirs", file)
        assert spec is not None
        assert spec.loader is not None
        sys.modules["theirs"] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return task_digest(module.task)

    yield load
    for name in ("helper", "theirs"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  # the model", ""),
        ('"""Train."""', '"""Train a model."""'),
        ("    model = Model()", "\n    model   =   Model()"),
        ("UNUSED = 1", "UNUSED = 2"),
        ("call = task", "call = task\nlater = 3"),
    ],
)
def test_what_does_not_matter_to_the_task_keeps_its_digest(
    digest: Callable[..., str], old: str, new: str
) -> None:
    assert old in SOURCE
    assert digest() == digest(SOURCE.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"loss":', '"Loss":'),
        ("STEPS = 3", "STEPS = 4"),
        ("width = 2", "width = 3"),
        ("    return 1", "    return 2"),
    ],
)
def test_what_the_task_is_made_of_changes_its_digest(digest: Callable[..., str], old: str, new: str) -> None:
    assert old in SOURCE
    assert digest() != digest(SOURCE.replace(old, new))


def test_another_module_of_the_author_counts(digest: Callable[..., str]) -> None:
    assert digest() != digest(helper=HELPER.replace("return lr", "return 2 * lr"))


def test_enclosing_variables_count() -> None:
    def make(steps: int) -> Callable[[], int]:
        return lambda: steps

    assert task_digest(make(1)) != task_digest(make(2))
    assert task_digest(make(1)) == task_digest(make(1))


def test_code_without_a_source_has_no_digest() -> None:
    names: dict[str, Callable[..., object]] = {}
    exec("def task(lr):\n    return {}", names)
    assert task_digest(names["task"]) == UNREADABLE
