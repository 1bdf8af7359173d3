"""Read and write ``cell.nc``: what one evaluation of one cell leaves behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
from numpy.typing import NDArray

from mushin.config.plan import CellName
from mushin.errors import CellError, DataError
from mushin.evaluation.sufficient import SufficientStatistics
from mushin.files import replacing, seal_of

FORMAT = "mushin-cell/1"
_FAMILY = "mushin-cell/"
DIMENSIONS = {
    "confusion": ("target", "prediction"),
    "calibration_count": ("bin",),
    "calibration_confidence": ("bin",),
    "calibration_correct": ("bin",),
    "mann_whitney_u": ("target",),
}
_REMEDY = "delete it and run the cell again"


@dataclass(frozen=True, kw_only=True, eq=False)
class Cell:
    """One evaluated cell.

    Attributes
    ----------
    name : CellName
        The data set, the method and the seed.
    task : str
        The task's name.
    metrics : tuple of str
        The metrics of the task's battery, from the catalogue.
    class_names : tuple of str
        One name per class, in the order of the labels.
    ignore_index : int or None
        The label that was left out.
    statistics : SufficientStatistics
        Counts from which every metric is computed.
    provenance : mapping of str to str
        Where the numbers come from: settings and source digests by group, the hash of the checkpoint, the
        digest of the targets, versions. No times, hosts or paths: same settings, same bytes.
    """

    name: CellName
    task: str
    metrics: tuple[str, ...]
    class_names: tuple[str, ...]
    ignore_index: int | None
    statistics: SufficientStatistics
    provenance: Mapping[str, str] = field(default_factory=dict)


def write_cell(path: Path, cell: Cell) -> None:
    """Write a cell as sealed NETCDF4, whole or not at all.

    Parameters
    ----------
    path : Path
        The file to write.
    cell : Cell
        What to write.
    """
    arrays = cell.statistics.arrays()
    with replacing(path, sealed=True) as temporary, netCDF4.Dataset(temporary, "w", format="NETCDF4") as file:
        file.setncatts(_attributes(cell))
        for name, values in arrays.items():
            for dimension, size in zip(DIMENSIONS[name], values.shape, strict=True):
                if dimension not in file.dimensions:
                    file.createDimension(dimension, size)
            variable = file.createVariable(
                name, values.dtype, DIMENSIONS[name], compression="zlib", complevel=1, fletcher32=True
            )
            variable[...] = values


def read_cell(path: Path) -> Cell:
    """Read a cell and check that it is whole.

    Parameters
    ----------
    path : Path
        A file that `write_cell` wrote.

    Returns
    -------
    Cell
        The cell, its arrays in memory.

    Raises
    ------
    CellError
        The file is missing, damaged, of another format version, or no cell.
    """
    if not path.is_file():
        raise CellError(f"{path}: no such file; run the cell first")
    _check_seal(path)
    try:
        with netCDF4.Dataset(path, "r") as file:
            file.set_auto_maskandscale(False)
            attributes = {name: file.getncattr(name) for name in file.ncattrs()}
            _check_format(path, attributes.get("format"))
            arrays = {name: file[name][...] for name in file.variables if name in DIMENSIONS}
    except (OSError, RuntimeError, UnicodeDecodeError) as error:
        raise CellError(f"{path}: not a whole netCDF-4 file ({error}); {_REMEDY}") from None
    try:
        return _cell(attributes, arrays)
    except KeyError as error:
        raise CellError(f"{path}: a cell without {error}; {_REMEDY}") from None
    except (DataError, TypeError, ValueError) as error:
        raise CellError(f"{path}: damaged: {error}; {_REMEDY}") from None


def _check_seal(path: Path) -> None:
    """Refuse a damaged file before HDF5 sees it."""
    seal = seal_of(path)
    if seal == "absent":
        raise CellError(f"{path}: cut short, or no cell of mushin: the seal at its end is missing; {_REMEDY}")
    if seal == "broken":
        raise CellError(f"{path}: damaged: its bytes differ from the checksum at its end; {_REMEDY}")


def _attributes(cell: Cell) -> dict[str, Any]:
    attributes: dict[str, Any] = {
        "format": FORMAT,
        "dataset": cell.name.dataset,
        "method": cell.name.method,
        "seed": np.int64(cell.name.seed),
        "task": cell.task,
        "metrics": " ".join(cell.metrics),
        "num_classes": np.int64(cell.statistics.num_classes),
        "class_names": list(cell.class_names),
        "n_samples": np.int64(cell.statistics.n_samples),
    }
    if cell.ignore_index is not None:
        attributes["ignore_index"] = np.int64(cell.ignore_index)
    return attributes | {f"provenance_{key}": value for key, value in sorted(cell.provenance.items())}


def _check_format(path: Path, found: Any) -> None:
    if found == FORMAT:
        return
    if isinstance(found, str) and found.startswith(_FAMILY):
        raise CellError(
            f"{path}: format {found} is not read by this version of mushin, which writes {FORMAT}; move the"
            " old results away, or run everything again with 'snakemake --forceall'"
        )
    raise CellError(f"{path}: no cell of mushin (its attribute 'format' is {found!r}); move the file away")


def _cell(attributes: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Cell:
    names = attributes["class_names"]
    ignored = attributes.get("ignore_index")
    statistics = SufficientStatistics(n_samples=int(attributes["n_samples"]), **arrays)
    class_names = (names,) if isinstance(names, str) else tuple(map(str, names))
    if not len(class_names) == statistics.num_classes == int(attributes["num_classes"]):
        raise DataError(f"{len(class_names)} class names for {statistics.num_classes} classes")
    return Cell(
        name=CellName(str(attributes["dataset"]), str(attributes["method"]), int(attributes["seed"])),
        task=str(attributes["task"]),
        metrics=tuple(str(attributes["metrics"]).split()),
        class_names=class_names,
        ignore_index=None if ignored is None else int(ignored),
        statistics=statistics,
        provenance={
            key.removeprefix("provenance_"): str(value)
            for key, value in attributes.items()
            if key.startswith("provenance_")
        },
    )
