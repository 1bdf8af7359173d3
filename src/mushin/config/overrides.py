"""Parse Hydra overrides, and set them on a composed configuration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import HydraException
from omegaconf import DictConfig, ListConfig, OmegaConf

from mushin.config.faults import Faults
from mushin.errors import did_you_mean

_LISTS = {"datasets", "experiment", "method", "methods", "results", "seeds"}


@dataclass(frozen=True)
class Override:
    """One ``key=value`` and where it was written."""

    key: str
    value: Any
    where: str


def parse_overrides(
    words: Sequence[str], where: str, groups: Sequence[str], faults: Faults
) -> tuple[dict[str, str], list[Override]]:
    """Split overrides into choices of a group's option and settings of a key.

    Parameters
    ----------
    words : sequence of str
        Such as ``training=fast`` or ``training.epochs=5``.
    where : str
        The file or command line they stand in, for messages.
    groups : sequence of str
        The groups and sections that an override may reach into.
    faults : Faults
        Collects what cannot be used.

    Returns
    -------
    tuple of (dict, list of Override)
        Group → option, and the settings in their order.
    """
    choices: dict[str, str] = {}
    settings = []
    parser = OverridesParser.create()
    for word in words:
        try:
            parsed = parser.parse_override(word)
            value = None if parsed.is_sweep_override() else parsed.value()
        except HydraException as error:
            faults.add(where, "overrides", f"{word!r} is no override: {str(error).splitlines()[0]}")
            continue
        key = parsed.key_or_group
        section = key.split(".")[0]
        if not parsed.is_sweep_override() and section in groups and section != key:
            settings.append(Override(key, value, where))
        elif not parsed.is_sweep_override() and key in groups and key not in _LISTS:
            choices[key] = str(value)
        else:
            faults.add(where, *_refusal(word, key, parsed.is_sweep_override(), groups))
    return choices, settings


def _refusal(word: str, key: str, is_sweep: bool, groups: Sequence[str]) -> tuple[str, str]:
    if is_sweep:
        return "overrides", f"{word!r} lists several values; write a list as {key}=[a,b]"
    plural = {"method": "methods", "data": "datasets"}.get(key, key)
    if plural in _LISTS:
        return "overrides", f"{word!r} selects; write {plural}=… beside overrides=…, not in it"
    hint = did_you_mean(key.split(".")[0], groups) or ";"
    allowed = ", ".join(f"{group}.KEY=VALUE" for group in groups)
    return "overrides", f"{word!r} is unknown{hint} accepted: {allowed}"


def apply_overrides(
    config: DictConfig, settings: Sequence[Override], faults: Faults, method: str | None = None
) -> None:
    """Set each override on `config`, whose keys must exist; note the ones that do not.

    `method` is whose configuration this is, where that matters.
    """
    for setting in settings:
        unknown, accepted = _first_unknown(config, setting.key.split("."))
        if unknown is None:
            OmegaConf.update(config, setting.key, setting.value, merge=True)
        else:
            of_method = f" of method {method!r}" if method and unknown.startswith("method.") else ""
            faults.add_unknown_key(f"{setting.where}: overrides", unknown + of_method, accepted)


def _first_unknown(config: DictConfig, path: list[str]) -> tuple[str | None, list[str]]:
    """Return the path up to its first part that does not exist, and what exists there."""
    node: Any = config
    for depth, part in enumerate(path):
        if isinstance(node, DictConfig):
            known = [str(key) for key in node]
        elif isinstance(node, ListConfig):
            known = [str(index) for index in range(len(node))]
        else:
            known = []
        if part not in known:
            return ".".join(path[: depth + 1]), known
        node = node._get_node(part if isinstance(node, DictConfig) else int(part))
    return None, []
