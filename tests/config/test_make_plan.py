from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir

from mushin.config.make_plan import make_plan
from mushin.config.plan import CellName
from mushin.config.selection import Selection
from mushin.errors import ConfigError
from planned import faults, plan

Edit = Callable[[str, str, str], None]


def test_default_study_is_three_methods_on_digits(study: Path) -> None:
    found = plan()
    assert (found.datasets, found.methods, found.seeds) == (
        ("digits",),
        ("mlp", "cnn", "linear"),
        (0, 1, 2, 3, 4),
    )
    assert len(list(found.cells())) == 15
    assert CellName("digits", "mlp", 4) in found
    assert CellName("digits", "mlp", 5) not in found
    assert CellName("digits", "vit", 0) not in found


def test_interpolations_are_resolved_and_defaults_filled_in(study: Path) -> None:
    settings = plan().settings["digits", "mlp"]
    assert settings.method == {
        "_target_": "mushin.zoo.mlp.MLP",
        "fit": None,
        "input_shape": [1, 8, 8],
        "num_classes": 10,
        "hidden": [64],
    }
    assert settings.task["name"] == "classification"


def test_selection_narrows_the_study_in_the_order_given(study: Path) -> None:
    found = plan("methods=cnn,mlp", "seeds=[7, 3]")
    assert (found.methods, found.seeds) == (("cnn", "mlp"), (7, 3))


def test_overrides_win_over_experiment_and_files(study: Path) -> None:
    assert plan("experiment=quick").settings["digits", "mlp"].training["epochs"] == 1
    found = plan("experiment=quick", "overrides=training.epochs=5 training.optimizer.lr=0.5")
    assert found.settings["digits", "mlp"].training["epochs"] == 5
    assert found.settings["digits", "mlp"].training["optimizer"]["lr"] == 0.5
    assert found.results == "results/quick"


def test_override_sets_a_schema_key_that_the_file_leaves_out(study: Path) -> None:
    (study / "conf/training/default.yaml").write_text("epochs: 3\n")
    settings = plan("overrides=training.batch_size=8").settings["digits", "mlp"]
    assert settings.training["batch_size"] == 8
    assert settings.training["optimizer"]["_target_"] == "torch.optim.AdamW"


def test_group_choice_by_override_takes_another_file(study: Path) -> None:
    (study / "conf/training/long.yaml").write_text("epochs: 99\n")
    assert plan("overrides=training=long").settings["digits", "cnn"].training["epochs"] == 99


def test_variant_has_its_own_name_and_settings(study: Path, edit: Edit) -> None:
    variant = "[mlp, {name: wide, method: mlp, overrides: ['method.hidden=[256]', training.epochs=2]}]"
    edit("conf/config.yaml", "[mlp, cnn, linear]", variant)
    found = plan()
    assert found.methods == ("mlp", "wide")
    assert found.settings["digits", "wide"].method["hidden"] == [256]
    assert found.settings["digits", "wide"].training["epochs"] == 2
    assert found.settings["digits", "mlp"].method["hidden"] == [64]
    assert plan("methods=wide").methods == ("wide",)


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ("[training.epochs=0]", "conf/config.yaml: methods: short: overrides: training.epochs: 0 came; acc"),
        (
            "['method.hiden=[3]']",
            "conf/config.yaml: methods: short: overrides: method.hiden of method 'short'",
        ),
        ("[training=odd]", "conf/training/odd.yaml: epochs: -1 came; accepted: a number from 1"),
    ],
)
def test_fault_of_a_variant_is_blamed_on_its_overrides(
    study: Path, edit: Edit, overrides: str, expected: str
) -> None:
    (study / "conf/training/odd.yaml").write_text("epochs: -1\n")
    variant = f"{{name: short, method: mlp, overrides: {overrides}}}"
    edit("conf/config.yaml", "[mlp, cnn, linear]", f"[mlp, {variant}]")
    (line,) = faults("overrides=training.batch_size=8")
    assert line.startswith(expected)


def test_override_of_a_variant_stands_above_the_command_line(study: Path, edit: Edit) -> None:
    variant = "{name: short, method: mlp, overrides: [training.epochs=3, training.epochs=0]}"
    edit("conf/config.yaml", "[mlp, cnn, linear]", f"[mlp, {variant}]")
    (line,) = faults("overrides=training.epochs=5")
    assert line.startswith("conf/config.yaml: methods: short: overrides: training.epochs: 0 came")


def test_variants_of_the_same_fault_are_each_named(study: Path, edit: Edit) -> None:
    variants = [f"{{name: {name}, method: mlp, overrides: [training.epochs=0]}}" for name in "ab"]
    edit("conf/config.yaml", "[mlp, cnn, linear]", f"[{', '.join(variants)}]")
    assert [line.split(": ")[2] for line in faults()] == ["a", "b"]


