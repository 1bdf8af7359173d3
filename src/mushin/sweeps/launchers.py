"""Say which of Hydra's launchers runs the jobs, and with which options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hydra.core.config_store import ConfigStore
from hydra.core.plugins import Plugins

from mushin.errors import ConfigError, did_you_mean
from mushin.sweeps.override_text import override
from mushin.sweeps.values import plain_value

BASIC = "basic"
"""Hydra's own launcher: one job after the other, in this process."""

_GROUP = "hydra/launcher"
_PLUGIN_OF = {
    "joblib": "hydra-joblib-launcher",
    "submitit_local": "hydra-submitit-launcher",
    "submitit_slurm": "hydra-submitit-launcher",
}


def launcher_overrides(launcher: str | Mapping[str, Any] | None) -> list[str]:
    """Return the overrides that choose a launcher.

    Parameters
    ----------
    launcher : str, mapping or None
        A name of Hydra's group ``hydra/launcher``, or ``{"name": …, option: value, …}``. None is `BASIC`.

    Raises
    ------
    ConfigError
        There is no such launcher or option, or its plugin is not installed.
    """
    if isinstance(launcher, Mapping) and "name" not in launcher:
        raise ConfigError(
            f"launcher {dict(launcher)!r} has no name; accepted: {{'name': 'joblib', 'n_jobs': 2}}, say"
        )
    options = dict(launcher) if isinstance(launcher, Mapping) else {"name": launcher or BASIC}
    name = options.pop("name")
    if not isinstance(name, str):
        raise ConfigError(f"launcher is {name!r}; accepted: a name, or a dict with the key 'name'")
    Plugins.instance()  # Reading the plugins is what puts their launchers into the store.
    store = ConfigStore.instance()
    known = sorted(file.removesuffix(".yaml") for file in store.list(_GROUP))
    if name not in known:
        raise _unknown_launcher(name, known)
    accepted = sorted(str(key) for key in store.load(f"{_GROUP}/{name}.yaml").node if key != "_target_")
    for key in options:
        if key not in accepted:
            hint = did_you_mean(str(key), accepted) or ";"
            raise ConfigError(
                f"launcher {name!r} has no option {key!r}{hint} accepted: {', '.join(accepted) or 'none'}"
            )
    chosen = [
        override(f"hydra.launcher.{key}", plain_value(value, f"launcher option {key}"))
        for key, value in options.items()
    ]
    return [f"{_GROUP}={name}", *chosen]


def is_basic(launcher: str | Mapping[str, Any] | None) -> bool:
    """Tell whether the jobs run one after the other in this process."""
    return (launcher["name"] if isinstance(launcher, Mapping) else launcher or BASIC) == BASIC


def _unknown_launcher(name: str, known: list[str]) -> ConfigError:
    if name in _PLUGIN_OF:
        return ConfigError(
            f"launcher {name!r} needs the package {_PLUGIN_OF[name]}, which is not installed; "
            "install it with: pip install 'mushin[launchers]'"
        )
    hint = did_you_mean(name, [*known, *_PLUGIN_OF]) or ";"
    return ConfigError(f"launcher {name!r} is unknown{hint} installed: {', '.join(known)}")
