from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from mushin.config.make_plan import make_plan
from mushin.config.plan import Settings
from mushin.config.selection import Selection
from mushin.errors import ConfigError


def settings(study: Path, yaml: str, *arguments: str) -> Settings:
    (study / "own.py").write_text("def predict(data, *, seed, k=1): ...\n")
    (study / "conf/method/own.yaml").write_text(dedent(yaml))
    return make_plan(Selection.from_arguments(["methods=own", *arguments])).settings["digits", "own"]


def faults(study: Path, yaml: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        settings(study, yaml)
    return [line.removeprefix("conf/method/own.yaml: ") for line in str(caught.value).splitlines()]


def test_settings_of_a_model_do_not_mention_predict(study: Path) -> None:
    """Otherwise every study that ran before the key existed would run again."""
    found = settings(study, "_target_: own.predict\npredict: null\n")
    assert found.method == {"_target_": "own.predict", "fit": None}
    assert not found.leaves_predictions


def test_settings_of_predictions_have_no_target_of_their_own(study: Path) -> None:
    found = settings(study, "predict: {_target_: own.predict, k: 3}\n", "overrides=method.predict.k=5")
    assert found.method == {"fit": None, "predict": {"_target_": "own.predict", "k": 5}}
    assert found.leaves_predictions
    assert "own.predict" in found.sources["method"]


@pytest.mark.parametrize(
    ("yaml", "expected"),
    [
        ("{}\n", ["_target_: is missing; Dotted path of the callable"]),
        ("predict: null\n", ["_target_: is missing"]),
        (
            "_target_: own.predict\npredict: {_target_: own.predict}\n",
            ["predict: stands beside _target_; a method has one of the two"],
        ),
        (
            "predict: {_target_: own.predict}\nk: 3\nfit: {_target_: own.predict}\n",
            [
                "k: is an argument of no callable; settings of predict go inside it, as 'predict: {k: …}'",
                "fit: trains the model of a _target_",
            ],
        ),
        ("predict: {k: 3}\n", ["predict: has no _target_; name the callable predict(data, *, seed"]),
        ("predict: own.predict\n", ["predict: 'own.predict' came; accepted: a mapping with _target_"]),
        ("predict: {_target_: own.predcit}\n", ["predict._target_: 'own.predcit' does not exist"]),
        ("predict: {_target_: own.predict, K: 3}\n", ["predict.K: own.predict does not take it"]),
        ("predict: {_target_: own.predict, seed: 3}\n", ["predict.seed: is what mushin passes"]),
        ("predict: {_target_: own.predict, data: 3}\n", ["predict.data: is what mushin passes"]),
    ],
)
def test_method_has_one_of_target_and_predict(study: Path, yaml: str, expected: list[str]) -> None:
    found = faults(study, yaml)
    assert len(found) == len(expected), found
    for part in expected:
        assert any(line.startswith(part) for line in found), found
