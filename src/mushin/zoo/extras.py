"""Import what the example data sets need, or say how to install it."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mushin.errors import DataError


@contextmanager
def needs_extra(package: str, distribution: str) -> Iterator[None]:
    """Import an optional package in a ``with`` block, which tells readers of the source what it needs.

    Parameters
    ----------
    package : str
        Such as ``"sklearn"``.
    distribution : str
        The name under which the package is installed, such as ``"scikit-learn"``.

    Raises
    ------
    DataError
        If the package is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != package:
            raise
        raise _missing(distribution) from None


def extra_folder(package: str, distribution: str) -> Path:
    """Return the folder of an optional package without importing it.

    Raises
    ------
    DataError
        If the package is not installed.
    """
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise _missing(distribution)
    return Path(spec.submodule_search_locations[0])


def _missing(distribution: str) -> DataError:
    return DataError(
        f"the example data sets need {distribution}, which is not installed; run: pip install "
        "'mushin[examples]'"
    )
