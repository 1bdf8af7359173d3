"""Name the versions of the packages that a result depends on."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from importlib.metadata import packages_distributions, version
from typing import Any

from mushin.config.targets import targets_in

_PACKAGES = ("mushin", "numpy", "torch")


@functools.cache
def _version(name: str) -> str:
    return version(name)


def package_versions() -> dict[str, str]:
    """Return package → version for the packages that compute results.

    Examples
    --------
    >>> sorted(package_versions())
    ['mushin', 'numpy', 'torch']
    """
    return {name: _version(name) for name in _PACKAGES}


def versions_of_targets(method: Mapping[str, Any]) -> dict[str, str]:
    """Return package → version for the installed packages that the settings of a method name.

    Examples
    --------
    >>> list(versions_of_targets({"predict": {"_target_": "numpy.zeros"}}))
    ['numpy']
    """
    packages = packages_distributions()
    modules = {target.partition(".")[0] for target in targets_in(method)}
    return {name: _version(name) for module in modules for name in packages.get(module, ())}
