"""Resolve the interpolations of one group, and refuse what is missing, not text or not deterministic."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping
from typing import Any

from omegaconf import MISSING, DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from mushin.config.faults import Faults, Origin

_UNSTABLE = re.compile(r"\$\{\s*(now|hydra)\b")


def resolve(group: str, context: Mapping[str, Any], origin: Origin, faults: Faults) -> dict[str, Any]:
    """Return `group` as plain values, its ``${…}`` resolved against the groups in `context`.

    A value that cannot be resolved, or has a key that is no text, is noted as a fault and left out. A value
    that is missing (``???``) is noted, and stays as it is.
    """
    root = OmegaConf.create(dict(context))
    node = root[group]
    if not OmegaConf.is_dict(node):
        where, _ = origin("")
        faults.add(where, "", f"{node!r} came; accepted: a mapping of keys to values")
        return {}
    return resolve_keys(node, origin, faults)


def resolve_keys(
    node: DictConfig,
    origin: Origin,
    faults: Faults,
    *,
    passed_over: Container[Any] = (),
    as_written: Container[Any] = (),
) -> dict[str, Any]:
    """Return the keys of a node as plain values, as `resolve` does.

    Those in `passed_over` are left out, those in `as_written` keep their ``${…}``.
    """
    values: dict[str, Any] = {}
    for key in node:
        if key in passed_over:
            continue
        where, shown = origin(str(key))
        raw = {key: OmegaConf.to_container(OmegaConf.create({"_": node._get_node(key)}), resolve=False)["_"]}  # type: ignore[index, call-overload]
        if _note_bad_keys(raw, "", origin, faults):
            continue
        unstable = [text for text in _texts(raw) if _UNSTABLE.search(text)]
        if unstable:
            faults.add(where, shown, f"{unstable[0]!r} differs from run to run; write a fixed value")
            continue
        for path in missing_in(raw, ""):
            faults.add(*origin(path), "is missing (???); give a value")
        try:
            values[str(key)] = raw[key] if key in as_written else _resolved(node, key)
        except OmegaConfBaseException as error:
            reason = str(error).splitlines()[0]
            faults.add(where, shown, f"{next(iter(_texts(raw)), raw)!r} cannot be resolved: {reason}")
    return values


def _resolved(node: DictConfig, key: Any) -> Any:
    if OmegaConf.is_missing(node, key):
        return MISSING
    value = node[key]
    return OmegaConf.to_container(value, resolve=True) if OmegaConf.is_config(value) else value


def _note_bad_keys(node: Any, prefix: str, origin: Origin, faults: Faults) -> bool:
    """Note every key that is no text: on its way to a job, as JSON, it would become one.

    Returns whether there is any.
    """
    found = False
    for key, path, value in _items(node, prefix):
        if not isinstance(key, str | None):
            problem = f"the key {key!r} is no text, and a job would get it as text; write '{key}' in quotes"
            faults.add(*origin(path), problem)
            found = True
        found |= _note_bad_keys(value, f"{path}.", origin, faults)
    return found


def missing_in(node: Any, prefix: str = "") -> Iterator[str]:
    """Yield the path of every value in a mapping or list that is ``???``."""
    for _, path, value in _items(node, prefix):
        if value == MISSING:
            yield path
        else:
            yield from missing_in(value, f"{path}.")


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    for _, _, value in _items(node, ""):
        yield from _texts(value)


def _items(node: Any, prefix: str) -> Iterator[tuple[Any, str, Any]]:
    """Yield the key of each item of a mapping or list (None in a list), its path and its value."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield key, f"{prefix}{key}", value
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield None, f"{prefix}{index}", value
