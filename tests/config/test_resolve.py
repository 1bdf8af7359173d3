"""Interpolations, missing values and keys of conf/: what reaches a job is what the plan checked."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from planned import faults, plan

Edit = Callable[[str, str, str], None]
TRAINING = "conf/training/default.yaml"
ROOT = "conf/config.yaml"
METHODS = "methods: [mlp, cnn, linear]"


def no_text(where: str, key: str) -> str:
    return f"{where}: the key {key} is no text, and a job would get it as text; write '{key}' in quotes"


@pytest.mark.parametrize(
    ("name", "line", "expected"),
    [
        (TRAINING, "loss: {_target_: torch.nn.CrossEntropyLoss, weight: {0: 1.0, 1: 2.0}}", "loss.weight.0"),
        (TRAINING, "loss: {_target_: torch.nn.CrossEntropyLoss, weight: [{true: 1}]}", "loss.weight.0.True"),
        ("conf/method/mlp.yaml", "class_weights: {0: 1, a: 2}", "class_weights.0"),
        ("conf/method/mlp.yaml", "0: 1", "0"),
        ("conf/data/digits.yaml", "weights: {1.5: 1}", "weights.1.5"),
    ],
)
def test_key_that_is_no_text_is_refused(study: Path, name: str, line: str, expected: str) -> None:
    """The workflow passes settings as JSON, whose keys are text: 0 would reach the job as '0'."""
    text = (study / name).read_text().replace("loss: null\n", "")
    (study / name).write_text(f"{text}{line}\n")
    lines = faults()
    key = "1.5" if "1.5" in expected else expected.rpartition(".")[2]
    assert no_text(f"{name}: {expected}", key) in lines


def test_key_that_is_no_text_in_an_override_is_refused_at_the_command_line(study: Path) -> None:
    expected = no_text("command line: overrides: training.optimizer.lrs.0", "0")
    assert expected in faults("overrides='training.optimizer={_target_: torch.optim.SGD, lrs: {0: 0.1}}'")


def test_settings_are_the_same_after_their_way_to_a_job(study: Path) -> None:
    (study / "conf/method/own.yaml").write_text(
        "predict: {_target_: own.predict, weights: {'0': 1.0, a: [{b: 2}]}}\n"
    )
    (study / "own.py").write_text("def predict(data, *, seed, weights): ...\n")
    settings = plan("methods=own").settings["digits", "own"]
    assert json.loads(settings.texts["method"].partition("=")[2]) == settings.method


def test_resources_are_resolved(study: Path, edit: Edit, monkeypatch: pytest.MonkeyPatch) -> None:
    edit(ROOT, METHODS, f"{METHODS}\nresources: {{train: {{mem_mb: '${{oc.env:MUSHIN_MEM,3000}}'}}}}")
    assert plan().resources["train"]["mem_mb"] == 3000
    monkeypatch.setenv("MUSHIN_MEM", "500")
    assert plan().resources["train"]["mem_mb"] == 500
    monkeypatch.setenv("MUSHIN_MEM", "much")
    assert faults() == [f"{ROOT}: resources.train.mem_mb: 'much' came; accepted: a whole number"]


def test_results_folder_is_resolved_and_the_overrides_of_a_variant_are_not(study: Path, edit: Edit) -> None:
    variant = "{name: a, method: mlp, overrides: ['method.hidden=[${data.num_classes}]']}"
    edit(ROOT, METHODS, f"results: results/${{data.num_classes}}\nmethods: [mlp, {variant}]")
    found = plan("datasets=digits,wine")
    assert found.results == "results/10"
    assert found.settings["digits", "a"].method["hidden"] == [10]
    assert found.settings["wine", "a"].method["hidden"] == [3]


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (".inf", "inf came; accepted: a finite number above 0"),
        (".nan", "nan came; accepted: a finite number above 0"),
        ("-1", "-1 came; accepted: a number above 0"),
        ('"${oc.env:MUSHIN_NO_SUCH}"', "Environment variable 'MUSHIN_NO_SUCH' not found"),
    ],
)
def test_limit_of_time_is_a_finite_number(study: Path, edit: Edit, value: str, problem: str) -> None:
    edit(ROOT, METHODS, f"{METHODS}\nresources: {{train: {{time_limit: {value}}}}}")
    lines = faults()
    assert len(lines) == 1
    assert lines[0].startswith(f"{ROOT}: resources")
    assert problem in lines[0]


@pytest.mark.parametrize(
    ("name", "old", "new", "key"),
    [
        ("conf/method/mlp.yaml", "hidden: [64]", "hidden: ???", "hidden"),
        ("conf/method/mlp.yaml", "hidden: [64]", "hidden: [64, '???']", "hidden.1"),
        ("conf/method/mlp.yaml", "_target_: mushin.zoo.mlp.MLP", "_target_: ???", "_target_"),
        (TRAINING, "epochs: 30", "epochs: ???", "epochs"),
        (TRAINING, "lr: 0.01", "lr: ???", "optimizer.lr"),
        ("conf/data/digits.yaml", "test_fraction: 0.3", "test_fraction: ???", "test_fraction"),
        ("conf/task/classification.yaml", "name: classification", "name: ???", "name"),
        ("conf/stats/default.yaml", "alpha: 0.05", "alpha: ???", "alpha"),
        (ROOT, METHODS, f"{METHODS}\nresults: ???", "results"),
        (ROOT, METHODS, f"{METHODS}\ndatasets: ???", "datasets"),
        (ROOT, METHODS, f"{METHODS}\nresources: {{train: {{mem_mb: '???'}}}}", "resources.train.mem_mb"),
    ],
)
def test_value_that_is_missing_is_one_line(
    study: Path, edit: Edit, name: str, old: str, new: str, key: str
) -> None:
    edit(name, old, new)
    assert faults() == [f"{name}: {key}: is missing (???); give a value"]


@pytest.mark.parametrize(("key", "old"), [("methods", "[mlp, cnn, linear]"), ("seeds", "[0, 1, 2, 3, 4]")])
def test_list_that_is_missing_is_named(study: Path, edit: Edit, key: str, old: str) -> None:
    edit(ROOT, f"{key}: {old}", f"{key}: ???")
    assert f"{ROOT}: {key}: is missing (???); give a value" in faults()


def test_missing_value_may_come_from_the_command_line(study: Path, edit: Edit) -> None:
    edit(TRAINING, "epochs: 30", "epochs: ???")
    edit(ROOT, METHODS, f"{METHODS}\nresources: {{train: {{mem_mb: '???'}}}}")
    found = plan("overrides=training.epochs=7 resources.train.mem_mb=5")
    assert found.settings["digits", "mlp"].training["epochs"] == 7
    assert found.resources["train"]["mem_mb"] == 5
