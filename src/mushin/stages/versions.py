"""Name the versions of the packages that a result depends on."""

from __future__ import annotations

import functools
from importlib.metadata import version

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
