"""Check one group of a resolved configuration against its schema."""

from __future__ import annotations

import copy
import functools
import math
import re
from collections.abc import Mapping
from dataclasses import Field, fields, is_dataclass
from typing import Any, get_type_hints

from omegaconf import MISSING, DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from mushin.config.alternatives import unchosen_alternatives
from mushin.config.faults import Faults, Origin
from mushin.config.resolve import missing_in
from mushin.config.targets import HYDRA_KEYS, Target, find_target
from mushin.errors import ConfigError, did_you_mean

_WORDS = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "str": "text",
    "list[int]": "a list of whole numbers",
    "list[Any]": "a list",
    "list[str]": "a list of texts",
    "dict[str, Any]": "a mapping with _target_",
    "dict[str, float]": "a mapping of names to numbers",
}


def check_group(
    values: Mapping[str, Any], schema: type, origin: Origin, faults: Faults, prefix: str = ""
) -> dict[str, Any]:
    """Fill in the defaults of a group, and note every key that its schema does not accept.

    Parameters
    ----------
    values : mapping
        The group after composition and interpolation.
    schema : dataclass type
        One of `mushin.config.schema`. With ``OPEN`` other keys are arguments of the callable.
    origin : callable
        Where a key was set, for messages.
    faults : Faults
        Collects the faults.
    prefix : str
        Where a nested schema stands within its group.

    Returns
    -------
    dict
        Every key of the schema with its value or default, less the alternatives that were not chosen and the
        silent keys at their default, and an open schema's other keys.
    """
    known = {option.name: option for option in fields(schema)}
    is_open = getattr(schema, "OPEN", False)
    checked: dict[str, Any] = {}
    for key, value in values.items():
        where, shown = origin(prefix + str(key))
        if key in known:
            checked[key] = _check_value(known[key], schema, value, origin, faults, prefix)
        elif is_open:
            checked[str(key)] = value
        else:
            faults.add_unknown_key(where, shown, known)
    left_out = unchosen_alternatives(checked, schema)
    defaults = schema_defaults(schema)
    for name, option in known.items():
        if name not in checked and name not in left_out:
            checked[name] = defaults[name]
            if checked[name] == MISSING:
                where, shown = origin(prefix + name)
                faults.add(where, shown, f"is missing; {option.metadata['help']}")
    left_out = left_out | {
        name
        for name, option in known.items()
        if option.metadata.get("silent") and checked.get(name) == defaults[name]
    }
    return {key: value for key, value in checked.items() if key not in left_out}


def check_targets(group: Mapping[str, Any], schema: type, origin: Origin, faults: Faults) -> None:
    """Note every ``_target_`` of a group that cannot be found or does not take the keys beside it.

    A key that is the dotted path of a callable must be found as well.
    """
    for option in fields(schema):
        if option.metadata.get("is_path") and isinstance(group.get(option.name), str):
            _find(group[option.name], *origin(option.name), faults)
    own = {option.name for option in fields(schema)} - {"_target_"}
    _check_call({key: value for key, value in group.items() if key not in own}, origin, faults, "")
    for key in own & set(group):
        _check_calls(group[key], origin, faults, f"{key}.")


def _check_calls(node: Any, origin: Origin, faults: Faults, prefix: str) -> None:
    if isinstance(node, list):
        for index, item in enumerate(node):
            _check_calls(item, origin, faults, f"{prefix}{index}.")
    elif isinstance(node, Mapping):
        _check_call(node, origin, faults, prefix)


def _check_call(node: Mapping[str, Any], origin: Origin, faults: Faults, prefix: str) -> None:
    if node.get("_target_") not in (None, MISSING):
        _check_target(node, origin, faults, prefix)
    for key, value in node.items():
        _check_calls(value, origin, faults, f"{prefix}{key}.")


def _check_target(node: Mapping[str, Any], origin: Origin, faults: Faults, prefix: str) -> None:
    target = _find(node["_target_"], *origin(f"{prefix}_target_"), faults)
    if target is None or target.keywords is None:
        return
    for key in node:
        if key not in target.keywords and key not in HYDRA_KEYS:
            where, shown = origin(f"{prefix}{key}")
            hint = did_you_mean(str(key), target.keywords) or ";"
            accepted = ", ".join(target.keywords) or "no argument"
            faults.add(where, shown, f"{target.path} does not take it{hint} accepted: {accepted}")


def _find(path: Any, where: str, shown: str, faults: Faults) -> Target | None:
    """Find a dotted path; note a fault and return None where there is nothing."""
    if path == MISSING:
        return None
    try:
        return find_target(path)
    except ConfigError as error:
        faults.add(where, shown, str(error))
        return None