@pytest.mark.parametrize("value", ["3", "digits", "{digits: 1}"])
def test_datasets_that_are_no_list_are_one_line(study: Path, edit: Edit, value: str) -> None:
    edit("conf/config.yaml", "methods: [", f"datasets: {value}\nmethods: [")
    (line,) = faults()
    assert line.startswith("conf/config.yaml: datasets: ")
    assert line.endswith(" came; accepted: a list, or null")


@pytest.mark.parametrize("group", ["training", "task"])
@pytest.mark.parametrize("device", ["cud", "gpu", "cuda:x", "cpu:1", ""])
def test_device_that_no_machine_has_is_refused(study: Path, group: str, device: str) -> None:
    (line,) = faults(f"overrides={group}.device='{device}'")
    assert f"{group}.device: {device!r} came; accepted: auto, cpu, cuda, cuda:N or mps" in line


def test_method_file_may_set_training_by_its_package(study: Path) -> None:
    (study / "conf/method/slow.yaml").write_text(
        "# @package _global_\n"
        "method: {_target_: mushin.zoo.linear.LinearClassifier, input_shape: [1, 8, 8], num_classes: 10}\n"
        "training: {epochs: 77}\n"
    )
    found = plan("methods=slow,mlp")
    assert found.settings["digits", "slow"].training["epochs"] == 77
    assert found.settings["digits", "mlp"].training["epochs"] == 30
    shortened = plan("methods=slow", "overrides=training.epochs=1")
    assert shortened.settings["digits", "slow"].training["epochs"] == 1


def test_method_file_may_not_touch_what_methods_share(study: Path) -> None:
    (study / "conf/method/cheat.yaml").write_text(
        "# @package _global_\n"
        "method: {_target_: mushin.zoo.linear.LinearClassifier, input_shape: [1, 8, 8], num_classes: 10}\n"
        "data: {test_fraction: 0.01}\n"
    )
    assert faults("methods=cheat") == [
        "conf/method/cheat.yaml: data: a method sets only 'method' and 'training'"
    ]


def test_several_data_sets_give_each_method_their_own_facts(study: Path) -> None:
    found = plan("experiment=tabular")
    assert found.datasets == ("breast_cancer", "wine")
    assert found.settings["wine", "mlp"].method["input_shape"] == [13]
    assert found.settings["breast_cancer", "mlp"].method["input_shape"] == [30]
    assert found.results == "results/tabular"


def test_same_settings_give_the_same_texts_whatever_order_and_comments(study: Path, edit: Edit) -> None:
    before = plan().settings["digits", "mlp"].texts
    edit(
        "conf/training/default.yaml", "epochs: 30\nbatch_size: 64\n", "# a note\nbatch_size: 64\nepochs: 30\n"
    )
    edit("conf/data/digits.yaml", "test_fraction: 0.3", "test_fraction: 0.30")
    assert plan().settings["digits", "mlp"].texts == before


