"""Name the versions of the packages that a result depends on."""

from __future__ import annotations

from importlib.metadata import version

_PACKAGES = ("mushin", "numpy", "torch")


def package_versions() -> dict[str, str]:
    """Return package → version for the packages that compute results.

    Examples
    --------
    >>> sorted(package_versions())
    ['mushin', 'numpy', 'torch']
    """
    return {name: version(name) for name in _PACKAGES}
