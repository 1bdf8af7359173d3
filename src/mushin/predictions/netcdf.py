"""Read the arrays of a foreign netCDF file, in a process of its own.

A few damaged bytes can crash HDF5, or keep it busy without end (docs/decisions/0007-sealed-files.md). Files
of other programs have no seal to check first, so a child process takes the risk.

``python -m mushin.predictions.netcdf IN.nc OUT.npz`` is that process.
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
    limit = _SECONDS + path.stat().st_size / _BYTES_PER_SECOND
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "arrays.npz"
        command = [sys.executable, "-m", "mushin.predictions.netcdf", str(path), str(copy)]
        try:
            child = subprocess.run(command, capture_output=True, text=True, timeout=limit, check=False)
        except subprocess.TimeoutExpired:
            raise DataError(
                f"{path}: damaged: netCDF was still reading it after {limit:.0f} seconds"
            ) from None
        if child.returncode == 0:
            return read_npz(copy)
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
            wanted = int(np.prod([float(size) for size in variable.shape])) * variable.dtype.itemsize
            if wanted > allowed:
                sys.exit(f"{name} says that it holds {wanted} bytes, in a file of {source.stat().st_size}")
            arrays[name] = np.asarray(variable[...])
    write_npz(target, arrays)


if __name__ == "__main__":
    _copy_arrays(Path(sys.argv[1]), Path(sys.argv[2]))