def test_every_fault_is_reported_together(study: Path, edit: Edit) -> None:
    edit("conf/config.yaml", "[0, 1, 2, 3, 4]", "[0, 3, 3, -1, x]")
    edit("conf/training/default.yaml", "epochs: 30", "epohcs: 30")
    edit("conf/training/default.yaml", "batch_size: 64", "batch_size: 1.5")
    edit("conf/training/default.yaml", "amp: false", "amp: 7")
    edit("conf/stats/default.yaml", "alpha: 0.05", "alpha: 5")
    edit("conf/stats/default.yaml", "test: welch", "test: welsh")
    edit("conf/method/mlp.yaml", "hidden: [64]", "hiden: [64]")
    edit("conf/method/cnn.yaml", "mushin.zoo.cnn.CNN", "mushin.zoo.cnn.CMN")
    edit("conf/data/digits.yaml", "num_classes: 10", "num_classes: ten")
    text = "\n".join(faults("overrides=training.epochs=0"))
    for expected in (
        "conf/config.yaml: seeds: 3 appears twice; list each seed once",
        "conf/config.yaml: seeds: -1 came; accepted: whole numbers from 0 to 4294967295",
        "conf/config.yaml: seeds: 'x' came; accepted: whole numbers",
        "conf/training/default.yaml: epohcs: unknown key; did you mean 'epochs'? accepted: amp, ",
        "conf/training/default.yaml: batch_size: 1.5 came; accepted: a whole number",
        "conf/training/default.yaml: amp: 7 came; accepted: true or false",
        "command line: overrides: training.epochs: 0 came; accepted: a number from 1",
        "conf/stats/default.yaml: alpha: 5 came; accepted: a number above 0 and below 1",
        "conf/stats/default.yaml: test: 'welsh' came; accepted: ",
        "did you mean 'welch'?",
        "conf/method/mlp.yaml: hiden: mushin.zoo.mlp.MLP does not take it; did you mean 'hidden'?",
        "conf/method/cnn.yaml: _target_: 'mushin.zoo.cnn.CMN' does not exist: module 'mushin.zoo.cnn' has no"
        " 'CMN'; did you mean 'CNN'?",
        "conf/data/digits.yaml: num_classes: 'ten' came; accepted: a whole number, or null",
    ):
        assert expected in text


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["methods=mpl"], "'mpl' is unknown (no file conf/method/mpl.yaml); did you mean 'mlp'?"),
        (["methods=../x"], "'../x' is not a name; accepted: letters, digits"),
        (["methods=a b"], "'a b' is not a name"),
        (["methods=null"], "'null' means something else to YAML"),
        (["methods=nearest"], "'nearest' is a keyword of xarray's sel(method=...)"),
        (["methods=mlp,mlp"], "'mlp' appears twice; list each method once"),
        (["methods="], ""),
        (["seeds=1.5"], "'1.5' came; accepted: whole numbers"),
        (["seeds=4294967296"], "accepted: whole numbers from 0 to 4294967295"),
        (["datasets=digist"], "no file conf/data/digist.yaml; did you mean 'digits'?"),
        (["experiment=quik"], "no file conf/experiment/quik.yaml; did you mean 'quick'?"),
        (["metods=mlp"], "command line: metods: unknown key; did you mean 'methods'?"),
        (["mlp"], "'mlp' is no KEY=VALUE; accepted: experiment=…"),
        (["seeds=1", "seeds=2"], "command line: seeds: given twice"),
        (["results=a b"], "results: 'a b' came; accepted: a folder"),
        (
            ["overrides=+training.epochs=5"],
            "'+training.epochs=5' adds or removes a key, so a typo would pass",
        ),
        (["overrides=~training.epochs"], "adds or removes a key"),
        (["overrides=training.epochs"], "'training.epochs' is no override; accepted: key=value"),
        (["overrides=trainig.epochs=5"], "'trainig.epochs=5' is unknown; did you mean 'training'?"),
        (["overrides=training.epohcs=5"], "training.epohcs: unknown key; did you mean 'epochs'?"),
        (["overrides=training.optimizer.lrr=5"], "training.optimizer.lrr: unknown key; did you mean 'lr'?"),
        (["overrides=training=quick"], "'quick' has no file conf/training/quick.yaml"),
        (["overrides=training.epochs=1,2"], "lists several values; write a list as training.epochs=[a,b]"),
        (["overrides=method=mlp"], "selects; write methods=… beside overrides=…"),
        (["overrides=seeds=[1]"], "selects; write seeds=… beside overrides=…"),
        (["overrides=method.hidden=[3]"], "method.hidden of method 'cnn': unknown key"),
        (["overrides=stats.baseline=mpl"], "baseline: 'mpl' is no method of the study"),
        (["datasets=digits", "overrides=data=wine"], "data=… has no effect beside datasets"),
    ],
)
def test_each_mistake_on_the_command_line_is_one_clear_line(
    study: Path, arguments: list[str], expected: str
) -> None:
    if arguments == ["methods="]:
        assert plan(*arguments).methods == ("mlp", "cnn", "linear")
        return
    lines = faults(*arguments)
    assert any(expected in line for line in lines), lines
    assert all(line.startswith("command line") for line in lines)


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        (
            "conf/config.yaml",
            "seeds:",
            "sedes:",
            "conf/config.yaml: sedes: unknown key; did you mean 'seeds'?",
        ),
        ("conf/config.yaml", "  - stats: default\n", "", "conf/config.yaml: defaults: no stats is chosen"),
        (
            "conf/config.yaml",
            "[mlp, cnn, linear]",
            "[mlp, on]",
            "conf/config.yaml: methods: True is not a name",
        ),
        ("conf/config.yaml", "[mlp, cnn, linear]", "[mlp, 1]", "conf/config.yaml: methods: 1 is not a name"),
        (
            "conf/config.yaml",
            "[mlp, cnn, linear]",
            "[{name: a}]",
            "has no method; accepted: {name, method, over",
        ),
        ("conf/config.yaml", "[mlp, cnn, linear]", "[]", "methods: the study has no method; available: cnn"),
        ("conf/config.yaml", "[mlp, cnn, linear]", "[mlp, MLP]", "differs from 'mlp' only in case"),
        ("conf/config.yaml", "[0, 1, 2, 3, 4]", "[true]", "conf/config.yaml: seeds: True came"),
        ("conf/config.yaml", "[0, 1, 2, 3, 4]", "[]", "conf/config.yaml: seeds: no usable seed"),
        (
            "conf/config.yaml",
            "data: digits",
            "data: nope",
            "data: 'nope' has no file conf/data/nope.yaml; avail",
        ),
        (
            "conf/method/mlp.yaml",
            "hidden: [64]",
            "hidden: [64",
            "conf/method/mlp.yaml: line 6, column 1: not valid",
        ),
        (
            "conf/method/mlp.yaml",
            "${data.num_classes}",
            "${data.classes}",
            "'${data.classes}' cannot be resolved",
        ),
        ("conf/method/mlp.yaml", "[64]", "${now:%H}", "'${now:%H}' differs from run to run"),
        (
            "conf/method/mlp.yaml",
            "_target_: mushin.zoo.mlp.MLP",
            "",
            "conf/method/mlp.yaml: _target_: is missing",
        ),
        (
            "conf/method/mlp.yaml",
            "mushin.zoo.mlp.MLP",
            "nowhere.mlp.MLP",
            "there is no module 'nowhere' here",
        ),
        ("conf/method/mlp.yaml", "mushin.zoo.mlp.MLP", "mushin.zoo.mpl.MLP", "did you mean 'mlp'?"),
        ("conf/method/mlp.yaml", "mushin.zoo.mlp.MLP", "mushin.zoo.mlp", "names a module; accepted: package"),
        (
            "conf/method/mlp.yaml",
            "mushin.zoo.mlp.MLP",
            "3",
            "conf/method/mlp.yaml: _target_: 3 came; accepted: text",
        ),
        (
            "conf/data/digits.yaml",
            "[1, 8, 8]",
            "[1, 0]",
            "input_shape: [1, 0] came; accepted: a list of numbers",
        ),
        ("conf/data/digits.yaml", "split_seed", "splt_seed", "did you mean 'split_seed'?"),
        ("conf/task/classification.yaml", "name: classification", "name: clasification", "'classification'?"),
        ("conf/stats/default.yaml", "alpha: 0.05", "alpha: high", "alpha: 'high' came; accepted: a number"),
        (
            "conf/experiment/quick.yaml",
            "epochs: 1",
            "epochs: -1",
            "conf/experiment/quick.yaml: training.epochs: -1",
        ),
    ],
)
def test_each_mistake_in_a_file_is_one_line_with_file_and_key(
    study: Path, edit: Edit, name: str, old: str, new: str, expected: str
) -> None:
    edit(name, old, new)
    lines = faults(*(["experiment=quick"] if "experiment" in name else []))
    assert any(expected in line for line in lines), lines
    assert all(line.startswith("conf/") for line in lines), lines