def schema_defaults(schema: type) -> dict[str, Any]:
    """Return the defaults of a schema, ``"???"`` where a key has none."""
    return copy.deepcopy(_defaults(schema))


@functools.cache
def _defaults(schema: type) -> dict[str, Any]:
    node = OmegaConf.to_container(_structured(schema), resolve=False)
    assert isinstance(node, dict)
    return {str(name): value for name, value in node.items()}


@functools.cache
def _structured(schema: type) -> DictConfig:
    """Return the schema as OmegaConf holds it. It is shared: merge from it, never into it."""
    structured: DictConfig = OmegaConf.structured(schema)
    return structured


@functools.cache
def _kinds(schema: type) -> dict[str, Any]:
    return get_type_hints(schema)


def _check_value(
    option: Field[Any], schema: type, value: Any, origin: Origin, faults: Faults, prefix: str
) -> Any:
    """Convert one value as OmegaConf does, and hold it against the limits of its key."""
    if value == MISSING:  # Noted where it was resolved.
        return value
    where, shown = origin(prefix + option.name)
    kind = _kinds(schema)[option.name]
    if isinstance(kind, type) and is_dataclass(kind):
        if not isinstance(value, Mapping):
            faults.add(where, shown, f"{value!r} came; accepted: a mapping of keys to values")
            return value
        return check_group(value, kind, origin, faults, f"{prefix}{option.name}.")
    if any(missing_in(value)):
        return value
    try:
        merged = OmegaConf.merge(_structured(schema), {option.name: value})
        converted = OmegaConf.to_container(merged, resolve=False)[option.name]  # type: ignore[call-overload, index]
    except OmegaConfBaseException:
        faults.add(where, shown, f"{value!r} came; accepted: {_describe(option.type)}")
        return value
    if _is_lossy(value, converted):
        faults.add(where, shown, f"{value!r} came; accepted: {_describe(option.type)}")
        return value
    problem = _broken_limit(option, converted)
    if problem:
        faults.add(where, shown, f"{value!r} came; accepted: {problem}")
    return converted


def _is_lossy(value: Any, converted: Any) -> bool:
    """Tell whether OmegaConf changed a value, as 1.5 to 1 or 7 to true, beyond reading a number from text."""
    if isinstance(value, str) or value is converted or value != value:
        return False
    return isinstance(value, bool) != isinstance(converted, bool) or bool(value != converted)


def _describe(annotation: Any) -> str:
    text = str(annotation).removeprefix("<class '").removesuffix("'>")
    base = text.replace(" | None", "")
    word = _WORDS.get(base, base)
    return f"{word}, or null" if text != base else word


def _broken_limit(option: Field[Any], value: Any) -> str | None:
    """Return what a key accepts if `value` is outside its limits."""
    limits: Mapping[str, float] = option.metadata.get("limits", {})
    choices, pattern = option.metadata.get("choices"), option.metadata.get("pattern")
    if choices is not None and value not in choices:
        return f"{', '.join(choices)}{did_you_mean(str(value), choices)}"
    if pattern is not None and isinstance(value, str) and not re.fullmatch(pattern, value):
        return str(option.metadata["help"]).rstrip(".")
    items_minimum = option.metadata.get("items_minimum")
    if items_minimum is not None and isinstance(value, list):
        return None if value and min(value) >= items_minimum else f"a list of numbers from {items_minimum} on"
    if value is None or not limits:
        return None
    if not isinstance(value, int | float):
        return describe_limits(limits)
    if not math.isfinite(value):
        return describe_limits(limits).replace("a number", "a finite number")
    within = {
        "minimum": lambda bound: value >= bound,
        "maximum": lambda bound: value <= bound,
        "exclusiveMinimum": lambda bound: value > bound,
        "exclusiveMaximum": lambda bound: value < bound,
    }
    if all(within[name](bound) for name, bound in limits.items()):
        return None
    return describe_limits(limits)


def describe_limits(limits: Mapping[str, float]) -> str:
    """Say in words what limits a number has.

    Examples
    --------
    >>> describe_limits({"exclusiveMinimum": 0, "exclusiveMaximum": 1})
    'a number above 0 and below 1'
    """
    words = {"minimum": "from", "maximum": "up to", "exclusiveMinimum": "above", "exclusiveMaximum": "below"}
    return "a number " + " and ".join(f"{words[name]} {bound:g}" for name, bound in limits.items())
