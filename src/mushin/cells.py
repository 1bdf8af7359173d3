"""Read and write ``cell.nc``: what one evaluation of one cell leaves behind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
from numpy.typing import NDArray

from mushin.config.plan import CellName
from mushin.errors import CellError, DataError
from mushin.evaluation.sufficient import CustomScore, SufficientStatistics
from mushin.files import replacing, seal_of
from mushin.metrics.metric import Metric

FORMAT = "mushin-cell/1"
_FAMILY = "mushin-cell/"
DIMENSIONS = {
    "confusion": ("target", "prediction"),
    "calibration_count": ("bin",),
    "calibration_confidence": ("bin",),
    "calibration_correct": ("bin",),
    "mann_whitney_u": ("target",),
    "regression_moments": ("moment",),
    "target_value": ("sample",),
    "predicted_value": ("sample",),
    "record_target": ("record",),
    "record_prediction": ("record",),
    "record_sample": ("record",),
    "record_count": ("record",),
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
        The metrics of the task's battery: from the catalogue, or the user's own, whose scores are part of the
        statistics.
    class_names : tuple of str
        One name per class, in the order of the labels; empty for a task on values.
    ignore_index : int or None
        The label that was left out.
    statistics : SufficientStatistics
        Counts or moments from which every metric of the catalogue is computed, and the other scores.
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


@dataclass(frozen=True)
class CellFacts:
    """What a cell says of itself, without its counts, which in a large study may be gigabytes.

    Attributes
    ----------
    name, provenance
        As of `Cell`.
    """

    name: CellName
    provenance: Mapping[str, str]


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
        for name, score in cell.statistics.scores.items():
            variable = file.createVariable(name, np.float64, ())
            variable.setncatts(score_attributes(score))
            variable[...] = score.value


def score_attributes(score: CustomScore | Metric) -> dict[str, Any]:
    """Return what the variable of a metric says about itself, in a cell and in ``compare.nc``."""
    return {
        "long_name": score.long_name,
        "units": score.units,
        "higher_is_better": np.int8(score.higher_is_better),
        "valid_range": np.array(score.valid_range, dtype=np.float64),
    }


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
    with _opened(path) as (file, attributes):
        arrays = {name: variable[...] for name, variable in file.variables.items() if name in DIMENSIONS}
        scores = {
            name: {**variable.__dict__, "value": variable[...]}
            for name, variable in file.variables.items()
            if name not in DIMENSIONS and "higher_is_better" in variable.ncattrs()
        }
    try:
        return _cell(attributes, arrays, {name: _score(of_score) for name, of_score in scores.items()})
    except KeyError as error:
        raise CellError(f"{path}: a cell without {error}; {_REMEDY}") from None
    except (DataError, TypeError, ValueError) as error:
        raise CellError(f"{path}: damaged: {error}; {_REMEDY}") from None


def read_facts(path: Path) -> CellFacts:
    """Read what a cell says of itself, in half the time and without its counts; otherwise as `read_cell`."""
    with _opened(path) as (_, attributes):
        pass
    try:
        return CellFacts(_name(attributes), _provenance(attributes))
    except KeyError as error:
        raise CellError(f"{path}: a cell without {error}; {_REMEDY}") from None
    except (TypeError, ValueError) as error:
        raise CellError(f"{path}: damaged: {error}; {_REMEDY}") from None


@contextmanager
def _opened(path: Path) -> Iterator[tuple[netCDF4.Dataset, dict[str, Any]]]:
    """Open a whole cell of this format, and give its attributes with it."""
    if not path.is_file():
        raise CellError(f"{path}: no such file; run the cell first")
    _check_seal(path)
    try:
        with netCDF4.Dataset(path, "r") as file:
            file.set_auto_maskandscale(False)
            attributes = dict(file.__dict__)  # a third faster than getncattr for each
            _check_format(path, attributes.get("format"))
            yield file, attributes
    except (OSError, RuntimeError, UnicodeDecodeError) as error:
        raise CellError(f"{path}: not a whole netCDF-4 file ({error}); {_REMEDY}") from None


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
        "n_samples": np.int64(cell.statistics.n_samples),
    }
    if cell.statistics.num_classes is not None:
        attributes["num_classes"] = np.int64(cell.statistics.num_classes)
        attributes["class_names"] = list(cell.class_names)
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


def _score(of_score: Mapping[str, Any]) -> CustomScore:
    lowest, highest = (float(bound) for bound in of_score["valid_range"])
    return CustomScore(
        value=float(of_score["value"]),
        higher_is_better=bool(of_score["higher_is_better"]),
        long_name=str(of_score["long_name"]),
        units=str(of_score["units"]),
        valid_range=(lowest, highest),
    )


def _class_names(attributes: Mapping[str, Any], num_classes: int | None) -> tuple[str, ...]:
    if num_classes is None:
        return ()
    names = attributes["class_names"]
    class_names = (names,) if isinstance(names, str) else tuple(map(str, names))
    if not len(class_names) == num_classes == int(attributes["num_classes"]):
        raise DataError(f"{len(class_names)} class names for {num_classes} classes")
    return class_names


def _cell(
    attributes: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], scores: Mapping[str, CustomScore]
) -> Cell:
    ignored = attributes.get("ignore_index")
    named: dict[str, Any] = {**arrays}
    statistics = SufficientStatistics(n_samples=int(attributes["n_samples"]), scores=scores, **named)
    class_names = _class_names(attributes, statistics.num_classes)
    return Cell(
        name=_name(attributes),
        task=str(attributes["task"]),
        metrics=tuple(str(attributes["metrics"]).split()),
        class_names=class_names,
        ignore_index=None if ignored is None else int(ignored),
        statistics=statistics,
        provenance=_provenance(attributes),
    )


def _name(attributes: Mapping[str, Any]) -> CellName:
    return CellName(str(attributes["dataset"]), str(attributes["method"]), int(attributes["seed"]))


def _provenance(attributes: Mapping[str, Any]) -> dict[str, str]:
    return {
        key.removeprefix("provenance_"): str(value)
        for key, value in attributes.items()
        if key.startswith("provenance_")
    }
