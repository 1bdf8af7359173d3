"""Read the arrays of a foreign netCDF file, in a process of its own.

A few damaged bytes can crash HDF5, or keep it busy without end (docs/decisions/0007-sealed-files.md). Files
of other programs have no seal to check first, so a child process takes the risk.

``python -m mushin.predictions.netcdf IN.nc OUT.npz`` is that process; without the second name it reads and
keeps nothing.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mushin.errors import DataError
from mushin.predictions.npz import read_npz, write_npz

_SECONDS = 30
_LONGEST_REASON = 200
_BYTES_PER_SECOND = 10**7
# zlib packs at most about this many bytes into one; what is larger was never written.
_BEST_RATIO = 1032
_SMALL = 2**20


def read_netcdf(path: Path) -> dict[str, NDArray[Any]]:
    """Read every variable of numbers, less the coordinates.

    Raises
    ------
    DataError
        If the file is damaged, or no netCDF file.
    """
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "arrays.npz"
        _read_in_child(path, copy)
        return read_npz(copy)


def try_netcdf(path: Path) -> None:
    """Read every variable of every group in a process of its own, and keep nothing.

    Raises
    ------
    DataError
        If the file is damaged, or no netCDF file.
    """
    _read_in_child(path)


def _read_in_child(path: Path, *copy: Path) -> None:
    limit = _SECONDS + path.stat().st_size / _BYTES_PER_SECOND
    command = [sys.executable, "-m", "mushin.predictions.netcdf", str(path), *map(str, copy)]
    try:
        child = subprocess.run(command, capture_output=True, text=True, timeout=limit, check=False)
    except subprocess.TimeoutExpired:
        raise DataError(f"{path}: damaged: netCDF was still reading it after {limit:.0f} seconds") from None
    if child.returncode != 0:
        said = child.stderr.strip().splitlines()
        reason = said[-1] if said and child.returncode == 1 else f"netCDF ended with {child.returncode}"
        shown = textwrap.shorten(reason, _LONGEST_REASON)
        raise DataError(f"{path}: damaged, or no netCDF file ({shown})")


def _copy_arrays(source: Path, target: Path) -> None:
    import netCDF4

    allowed = _BEST_RATIO * source.stat().st_size + _SMALL
    arrays = {}
    with netCDF4.Dataset(source, "r") as file:
        file.set_auto_mask(False)
        for name, variable in file.variables.items():
            is_coordinate = variable.dimensions == (name,)
            if is_coordinate or not isinstance(variable.dtype, np.dtype) or variable.dtype.kind not in "iuf":
                continue
            _refuse_impossible_size(variable, allowed)
            arrays[name] = np.asarray(variable[...])
    write_npz(target, arrays)


def _refuse_impossible_size(variable: Any, allowed: int) -> None:
    kind = variable.dtype
    size = kind.itemsize if isinstance(kind, np.dtype) else 1
    wanted = int(np.prod([float(length) for length in variable.shape])) * size
    if wanted > allowed:
        sys.exit(f"{variable.name} says that it holds {wanted} bytes, which the file cannot")


def _read_all(source: Path) -> None:
    import netCDF4

    allowed = _BEST_RATIO * source.stat().st_size + _SMALL
    with netCDF4.Dataset(source, "r") as file:
        for group in (file, *file.groups.values()):
            for name in group.ncattrs():
                group.getncattr(name)
            for variable in group.variables.values():
                _refuse_impossible_size(variable, allowed)
                for name in variable.ncattrs():
                    variable.getncattr(name)
                variable[...]


if __name__ == "__main__":
    if len(sys.argv) == 2:
        _read_all(Path(sys.argv[1]))
    else:
        _copy_arrays(Path(sys.argv[1]), Path(sys.argv[2]))
