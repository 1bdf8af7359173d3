"""Fill in the keys that the files of conf/ leave out, so that an override can set them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from omegaconf import MISSING, DictConfig, OmegaConf

from mushin.config.check import schema_defaults
from mushin.config.schema import GROUPS, Resources


def fill_defaults(config: DictConfig) -> None:
    """Add the defaults of every group of a composed configuration, and of its resources by rule."""
    for group, schema in GROUPS.items():
        if isinstance(config.get(group), DictConfig):
            _fill(config[group], schema_defaults(schema))
    if config.get("resources") is None and not OmegaConf.is_missing(config, "resources"):
        config["resources"] = {}
    given = config._get_node("resources")
    if isinstance(given, DictConfig):
        defaults = schema_defaults(Resources)
        _fill(given, defaults)
        for rule, of_rule in defaults.items():
            node = given._get_node(rule)
            if isinstance(of_rule, dict) and isinstance(node, DictConfig):
                _fill(node, of_rule)


def _fill(node: DictConfig, defaults: Mapping[str, Any]) -> None:
    """Add what has a default and is not there; a key that is there as ``???`` stays, to be reported."""
    for key, value in defaults.items():
        if key not in node.keys() and value != MISSING:  # noqa: SIM118
            node[key] = value
