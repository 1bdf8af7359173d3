"""Resolve the interpolations of one group, and refuse those that are not deterministic."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from mushin.config.faults import Faults, Origin

_UNSTABLE = re.compile(r"\$\{\s*(now|hydra)\b")


def resolve(group: str, context: Mapping[str, Any], origin: Origin, faults: Faults) -> dict[str, Any]:
    """Return `group` as plain values, its ``${…}`` resolved against the groups in `context`.

    A value that cannot be resolved is noted as a fault and left out.
    """
    root = OmegaConf.create(dict(context))
    node = root[group]
    if not OmegaConf.is_dict(node):
        where, _ = origin("")
        faults.add(where, "", f"{node!r} came; accepted: a mapping of keys to values")
        return {}
    values: dict[str, Any] = {}
    for key in node:
        where, shown = origin(str(key))
        raw = OmegaConf.to_container(OmegaConf.create({"value": node._get_node(key)}), resolve=False)
        unstable = [text for text in _texts(raw) if _UNSTABLE.search(text)]
        if unstable:
            faults.add(where, shown, f"{unstable[0]!r} differs from run to run; write a fixed value")
            continue
        try:
            if OmegaConf.is_missing(node, key):
                values[str(key)] = "???"
            elif OmegaConf.is_config(node[key]):
                values[str(key)] = OmegaConf.to_container(node[key], resolve=True)
            else:
                values[str(key)] = node[key]
        except OmegaConfBaseException as error:
            reason = str(error).splitlines()[0]
            faults.add(where, shown, f"{next(iter(_texts(raw)), raw)!r} cannot be resolved: {reason}")
    return values


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for value in node.values():
            yield from _texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from _texts(value)
