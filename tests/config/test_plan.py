from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mushin.config.plan import CellName, Plan, Settings, canonical_json, digest
from mushin.config.targets import clear_caches
from mushin.layout import cell_folder, run_file

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(), children, max_size=4),
    max_leaves=15,
)


def plan(**changes: Any) -> Plan:
    one = Settings(data={}, method={}, training={})
    facts: dict[str, Any] = {
        "datasets": ("wine", "digits"),
        "methods": ("mlp", "cnn"),
        "seeds": (3, 0),
        "settings": {(d, m): one for d in ("wine", "digits") for m in ("mlp", "cnn")},
        "stats": {},
        "resources": {},
        "results": "results/tabular",
    }
    return Plan(**{**facts, **changes})


def test_cells_come_in_the_order_of_the_study() -> None:
    assert [str(cell) for cell in plan().cells()] == [
        "wine/mlp/3",
        "wine/mlp/0",
        "wine/cnn/3",
        "wine/cnn/0",
        "digits/mlp/3",
        "digits/mlp/0",
        "digits/cnn/3",
        "digits/cnn/0",
    ]


@pytest.mark.parametrize("group", ["data", "method", "training", "task"])
def test_merged_results_depend_on_the_settings_of_every_cell(group: str) -> None:
    changed = Settings(**{"data": {}, "method": {}, "training": {}, group: {"lr": 0.1}})
    other = {**plan().settings, ("digits", "cnn"): changed}
    assert plan(settings=other).dependencies != plan().dependencies
    assert plan(stats={"alpha": 0.1}, resources={"train": {"gpu": 1}}).dependencies == plan().dependencies


@pytest.mark.parametrize(
    "cell", [CellName("iris", "mlp", 0), CellName("wine", "vit", 0), CellName("wine", "mlp", 1)]
)
def test_plan_contains_its_own_cells_only(cell: CellName) -> None:
    assert all(own in plan() for own in plan().cells())
    assert cell not in plan()


def test_every_cell_has_a_folder_of_its_own() -> None:
    study = plan()
    folders = [cell_folder(study.folder, cell) for cell in study.cells()]
    assert len(set(folders)) == len(folders)
    assert folders[0] == Path("results/tabular/wine/mlp/3")
    assert run_file(folders[0], "train").name == "run.train.json"


def test_texts_open_with_their_group_and_hold_its_settings() -> None:
    found = Settings(
        data={"b": 1, "a": [None, 0.1]}, method={"_target_": "m.f"}, training={}, task={"name": "κ"}
    )
    assert found.texts == {
        "data": 'data={"a":[null,0.1],"b":1}',
        "method": 'method={"_target_":"m.f"}',
        "training": "training={}",
        "task": 'task={"name":"κ"}',
    }


def test_sources_are_those_of_every_target_and_of_the_predict_function(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    clear_caches()
    (tmp_path / "own.py").write_text("def build(): ...\ndef fit(): ...\ndef ask(): ...\n")
    found = Settings(
        data={"_target_": "json.loads"},
        method={"_target_": "own.build", "fit": {"_target_": "own.fit"}},
        training={"optimizer": {"_target_": "torch.optim.AdamW"}},
        task={"predict_fn": "own.ask"},
    )
    assert found.sources["data"] == "data.source={}"
    assert found.sources["training"] == "training.source={}"
    assert json.loads(found.sources["method"].partition("=")[2]).keys() == {"own.build", "own.fit"}
    assert json.loads(found.sources["task"].partition("=")[2]).keys() == {"own.ask"}


@settings(derandomize=True, deadline=None)
@given(VALUES)
def test_canonical_text_reads_back_as_the_same_value(value: Any) -> None:
    assert json.loads(canonical_json(value)) == value


@settings(derandomize=True, deadline=None)
@given(st.dictionaries(st.text(), VALUES), st.randoms(use_true_random=False))
def test_canonical_text_does_not_depend_on_key_order(value: dict[str, Any], random: Any) -> None:
    items = list(value.items())
    random.shuffle(items)
    assert canonical_json(dict(items)) == canonical_json(value)


def test_digest_is_short_stable_and_of_the_text() -> None:
    assert digest("mushin") == digest("mushin")
    assert digest("mushin") != digest("mushin ")
    assert digest("") == "e3b0c44298fc1c14"  # The SHA-256 of nothing, FIPS 180-4.
