"""Build a plan from conf/ and a selection, reporting every fault at once."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from omegaconf import MISSING, DictConfig, OmegaConf

from mushin.config.alternatives import check_predict
from mushin.config.battery import check_battery, metrics_of
from mushin.config.check import check_group, check_targets
from mushin.config.check_stats import check_stats
from mushin.config.compose import ROOT, ConfFolder, compose_conf, hydra_session, open_conf
from mushin.config.defaults import fill_defaults
from mushin.config.entries import MethodEntry, read_labels, read_methods, read_seeds
from mushin.config.faults import Faults, Origin
from mushin.config.origins import Origins
from mushin.config.overrides import Override, apply_overrides, parse_overrides
from mushin.config.plain_options import is_plain, is_set_by_one_file
from mushin.config.plan import Plan, Settings
from mushin.config.resolve import resolve, resolve_keys
from mushin.config.schema import GROUPS, StudyConfig
from mushin.config.selection import WHERE, Selection
from mushin.config.targets import clear_caches
from mushin.errors import ConfigError

_SHARED = ("data", "task", "training", "stats")
_OF_A_METHOD = ("method", "training")


def make_plan(selection: Selection | None = None, conf: Path | str = "conf") -> Plan:
    """Compose conf/, apply a selection, check everything and expand it to cells.

    conf/ is composed once, and once more for a method or a listed data set whose file does more than to set
    its own keys. Values that several cells share are checked once; seeds cost nothing.

    Parameters
    ----------
    selection : Selection, optional
        What the command line selects and overrides.
    conf : path
        The folder with ``config.yaml``.

    Returns
    -------
    Plan
        The checked study.

    Raises
    ------
    ConfigError
        Something is wrong; the message has one line per fault, each with the file, the key, what came and
        what is accepted.
    """
    clear_caches()
    folder = open_conf(Path(conf))
    builder = _Builder(folder, selection or Selection())
    with hydra_session(folder):
        return builder.build()


@dataclass(frozen=True)
class _Method:
    """An entry of ``methods:``, its composition, and the files and keys that its own overrides set."""

    entry: MethodEntry
    config: DictConfig
    choices: dict[str, str]
    settings: list[Override]


@dataclass
class _Builder:
    """The state of one `make_plan`: the conf folder, the selection, and the faults so far."""

    conf: ConfFolder
    selection: Selection
    faults: Faults = field(default_factory=Faults)
    overrides: list[Override] = field(default_factory=list)
    choices: dict[str, str] = field(default_factory=dict)
    composed: DictConfig = field(default_factory=OmegaConf.create)
    chosen: dict[str, str] = field(default_factory=dict)
    checked: dict[tuple[str, ...], dict[str, Any]] = field(default_factory=dict)

    def build(self) -> Plan:
        self._read_overrides()
        self.composed, chosen = self._compose([])
        self.chosen = chosen
        base = self._completed(self.composed.copy(), self._without("method"))
        study = self._check_study(base)
        entries = read_methods(study["methods"], self.selection.methods, self.conf, self.faults)
        seeds = read_seeds(study["seeds"], self.selection.seeds, self.origins.of_list("seeds"), self.faults)
        listed = study["datasets"] if self.selection.datasets is None else self.selection.datasets
        is_listed = isinstance(listed, (list, tuple))  # It is absent elsewhere, or noted already.
        labels = self._read_datasets(listed if is_listed else None, chosen)
        datasets = {label: self._compose_dataset(label) if is_listed else base for label in labels}
        methods = [self._compose_method(entry, base) for entry in entries]
        stats = self._check("stats", {"stats": base.get("stats", {})}, chosen)
        settings = {
            (label, name): found
            for label, data in datasets.items()
            for name, found in self._settings_on(data, methods, {**chosen, "data": label})
        }
        names = tuple(method.entry.name for method in methods)
        self._check_stats(stats, names, settings, chosen)
        results = self._check_results(str(study["results"]))
        self.faults.raise_if_any()
        return Plan(tuple(datasets), names, seeds, settings, stats, study["resources"], results)

    def _read_overrides(self) -> None:
        """Split the overrides, and drop what names no file, so that the rest is checked all the same."""
        sections = [*GROUPS, "resources"]
        choices, self.overrides = parse_overrides(self.selection.overrides, WHERE, sections, self.faults)
        self.choices = self._existing(choices, WHERE)
        experiment = self.selection.experiment
        if experiment is not None and not self.conf.check_option(
            "experiment", experiment, WHERE, "experiment", self.faults
        ):
            self.selection = replace(self.selection, experiment=None)

    def _existing(self, choices: dict[str, str], where: str) -> dict[str, str]:
        return {
            group: option
            for group, option in choices.items()
            if self.conf.check_option(group, option, where, f"overrides: {group}", self.faults)
        }

    def _compose(self, words: Sequence[str]) -> tuple[DictConfig, dict[str, str]]:
        """Compose conf/ with group choices."""
        experiment = self.selection.experiment
        selected = [f"+experiment={experiment}"] if experiment is not None else []
        chosen = {group: option for group, option in self.choices.items() if f"{group}=" not in str(words)}
        words = [*words, *selected, *(f"{group}={option}" for group, option in chosen.items())]
        try:
            return compose_conf(self.conf, words)
        except ConfigError as error:
            self.faults.lines.append(str(error))
            self.faults.raise_if_any()
            raise

    def _with_option(self, group: str, option: str) -> DictConfig:
        """Return what composing with a file would that sets the keys of its own group, and all of them."""
        config = self.composed.copy()
        config[group] = self.conf.read(group, option)
        return config

    def _completed(
        self, config: DictConfig, settings: Sequence[Override], method: str | None = None
    ) -> DictConfig:
        """Fill in the defaults of a composition, then set the overrides."""
        fill_defaults(config)
        apply_overrides(config, settings, self.faults, method)
        return config

    def _without(self, group: str) -> list[Override]:
        return [setting for setting in self.overrides if not setting.key.startswith(f"{group}.")]

    def _compose_dataset(self, label: str) -> DictConfig:
        """Return the composition with the named data set."""
        if is_set_by_one_file(self.conf, "data", self.chosen) and is_plain(self.conf, "data", label):
            composed = self._with_option("data", label)
        else:
            composed, _ = self._compose([f"data={label}"])
        return self._completed(composed, self._without("method"))

    def _compose_method(self, entry: MethodEntry, base: DictConfig) -> _Method:
        """Return the groups of one method; note a method's file that changes what all methods share."""
        choices, settings = parse_overrides(entry.overrides, entry.where, _OF_A_METHOD, self.faults)
        choices = self._existing(choices, entry.where)
        if not choices and "method" not in self.composed and is_plain(self.conf, "method", entry.method):
            composed = self._with_option("method", entry.method)
        else:
            words = [f"+method={entry.method}", *(f"{group}={option}" for group, option in choices.items())]
            composed, _ = self._compose(words)
        config = self._completed(composed, [*self.overrides, *settings], entry.name)
        for key in base:  # As written, because a value that cannot be resolved is a fault of its own.
            if key not in _OF_A_METHOD and repr(config._get_node(key)) != repr(base._get_node(key)):
                where = self.conf.shown("method", entry.method)
                self.faults.add(where, str(key), "a method sets only 'method' and 'training'")
        return _Method(entry, config, choices, settings)

    def _settings_on(
        self, data: DictConfig, methods: Sequence[_Method], chosen: dict[str, str]
    ) -> Iterator[tuple[str, Settings]]:
        """Resolve and check the groups of every method on one data set."""
        shared = {group: data.get(group, {}) for group in ("data", "task")}
        checked = {group: self._check(group, shared, chosen) for group in shared}
        for method in methods:
            own = {group: method.config.get(group, {}) for group in _OF_A_METHOD}
            name = method.entry.method
            options = {**chosen, **method.choices, "method": name}
            groups = {group: self._check(group, {**shared, **own}, options, method.settings) for group in own}
            origin = self.origins.of_group("method", name, method.settings)
            check_predict(groups["method"], origin, self.faults)
            yield method.entry.name, Settings(**checked, **groups)

    def _check(
        self, group: str, context: dict[str, Any], chosen: dict[str, str], settings: Sequence[Override] = ()
    ) -> dict[str, Any]:
        """Resolve one group within its context, then hold it against its schema.

        `settings` are the overrides of one entry of ``methods:``.
        """
        own = [setting for setting in settings if setting.key.startswith(f"{group}.")]
        origin = self.origins.of_group(group, chosen.get(group, "default"), own)
        values = resolve(group, context, origin, self.faults)
        key = (group, chosen.get(group, ""), repr(values), *(setting.where for setting in own))
        if key not in self.checked:
            self.checked[key] = self._check_values(group, values, origin)
        return self.checked[key]

    def _check_values(self, group: str, values: dict[str, Any], origin: Origin) -> dict[str, Any]:
        """Hold the resolved values of a group against its schema."""
        checked = check_group(values, GROUPS[group], origin, self.faults)
        check_targets(checked, GROUPS[group], origin, self.faults)
        if group == "task":
            check_battery(checked, origin, self.faults)
        return checked

    def _check_study(self, base: DictConfig) -> dict[str, Any]:
        """Check the top level of the composed configuration."""
        origin = self.origins.of_study
        # The overrides of a variant are resolved where they are set, on each data set.
        plain = resolve_keys(base, origin, self.faults, passed_over=GROUPS, as_written={"methods"})
        selected = self.selection.results
        if selected is not None:
            plain["results"] = selected
        for group in _SHARED:
            if group not in base:
                wanted = f"add '- {group}: NAME' to its defaults"
                self.faults.add(self.conf.shown("", ROOT), "defaults", f"no {group} is chosen; {wanted}")
        return check_group(plain, StudyConfig, origin, self.faults)

    def _check_stats(
        self,
        stats: dict[str, Any],
        methods: Sequence[str],
        settings: Mapping[Any, Settings],
        chosen: dict[str, str],
    ) -> None:
        task = next((found.task for found in settings.values()), None)
        metrics = None if task is None else metrics_of(task)
        origin = self.origins.of_group("stats", chosen.get("stats", "default"))
        check_stats(stats, methods, metrics, origin, self.faults)

    def _check_results(self, results: str) -> str:
        """Return the results folder in its shortest form; it must be safe in a path with wildcards."""
        if results == MISSING:  # Noted where it was resolved.
            return results
        shortest = posixpath.normpath(results)
        where, key = self.origins.of_study("results")
        if not re.fullmatch(r"[\w./+@-]+", results) or shortest in (".", "/"):
            self.faults.add(where, key, f"{results!r} came; accepted: a folder, without spaces or brackets")
        elif shortest.startswith(".."):  # The logs would lie outside of logs/.
            self.faults.add(
                where, key, f"{results!r} came; accepted: a folder below this one, or an absolute path"
            )
        return shortest

    def _read_datasets(self, names: Sequence[Any] | None, chosen: dict[str, str]) -> tuple[str, ...]:
        if names is None:
            names = [chosen["data"]] if "data" in chosen else []
        elif "data" in self.choices:
            self.faults.add(WHERE, "overrides", "data=… has no effect beside datasets; give one of them")
        return read_labels(
            "data", names, self.origins.of_list("datasets"), "datasets", self.conf, self.faults
        )

    @property
    def origins(self) -> Origins:
        """Where keys come from, with the overrides that were read."""
        return Origins(self.conf, self.selection, self.overrides)
