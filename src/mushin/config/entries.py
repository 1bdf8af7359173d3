"""Read the lists of a study: its methods, its data sets and its seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from mushin.config.compose import ROOT, ConfFolder
from mushin.config.faults import Faults
from mushin.config.names import problem_with_name
from mushin.config.schema import MAX_SEED, Variant
from mushin.config.selection import WHERE
from mushin.errors import did_you_mean


@dataclass(frozen=True)
class MethodEntry:
    """One method of a study: its label, the file in conf/method/ and what a variant changes."""

    name: str
    method: str
    overrides: tuple[str, ...]
    where: str


def read_methods(
    listed: Any, selected: Sequence[str] | None, conf: ConfFolder, faults: Faults
) -> list[MethodEntry]:
    """Read ``methods:`` and narrow it to what the command line selects.

    A selected name is an entry of the study, or else a file of ``conf/method/``.
    """
    root = conf.shown("", ROOT)
    entries = [_read_entry(item, root, faults) for item in _as_list(listed)]
    found = {entry.name: entry for entry in entries if entry is not None and isinstance(entry.name, str)}
    _check_distinct([entry.name for entry in entries if entry is not None], root, "methods", "method", faults)
    wanted = [entry for entry in entries if entry is not None]
    where = root
    if selected is not None:
        where = WHERE
        _check_distinct(selected, where, "methods", "method", faults)
        wanted = [_selected(name, found) for name in selected]
    if not wanted and not entries:
        faults.add(
            where, "methods", f"the study has no method; available: {', '.join(conf.options('method'))}"
        )
    known = [*found, *conf.options("method")]
    usable = [entry for entry in wanted if _check_entry(entry, known, conf, faults)]
    return list({entry.name: entry for entry in usable}.values())


def read_labels(
    group: str, names: Sequence[Any], where: str, key: str, conf: ConfFolder, faults: Faults
) -> tuple[str, ...]:
    """Read a list of names of one group, such as ``datasets:``."""
    _check_distinct(names, where, key, group, faults)
    if not names:
        faults.add(where, key, f"the list is empty; available: {', '.join(conf.options(group))}")
    usable = []
    for name in names:
        problem = problem_with_name(name)
        if problem:
            faults.add(where, key, problem)
        elif conf.check_option(group, name, where, key, faults) and name not in usable:
            usable.append(name)
    return tuple(usable)


def read_seeds(listed: Any, selected: Sequence[Any] | None, where: str, faults: Faults) -> tuple[int, ...]:
    """Read ``seeds:``, from conf/ or as typed on the command line."""
    seeds = []
    for item in _as_list(listed) if selected is None else selected:
        try:
            seed = int(item) if isinstance(item, str) else item
        except ValueError:
            seed = item
        if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed <= MAX_SEED:
            faults.add(where, "seeds", f"{item!r} came; accepted: whole numbers from 0 to {MAX_SEED}")
        elif seed in seeds:
            faults.add(where, "seeds", f"{seed} appears twice; list each seed once")
        else:
            seeds.append(seed)
    if not seeds:
        faults.add(where, "seeds", "no usable seed; list at least one, such as [0, 1, 2]")
    return tuple(seeds)


def _selected(name: Any, found: Mapping[str, MethodEntry]) -> MethodEntry:
    """Return the study's entry of this name, or else an entry of the file of this name."""
    if isinstance(name, str) and name in found:
        return found[name]
    return MethodEntry(name, name, (), WHERE)


def _as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else []


def _read_entry(item: Any, where: str, faults: Faults) -> MethodEntry | None:
    """Read a name, or ``{name, method, overrides}``."""
    if not isinstance(item, dict):
        return MethodEntry(item, item, (), where)
    known = [option.name for option in fields(Variant)]
    for key in sorted(set(map(str, item)) - set(known)):
        faults.add_unknown_key(where, f"methods.{key}", known)
    missing = [key for key in ("name", "method") if key not in item]
    if missing:
        faults.add(where, "methods", f"{item!r} has no {missing[0]}; accepted: {{name, method, overrides}}")
        return None
    words = item.get("overrides") or []
    if not isinstance(words, list):
        faults.add(
            where, "methods.overrides", f"{words!r} came; accepted: a list such as [method.hidden=[64]]"
        )
        return None
    return MethodEntry(
        item["name"], item["method"], tuple(map(str, words)), f"{where}: methods: {item['name']}"
    )


def _check_entry(entry: MethodEntry, known: list[str], conf: ConfFolder, faults: Faults) -> bool:
    problem = problem_with_name(entry.name) or problem_with_name(entry.method)
    if problem:
        faults.add(entry.where, "methods", problem)
        return False
    is_known = entry.method in conf.options("method")
    if not is_known:
        hint = did_you_mean(entry.method, known) or ";"
        names = ", ".join(sorted(set(known)))
        missing = conf.shown("method", entry.method)
        faults.add(
            entry.where,
            "methods",
            f"{entry.method!r} is unknown (no file {missing}){hint} available: {names}",
        )
    return is_known


def _check_distinct(names: Sequence[Any], where: str, key: str, kind: str, faults: Faults) -> None:
    seen: dict[str, Any] = {}
    for name in names:
        folded = str(name).casefold()
        if folded in seen:
            twice = "appears twice" if seen[folded] == name else f"differs from {seen[folded]!r} only in case"
            faults.add(where, key, f"{name!r} {twice}; list each {kind} once")
        seen[folded] = name
