"""The task that conf/task/ names by a callable of one's own."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mushin.cells import read_cell
from mushin.config.make_plan import make_plan
from mushin.config.selection import Selection
from mushin.errors import ConfigError
from mushin.stages.build import find_predict_fn, find_task
from mushin.stages.evaluate import evaluate_cell
from mushin.stages.train import train_cell

OWN = """
import mushin

def worst(statistics):
    return float((statistics.confusion.diagonal() / statistics.confusion.sum(axis=1)).min())

def task():
    own = mushin.CustomMetric(worst, higher_is_better=True, valid_range=(0, 1))
    return mushin.Task("fair", {"worst": own, "accuracy": "accuracy"})

def no_task():
    return "accuracy"

def broken():
    raise KeyError("no such file")

def ask(model, x):
    probabilities = model(x).softmax(1)
    return probabilities.argmax(1), probabilities
"""


@pytest.fixture
def own(study: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A study with a module ``own_task``, forgotten afterwards."""
    monkeypatch.syspath_prepend(study)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    (study / "own_task.py").write_text(OWN)
    yield study
    sys.modules.pop("own_task", None)


def task_settings(study: Path, text: str) -> dict[str, Any]:
    (study / "conf/task/own.yaml").write_text(text)
    plan = make_plan(Selection.from_arguments(["methods=linear", "seeds=0", "overrides=task=own"]))
    return plan.settings["digits", "linear"].task


def test_callable_of_ones_own_gives_the_task(own: Path) -> None:
    task = find_task(task_settings(own, "_target_: own_task.task\n"))
    assert (task.name, task.metrics) == ("fair", ("worst", "accuracy"))


def test_listed_metrics_replace_those_of_the_callable(own: Path) -> None:
    task = find_task(task_settings(own, "_target_: own_task.task\nmetrics: [mcc]\nkeep_samples: true\n"))
    assert (task.name, task.metrics, task.keep_samples) == ("fair", ("mcc",), True)


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("no_task", "task: own_task.no_task returned str; accepted: a mushin.Task"),
        ("broken", "task: own_task.broken raised KeyError: 'no such file'"),
    ],
)
def test_callable_that_gives_no_task_is_named(own: Path, target: str, message: str) -> None:
    settings = task_settings(own, f"_target_: own_task.{target}\n")
    with pytest.raises(ConfigError, match=message):
        find_task(settings)


def test_predict_function_is_imported_where_it_is_named(own: Path) -> None:
    assert find_predict_fn(task_settings(own, "name: classification\n")) is None
    found = find_predict_fn(task_settings(own, "predict_fn: own_task.ask\n"))
    assert found is not None
    assert found.__name__ == "ask"


def test_cell_is_scored_by_a_task_of_ones_own(own: Path) -> None:
    task_settings(own, "_target_: own_task.task\n")
    arguments = ["methods=linear", "seeds=0", "overrides=task=own training.epochs=1"]
    plan = make_plan(Selection.from_arguments(arguments))
    (cell,) = plan.cells()
    settings = plan.settings[cell.dataset, cell.method]
    train_cell(cell, settings, plan.folder)
    written = read_cell(evaluate_cell(cell, settings, plan.folder))
    assert (written.task, written.metrics) == ("fair", ("worst", "accuracy"))
    counts = written.statistics.confusion
    assert written.statistics.scores["worst"].value == (counts.diagonal() / counts.sum(axis=1)).min()
