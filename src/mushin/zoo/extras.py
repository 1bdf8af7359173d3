"""Import what the example data sets need, or say how to install it."""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path
from typing import Any

from mushin.errors import DataError


def import_extra(module: str, distribution: str) -> Any:
    """Import a module of an optional package.

    Parameters
    ----------
    module : str
        Such as ``"sklearn.datasets"``.
    distribution : str
        The name under which the package is installed, such as ``"scikit-learn"``.

    Raises
    ------
    DataError
        If the package is not installed.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != module.partition(".")[0]:
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