def test_selected_method_that_is_no_name_is_named(study: Path) -> None:
    with pytest.raises(ConfigError, match=r"methods: \{'a': 1\} is not a name"):
        make_plan(Selection.from_mapping({"methods": {"a": 1}}))


def test_missing_conf_says_where_to_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert faults() == ["conf: no such folder; run this where conf/ is, or name it with --conf"]
    (tmp_path / "conf").mkdir()
    assert faults() == ["conf/config.yaml: no such file; every study begins there"]


def test_planning_works_inside_a_hydra_application(study: Path) -> None:
    (study / "other").mkdir()
    (study / "other/app.yaml").write_text("x: 1\n")
    with initialize_config_dir(str(study / "other"), version_base="1.3"):
        assert plan().methods == ("mlp", "cnn", "linear")
        assert compose("app").x == 1


def test_data_config_that_is_no_mapping_is_named(study: Path) -> None:
    (study / "conf/stats/default.yaml").write_text("- welch\n")
    assert any("stats" in line for line in faults())


def test_override_of_a_resource_leaves_the_others_and_causes_no_rerun(study: Path) -> None:
    found = plan("overrides=resources.train.time_limit=30 resources.warm_workers=false")
    assert found.resources["train"] == {"mem_mb": 2000, "runtime": 60, "gpu": 0, "time_limit": 30}
    assert found.resources["evaluate"] == plan().resources["evaluate"]
    assert (found.resources["warm_workers"], plan().resources["warm_workers"]) == (False, True)
    assert found.dependencies == plan().dependencies


def test_override_of_an_unknown_resource_is_refused(study: Path) -> None:
    assert "resources.train.memory: unknown key" in str(faults("overrides=resources.train.memory=3"))
