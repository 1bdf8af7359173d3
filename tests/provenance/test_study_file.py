from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mushin.cells import Cell, write_cell
from mushin.errors import CellError
from mushin.files import sha256_of
from mushin.layout import CELL, cell_folder
from mushin.provenance.run_record import start_run, write_run
from mushin.provenance.study_file import read_provenance
from mushin.stages.aggregate import aggregate_study

PROVENANCE = {
    "settings_data": 'data={"n":1}',
    "sources_data": 'data.source={"a.b":"0123"}',
    "targets_digest": "0123",
    "checkpoint_sha256": "ab" * 32,
    "trained_with_torch": "2.5",
}
MakeCell = Callable[..., Cell]


@pytest.fixture
def results(tmp_path: Path, make_cell: MakeCell) -> Path:
    """Two cells with notes of who made them, merged."""
    for name in ("digits/mlp/0", "digits/mlp/1"):
        cell = make_cell(name, provenance=PROVENANCE)
        folder = cell_folder(tmp_path, cell.name)
        write_cell(folder / CELL, cell)
        write_run(folder, start_run("train"), PROVENANCE["checkpoint_sha256"])
        write_run(folder, start_run("evaluate"), sha256_of(folder / CELL))
    merge(tmp_path)
    return tmp_path


def merge(results: Path) -> None:
    aggregate_study(results, ["digits"], ["mlp"], [0, 1])


def test_every_cell_is_described_with_its_runs(results: Path) -> None:
    found = read_provenance(results)
    assert list(found.cells) == ["digits/mlp/0", "digits/mlp/1"]
    assert found.aggregated.output_sha256 == sha256_of(results / "compare.nc")
    cell = found.cells["digits/mlp/1"]
    assert cell.cell_sha256 == sha256_of(results / "digits/mlp/1/cell.nc")
    assert cell.facts == {
        key: PROVENANCE[key] for key in ("checkpoint_sha256", "targets_digest", "trained_with_torch")
    }
    assert found.texts[cell.settings["data"]] == PROVENANCE["settings_data"]
    assert found.texts[cell.sources["data"]] == PROVENANCE["sources_data"]
    assert (set(cell.runs), cell.notes) == ({"train", "evaluate"}, ())


def test_settings_digest_tells_settings_apart(results: Path, make_cell: MakeCell) -> None:
    before = read_provenance(results).cells
    changed = {**PROVENANCE, "settings_data": 'data={"n":2}'}
    write_cell(results / "digits/mlp/1/cell.nc", make_cell("digits/mlp/1", provenance=changed))
    merge(results)
    after = read_provenance(results).cells
    assert before["digits/mlp/0"].settings_digest == before["digits/mlp/1"].settings_digest
    assert after["digits/mlp/0"].settings_digest != after["digits/mlp/1"].settings_digest
    assert after["digits/mlp/0"].sources_digest == after["digits/mlp/1"].sources_digest


def test_run_that_made_another_file_is_not_claimed(results: Path, make_cell: MakeCell) -> None:
    copied = {**PROVENANCE, "checkpoint_sha256": "cd" * 32}
    write_cell(results / "digits/mlp/1/cell.nc", make_cell("digits/mlp/1", provenance=copied))
    merge(results)
    cell = read_provenance(results).cells["digits/mlp/1"]
    assert cell.runs == {}
    assert cell.notes == tuple(
        f"{stage}: the noted run made another file; this one came from elsewhere"
        for stage in ("train", "evaluate")
    )


def test_missing_and_damaged_notes_are_told_and_stop_nothing(results: Path) -> None:
    (results / "digits/mlp/0/run.train.json").unlink()
    (results / "digits/mlp/0/run.evaluate.json").write_text("{")
    merge(results)
    train, evaluate = read_provenance(results).cells["digits/mlp/0"].notes
    assert train == "train: nobody noted the run"
    assert "run.evaluate.json: damaged: not JSON" in evaluate


def test_missing_provenance_asks_for_a_merge(results: Path) -> None:
    (results / "provenance.json").unlink()
    with pytest.raises(CellError, match=r"provenance\.json: no such file; merge the cells again"):
        read_provenance(results)


def changed(content: Any, key: str, value: Any) -> Any:
    return {**content, key: value}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda content: changed(content, "format", "mushin-provenance/9"), "format 'mushin-provenance/9'"),
        (lambda content: changed(content, "cells", [{}]), "damaged"),
        (lambda content: changed(content, "cells", 3), "damaged"),
        (lambda content: changed(content, "texts", []), "damaged"),
        (lambda content: changed(content, "aggregated", None), "no note of a run"),
        (lambda content: [content], "damaged"),
    ],
)
def test_damaged_provenance_is_refused(results: Path, change: Callable[[Any], Any], problem: str) -> None:
    path = results / "provenance.json"
    path.write_text(json.dumps(change(json.loads(path.read_text()))))
    with pytest.raises(CellError, match=rf"provenance\.json: .*{problem}"):
        read_provenance(results)
