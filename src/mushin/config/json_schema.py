"""Write the JSON schemas with which editors complete and check the files of conf/.

``python -m mushin.config.json_schema workflow/schemas`` writes them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import Field, fields, is_dataclass
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from omegaconf import MISSING, OmegaConf

from mushin.config.schema import GROUPS, MAX_SEED, StudyConfig, Variant
from mushin.files import write_text

_DRAFT = "http://json-schema.org/draft-07/schema#"
_NAMES: dict[type, str] = {
    int: "integer",
    float: "number",
    str: "string",
    bool: "boolean",
    type(None): "null",
}
_INTERPOLATION = {"type": "string", "pattern": r"\$\{.+\}"}


def make_schemas() -> dict[str, dict[str, Any]]:
    """Return file name → JSON schema, one per group and one for the top level and experiments.

    Examples
    --------
    >>> make_schemas()["stats.schema.json"]["properties"]["alpha"]["anyOf"][0]["exclusiveMaximum"]
    1
    """
    schemas = {f"{group}.schema.json": _document(_object(schema), schema) for group, schema in GROUPS.items()}
    study = _object(StudyConfig)
    study["properties"] |= {
        "defaults": {"type": "array", "description": "The options of the groups that make up the study."},
        "methods": _methods(study["properties"]["methods"]),
        "seeds": _seeds(study["properties"]["seeds"]),
        **{
            group: {"description": schema.__doc__, **_object(schema), "required": []}
            for group, schema in GROUPS.items()
        },
    }
    schemas["config.schema.json"] = _document(study, StudyConfig)
    return schemas


def write_schemas(folder: Path) -> list[Path]:
    """Write every schema to `folder` and return the paths."""
    paths = []
    for name, schema in sorted(make_schemas().items()):
        path = folder / name
        write_text(path, json.dumps(schema, indent=2, ensure_ascii=False) + "\n")
        paths.append(path)
    return paths


def _document(schema: dict[str, Any], source: type) -> dict[str, Any]:
    document = {"$schema": _DRAFT, "title": str(source.__doc__), **schema}
    alternatives = getattr(source, "ALTERNATIVES", ())
    if alternatives:
        document["oneOf"] = [{"required": [name]} for name in alternatives]
    return document


def _object(schema: type) -> dict[str, Any]:
    defaults = OmegaConf.to_container(OmegaConf.structured(schema), resolve=False)
    assert isinstance(defaults, dict)
    hints = get_type_hints(schema)
    properties = {
        option.name: _property(option, hints[option.name], defaults[option.name]) for option in fields(schema)
    }
    chosen_from = getattr(schema, "ALTERNATIVES", ())
    required = [name for name, value in defaults.items() if value == MISSING and name not in chosen_from]
    is_open = bool(getattr(schema, "OPEN", False))
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": is_open,
    }


def _property(option: Field[Any], hint: Any, default: Any) -> dict[str, Any]:
    described: dict[str, Any] = {"description": option.metadata["help"]}
    if isinstance(hint, type) and is_dataclass(hint):
        return {**described, **_object(hint)}
    if default != MISSING:
        described["default"] = default
    kinds = option.metadata["kinds"] or [_kind(part, option.metadata) for part in _alternatives(hint)]
    typed = ("integer", "number", "boolean", "array")
    if any(kind.get("type") in typed or "pattern" in kind for kind in kinds):
        kinds = [*kinds, _INTERPOLATION]
    return {**described, "anyOf": kinds} if len(kinds) > 1 else {**described, **kinds[0]}


def _alternatives(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if type(None) in get_args(hint) else (hint,)


def _kind(hint: Any, metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Translate one annotation, with the limits of its key."""
    if get_origin(hint) is list:
        item = get_args(hint)[0]
        items = {"type": _NAMES[item]} if item in _NAMES else {}
        if metadata.get("items_minimum") is not None:
            items["minimum"] = metadata["items_minimum"]
        return {"type": "array", "items": items}
    if get_origin(hint) is dict:
        return {"type": "object"}
    kind: dict[str, Any] = {"type": _NAMES[hint]}
    if hint in (int, float):
        kind |= metadata.get("limits", {})
    if hint is str and metadata.get("choices"):
        kind["enum"] = list(metadata["choices"])
    if hint is str and metadata.get("pattern"):
        kind["pattern"] = f"^({metadata['pattern']})$"
    return kind


def _methods(described: dict[str, Any]) -> dict[str, Any]:
    entry = {"anyOf": [{"type": "string"}, _object(Variant)]}
    return {
        "description": described["description"],
        "type": "array",
        "items": entry,
        "minItems": 1,
        "uniqueItems": True,
    }


def _seeds(described: dict[str, Any]) -> dict[str, Any]:
    seed = {"type": "integer", "minimum": 0, "maximum": MAX_SEED}
    return {
        "description": described["description"],
        "type": "array",
        "items": seed,
        "minItems": 1,
        "uniqueItems": True,
    }


if __name__ == "__main__":
    for written in write_schemas(Path(sys.argv[1])):
        print(f"wrote {written}")
