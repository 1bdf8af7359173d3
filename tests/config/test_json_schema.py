from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from mushin.config.json_schema import make_schemas, write_schemas
from mushin.config.schema import GROUPS

REPOSITORY = Path(__file__).parents[2]
FILES = sorted((REPOSITORY / "conf").rglob("*.yaml"))


def errors(schema: str, content: Any) -> list[str]:
    found = Draft7Validator(make_schemas()[schema]).iter_errors(content)
    return [f"{'.'.join(map(str, error.path))}: {error.message}" for error in found]


def schema_of(file: Path) -> str:
    folder = file.parent.name
    return f"{folder}.schema.json" if folder in GROUPS else "config.schema.json"


def test_committed_schemas_are_up_to_date() -> None:
    folder = REPOSITORY / "workflow/schemas"
    committed = {file.name: json.loads(file.read_text(encoding="utf-8")) for file in folder.glob("*.json")}
    assert committed == make_schemas(), (
        "the schemas are stale; run 'make schemas' and commit workflow/schemas"
    )


def test_schemas_are_valid_and_have_one_file_per_group() -> None:
    schemas = make_schemas()
    assert schemas.keys() == {f"{name}.schema.json" for name in (*GROUPS, "config")}
    for schema in schemas.values():
        Draft7Validator.check_schema(schema)
        assert schema["title"]


def test_writing_twice_gives_the_same_files(tmp_path: Path) -> None:
    first = {path.name: path.read_bytes() for path in write_schemas(tmp_path)}
    assert first == {path.name: path.read_bytes() for path in write_schemas(tmp_path)}
    assert list(tmp_path.glob(".*")) == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(REPOSITORY).as_posix())
def test_every_file_of_conf_is_valid_and_names_its_schema(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert errors(schema_of(file), yaml.safe_load(text)) == []
    line = next(line for line in text.splitlines() if "yaml-language-server" in line)
    named = file.parent / line.partition("$schema=")[2]
    assert named.resolve() == REPOSITORY / "workflow/schemas" / schema_of(file)


@pytest.mark.parametrize(
    ("schema", "content"),
    [
        ("stats", {"alpha": "${oc.env:ALPHA}"}),
        ("stats", {}),
        ("training", {"scheduler": None, "threads": 4}),
        ("method", {"_target_": "a.b", "width": 3, "fit": {"_target_": "c.d"}}),
        ("data", {"_target_": "a.b", "num_classes": 2, "ignore_index": -1, "root": "/data"}),
        ("task", {"name": "segmentation", "predict_fn": "a.b"}),
        ("task", {"device": "cuda:1"}),
        ("training", {"device": "${oc.env:DEVICE}"}),
        ("config", {"methods": [{"name": "wide", "method": "mlp", "overrides": ["method.width=3"]}]}),
        ("config", {"resources": {"train": {"gpu": 1}}, "training": {"epochs": 3}, "seeds": [0, 2**32 - 1]}),
    ],
)
def test_what_the_plan_accepts_is_accepted(schema: str, content: dict[str, Any]) -> None:
    assert errors(f"{schema}.schema.json", content) == []


@pytest.mark.parametrize(
    ("schema", "content", "key"),
    [
        ("stats", {"alpha": 5}, "alpha"),
        ("stats", {"alpha": 0}, "alpha"),
        ("stats", {"alpha": "high"}, "alpha"),
        ("stats", {"test": "welsh"}, "test"),
        ("stats", {"correction": "bonferoni"}, "correction"),
        ("stats", {"family": "study"}, "family"),
        ("stats", {"alfa": 0.05}, ""),
        ("training", {"epohcs": 5}, ""),
        ("training", {"epochs": 0}, "epochs"),
        ("training", {"epochs": 1.5}, "epochs"),
        ("training", {"amp": 7}, "amp"),
        ("training", {"optimizer": "adam"}, "optimizer"),
        ("training", {"device": "gpu"}, "device"),
        ("training", {"device": "cuda:1x"}, "device"),
        ("data", {"num_classes": 3}, ""),
        ("data", {"_target_": "a.b", "num_classes": 1}, "num_classes"),
        ("data", {"_target_": "a.b", "input_shape": [1, 0]}, "input_shape"),
        ("method", {"width": 3}, ""),
        ("task", {"name": "clasification"}, "name"),
        ("config", {"sedes": [0]}, ""),
        ("config", {"seeds": []}, "seeds"),
        ("config", {"seeds": [0, 0]}, "seeds"),
        ("config", {"seeds": [-1]}, "seeds.0"),
        ("config", {"seeds": [2**32]}, "seeds.0"),
        ("config", {"methods": ["mlp", "mlp"]}, "methods"),
        ("config", {"methods": [{"name": "wide"}]}, "methods.0"),
        ("config", {"resources": {"train": {"mem": 3}}}, "resources.train"),
        ("config", {"resources": {"train": {"time_limit": 0}}}, "resources.train.time_limit"),
        ("config", {"training": {"epohcs": 3}}, "training"),
    ],
)
def test_usual_mistake_is_marked_at_its_key(schema: str, content: dict[str, Any], key: str) -> None:
    found = errors(f"{schema}.schema.json", content)
    assert [error for error in found if error.startswith((f"{key}:", f"{key}."))], found


def test_every_key_says_what_it_means() -> None:
    for schema in make_schemas().values():
        assert all(described["description"] for described in schema["properties"].values())
