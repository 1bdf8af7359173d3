"""Write ``compare.nc``, and open it with labels that select methods."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import xarray as xr

from mushin.dataset import FORMAT, MergedResults
from mushin.errors import CellError, DataError
from mushin.files import replacing, seal_of
from mushin.labelled import ResultsDataset, as_results
from mushin.predictions.netcdf import try_netcdf

_FAMILY = "mushin-results/"


def write_results(path: Path, merged: MergedResults) -> None:
    """Write merged results as sealed NETCDF4, whole or not at all.

    The bytes depend on the cells alone: no time, host or path goes in.
    """
    with replacing(path, sealed=True) as temporary:
        _write(temporary, merged.scores, mode="w", group=None)
        for name, group in merged.groups.items():
            _write(temporary, group, mode="a", group=name)


def open_results(path: Path | str, group: str | None = None) -> ResultsDataset:
    """Open ``compare.nc``.

    Parameters
    ----------
    path : path
        A file that ``mushin aggregate`` or the workflow wrote, or a copy that xarray saved.
    group : str, optional
        A data set, where each has classes of its own and therefore a group with its confusion matrices.

    Returns
    -------
    ResultsDataset
        Dimensions ``(method, seed)`` or ``(dataset, method, seed)``, in memory. ``ds.sel(method="cnn")``
        selects the method; a plain `xarray.open_dataset` takes ``method=`` for its own keyword instead.

    Raises
    ------
    CellError
        The file is missing, damaged, of another format version, or no results file; or has no such group.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "compare.nc")
    >>> xr.Dataset(
    ...     {"accuracy": (("method", "seed"), [[0.75, 0.5], [1.0, 0.25]])},
    ...     coords={"method": ["cnn", "mlp"], "seed": [0, 1]},
    ...     attrs={"format": FORMAT},
    ... ).to_netcdf(path)
    >>> open_results(path).sel(method="mlp")["accuracy"].values.tolist()
    [1.0, 0.25]
    """
    path = Path(path)
    if not path.is_file():
        raise CellError(f"{path}: no such file; make it with 'snakemake --cores 2 {path}'")
    _check_whole(path)
    try:
        with netCDF4.Dataset(path, "r") as file:
            found = file.getncattr("format") if "format" in file.ncattrs() else None
            groups = sorted(file.groups)
        _check(path, found, group, groups)
        loaded = xr.load_dataset(path, group=group, engine="netcdf4")
    except CellError:
        raise
    # What netCDF4 and xarray raise on a whole file of another form, such as times that no calendar has.
    except (OSError, RuntimeError, ValueError, TypeError, LookupError, AttributeError) as error:
        raise CellError(f"{path}: not a whole netCDF-4 file ({error}); make it again") from None
    opened: ResultsDataset = as_results(loaded)
    return opened


def _check_whole(path: Path) -> None:
    """Refuse a damaged file before HDF5 sees it: by its seal, or by what reading does to another process."""
    seal = seal_of(path)
    if seal == "broken":
        raise CellError(f"{path}: damaged: its bytes differ from the checksum at its end; make it again")
    if seal == "absent":
        try:
            try_netcdf(path)
        except DataError as error:
            reason = str(error).removeprefix(f"{path}: ")
            raise CellError(f"{path}: not a whole netCDF-4 file ({reason}); make it again") from None


def with_numeric_directions(ds: ResultsDataset) -> ResultsDataset:
    """Return the Dataset with directions as 0 and 1, since netCDF has no booleans."""
    written = ds.copy()
    for variable in written.variables.values():
        declared = variable.attrs.get("higher_is_better")
        if isinstance(declared, bool | np.bool_):
            variable.attrs["higher_is_better"] = np.int8(declared)
    return written


def _write(path: Path, ds: xr.Dataset, *, mode: Any, group: str | None) -> None:
    encoding = {
        name: {"zlib": True, "complevel": 1, "fletcher32": True, "_FillValue": None}
        for name, variable in ds.data_vars.items()
        if variable.dtype.kind in "if"
    }
    ds.to_netcdf(path, mode=mode, group=group, format="NETCDF4", engine="netcdf4", encoding=encoding)


def _check(path: Path, found: Any, group: str | None, groups: list[str]) -> None:
    if isinstance(found, str) and found.startswith(_FAMILY) and found != FORMAT:
        raise CellError(
            f"{path}: format {found} is not read by this version of mushin ({FORMAT}); make it again"
        )
    if found != FORMAT:
        raise CellError(f"{path}: no results of mushin (its attribute 'format' is {found!r})")
    if group is not None and group not in groups:
        raise CellError(f"{path}: no group {group!r}; it has {', '.join(groups) or 'none'}")
