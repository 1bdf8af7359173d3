from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mushin.config import make_plan as home
from mushin.config.compose import open_conf
from mushin.config.make_plan import make_plan
from mushin.config.plain_options import is_plain, is_set_by_one_file
from mushin.config.plan import Plan
from mushin.config.selection import Selection

Edit = Callable[[str, str, str], None]
CHOICES = {"data": "digits", "task": "classification", "hydra/launcher": "basic"}


def composed_by_hydra(monkeypatch: pytest.MonkeyPatch, selection: Selection) -> Plan:
    with monkeypatch.context() as patched:
        patched.setattr(home, "is_plain", lambda *option: False)
        patched.setattr(home, "is_set_by_one_file", lambda *option: False)
        return make_plan(selection)


@pytest.mark.parametrize(
    "selected",
    [
        {},
        {"datasets": "digits,wine,breast_cancer", "methods": "mlp,linear,forest"},
        {"experiment": "tabular", "overrides": "training.epochs=2"},
        {"experiment": "shapes"},
        {"experiment": "brain"},
        {"methods": "mlp", "overrides": "data=wine method.hidden=[7]"},
    ],
)
def test_plan_is_the_one_that_hydra_composes(
    study: Path, monkeypatch: pytest.MonkeyPatch, selected: dict[str, str]
) -> None:
    selection = Selection.from_mapping(selected)
    assert make_plan(selection) == composed_by_hydra(monkeypatch, selection)


@pytest.mark.usefixtures("study")
def test_conf_is_composed_once_for_plain_files(monkeypatch: pytest.MonkeyPatch) -> None:
    composed = []
    compose = home.compose_conf

    def counted(conf: home.ConfFolder, words: list[str]) -> object:
        composed.append(words)
        return compose(conf, words)

    monkeypatch.setattr(home, "compose_conf", counted)
    make_plan(Selection.from_mapping({"datasets": "digits,wine", "methods": "mlp,linear"}))
    assert composed == [[]]


def test_method_that_chooses_a_training_is_composed(study: Path, edit: Edit) -> None:
    fast = (study / "conf/training/default.yaml").read_text().replace("epochs: ", "epochs: 1")
    (study / "conf/training/fast.yaml").write_text(fast)
    entry = "[{name: hasty, method: mlp, overrides: [training=fast]}, cnn, linear]"
    edit("conf/config.yaml", "[mlp, cnn, linear]", entry)
    plan = make_plan()
    epochs = {method: plan.settings["digits", method].training["epochs"] for method in plan.methods}
    assert epochs["hasty"] != epochs["cnn"] == epochs["linear"]


def test_method_with_a_defaults_list_is_composed(study: Path) -> None:
    (study / "conf/method/wide.yaml").write_text("defaults:\n  - mlp\n  - _self_\nhidden: [256]\n")
    plan = make_plan(Selection.from_mapping({"methods": "wide"}))
    wide = plan.settings["digits", "wide"].method
    assert wide["hidden"] == [256]
    assert wide["_target_"].startswith("mushin.zoo.")


@pytest.mark.parametrize(
    "content",
    ["defaults: [mlp]\nwidth: 3\n", "# @package _global_\nmethod: {width: 3}\n", "[1, 2]\n", "a: {\n"],
)
def test_file_that_does_more_than_set_its_keys_is_not_plain(study: Path, content: str) -> None:
    (study / "conf/method/odd.yaml").write_text(content)
    conf = open_conf(Path("conf"))
    assert not is_plain(conf, "method", "odd")
    assert is_plain(conf, "method", "mlp")
    assert not is_plain(conf, "method", "absent")


def test_keys_that_config_yaml_sets_too_come_from_more_than_one_file(study: Path, edit: Edit) -> None:
    assert is_set_by_one_file(open_conf(Path("conf")), "data", CHOICES)
    assert not is_set_by_one_file(open_conf(Path("conf")), "data", {**CHOICES, "experiment": "quick"})
    assert not is_set_by_one_file(open_conf(Path("conf")), "training", CHOICES)
    edit("conf/config.yaml", "methods: [", "data: {num_classes: 5}\nmethods: [")
    assert not is_set_by_one_file(open_conf(Path("conf")), "data", CHOICES)
