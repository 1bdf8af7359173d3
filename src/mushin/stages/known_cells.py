"""Read the cells of a study that may still run, each file once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mushin.cells import Cell, read_cell
from mushin.config.plan import CellName
from mushin.errors import CellError
from mushin.files import sha256_of
from mushin.metrics.catalog import get_metric


@dataclass(frozen=True)
class KnownCell:
    """What a ``cell.nc`` says, less its counts.

    Attributes
    ----------
    name : CellName
        The cell that it holds.
    task : str
        Of the evaluation.
    provenance : mapping of str to str
        As `mushin.cells.Cell` has it.
    scores : mapping of str to float
        Metric → score.
    higher_is_better : mapping of str to bool
        Metric → direction.
    sha256 : str
        The hash of the file.
    """

    name: CellName
    task: str
    provenance: Mapping[str, str]
    scores: Mapping[str, float]
    higher_is_better: Mapping[str, bool]
    sha256: str


@dataclass
class KnownCells:
    """Reads cells, and reads one again only where its file is another one than before."""

    _kept: dict[Path, tuple[tuple[int, int, int], KnownCell]] = field(default_factory=dict)

    def read(self, path: Path) -> KnownCell:
        """Read a cell.

        Raises
        ------
        CellError
            See `mushin.cells.read_cell`.
        """
        try:
            of_file = path.stat()
            signature = (of_file.st_ino, of_file.st_size, of_file.st_mtime_ns)
            if path not in self._kept or self._kept[path][0] != signature:
                self._kept[path] = (signature, _known(read_cell(path), sha256_of(path)))
        except FileNotFoundError:  # A run that replaces a cell removes it first.
            raise CellError(f"{path}: no such file; run the cell first") from None
        return self._kept[path][1]


def _known(cell: Cell, sha256: str) -> KnownCell:
    own, arrays = cell.statistics.scores, cell.statistics.arrays()
    scores: dict[str, float] = {}
    directions: dict[str, bool] = {}
    for name in cell.metrics:
        described = own[name] if name in own else get_metric(name)
        directions[name] = bool(described.higher_is_better)
        if name in own:
            scores[name] = float(own[name].value)
        else:
            scores[name] = float(get_metric(name).score(arrays, ignore_index=cell.ignore_index))
    return KnownCell(cell.name, cell.task, dict(cell.provenance), scores, directions, sha256)
