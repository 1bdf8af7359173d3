"""Compose conf/ with Hydra, and say in one line what Hydra says in a traceback."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.core.singleton import Singleton
from hydra.errors import HydraException, MissingConfigException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from mushin.config.faults import Faults
from mushin.errors import ConfigError, did_you_mean

ROOT = "config"


@dataclass(frozen=True)
class ConfFolder:
    """A conf/ folder: which options each group has, and what each file says by itself.

    Attributes
    ----------
    path : Path
        The folder.
    label : str
        How messages name it.
    """

    path: Path
    label: str = "conf"
    _read: dict[tuple[str, str], dict[Any, Any]] = field(default_factory=dict, compare=False, repr=False)

    def file(self, group: str, name: str) -> Path:
        """Return the path of an option of a group; the group ``""`` is the folder itself."""
        return self.path / group / f"{name}.yaml"

    def shown(self, group: str, name: str) -> str:
        """Return the path of an option as messages show it."""
        return "/".join(part for part in (self.label, group, f"{name}.yaml") if part)

    def options(self, group: str) -> list[str]:
        """List the names that a group offers."""
        return sorted(file.stem for file in (self.path / group).glob("*.yaml"))

    def check_option(self, group: str, name: str, where: str, key: str, faults: Faults) -> bool:
        """Note a fault and return False where a group has no such option."""
        options = self.options(group)
        if name in options:
            return True
        hint = did_you_mean(name, options) or ";"
        missing = self.shown(group, name)
        faults.add(where, key, f"{name!r} has no file {missing}{hint} available: {', '.join(options)}")
        return False

    def read(self, group: str, name: str) -> dict[Any, Any]:
        """Read one file as plain YAML, without composing anything; an absent or empty one is empty.

        A file is read once per folder object, that is once per plan.

        Raises
        ------
        ConfigError
            The file cannot be read, is not YAML, or is no mapping at its top.
        """
        if (group, name) not in self._read:
            self._read[group, name] = self._load(group, name)
        return self._read[group, name]

    def _load(self, group: str, name: str) -> dict[Any, Any]:
        file = self.file(group, name)
        if not file.is_file():
            return {}
        accepted = "accepted: a mapping of keys to values"
        try:
            content = OmegaConf.to_container(OmegaConf.load(file), resolve=False)
        except yaml.YAMLError as error:
            raise ConfigError(_yaml_fault(error, self.shown(group, name))) from None
        except UnicodeDecodeError as error:
            raise ConfigError(f"{self.shown(group, name)}: not UTF-8 text: {error.reason}") from None
        except OSError as error:  # OmegaConf raises one for a file of a lone number, too.
            problem = f"cannot be read: {error.strerror}" if error.strerror else accepted
            raise ConfigError(f"{self.shown(group, name)}: {problem}") from None
        except OmegaConfBaseException as error:
            raise ConfigError(f"{self.shown(group, name)}: {_first_line(error)}") from None
        if not isinstance(content, dict):
            raise ConfigError(f"{self.shown(group, name)}: {accepted}")
        return dict(content)

    def unreadable(self) -> list[str]:
        """Return a line for each file of the folder that cannot be read, or is no mapping."""
        found = []
        for file in sorted(self.path.rglob("*.yaml")):
            group = file.parent.relative_to(self.path).as_posix()
            try:
                self.read("" if group == "." else group, file.stem)
            except ConfigError as error:
                found.append(str(error))
        return found


def open_conf(path: Path) -> ConfFolder:
    """Return the conf folder at `path`.

    Raises
    ------
    ConfigError
        The folder, or its ``config.yaml``, is missing.
    """
    try:
        label = path.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        label = path.as_posix()
    folder = ConfFolder(path.resolve(), label)
    if not folder.path.is_dir():
        raise ConfigError(f"{label}: no such folder; run this where conf/ is, or name it with --conf")
    if not folder.file("", ROOT).is_file():
        raise ConfigError(f"{folder.shown('', ROOT)}: no such file; every study begins there")
    return folder


@contextmanager
def hydra_session(conf: ConfFolder) -> Iterator[None]:
    """Initialize Hydra on `conf`, and leave a surrounding Hydra application as it was."""
    state = Singleton.get_state()
    GlobalHydra.instance().clear()
    try:
        with initialize_config_dir(str(conf.path), version_base="1.3"):
            yield
    finally:
        Singleton.set_state(state)


def compose_conf(conf: ConfFolder, overrides: Sequence[str]) -> tuple[DictConfig, dict[str, str]]:
    """Compose ``config.yaml`` with `overrides`, inside a `hydra_session`.

    Returns
    -------
    tuple of (DictConfig, dict)
        The composed configuration without Hydra's own part, and the chosen option of each group.

    Raises
    ------
    ConfigError
        Hydra refused; the message is its first line, without the traceback.
    """
    try:
        composed = compose(ROOT, overrides=list(overrides), return_hydra_config=True)
    except yaml.YAMLError as error:
        raise ConfigError(_yaml_fault(error, _file_of(error, conf))) from None
    except MissingConfigException as error:
        raise ConfigError(_missing_fault(error, conf)) from None
    except (HydraException, OmegaConfBaseException, UnicodeDecodeError, OSError) as error:
        says_where = isinstance(error, HydraException | OmegaConfBaseException) and str(error).strip()
        lines = [] if says_where else conf.unreadable()
        raise ConfigError("\n".join(lines) or _first_line(error)) from None
    choices = {str(group): str(option) for group, option in composed.hydra.runtime.choices.items()}
    OmegaConf.set_readonly(composed, False)
    OmegaConf.set_struct(composed, False)
    del composed["hydra"]
    return composed, choices


def _missing_fault(error: MissingConfigException, conf: ConfFolder) -> str:
    group, _, name = str(error.missing_cfg_file).rpartition("/")
    options = conf.options(group)
    hint = did_you_mean(name, options) or ";"
    where, missing = conf.shown("", ROOT), conf.shown(group, name)
    return f"{where}: {group}: {name!r} has no file {missing}{hint} available: {', '.join(options)}"


def _file_of(error: yaml.YAMLError, conf: ConfFolder) -> str:
    """Name the file that a YAML error stands in, as messages show files."""
    mark = getattr(error, "problem_mark", None)
    file = Path(mark.name) if mark is not None else conf.path
    return f"{conf.label}/{file.relative_to(conf.path)}" if file.is_relative_to(conf.path) else conf.label


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__


def _yaml_fault(error: yaml.YAMLError, where: str) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        mark = error.problem_mark
        return f"{where}: line {mark.line + 1}, column {mark.column + 1}: not valid YAML: {error.problem}"
    return f"{where}: not valid YAML: {error}"
