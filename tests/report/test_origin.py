from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from mushin.cells import Cell, write_cell
from mushin.errors import CellError
from mushin.files import sha256_of
from mushin.layout import CELL, cell_folder
from mushin.provenance.run_record import start_run, write_run
from mushin.report.origin import format_cell_origin, format_file_origin
from mushin.stages.aggregate import aggregate_study


@pytest.fixture
def file(tmp_path: Path, make_cell: Callable[..., Cell]) -> Path:
    for name in ("digits/mlp/0", "digits/cnn/0", "wine/mlp/0", "wine/cnn/0"):
        of_method = {"settings_method": f"method={json.dumps({'of': name})}", "trained_with_torch": "2.5"}
        cell = make_cell(
            name,
            provenance={
                **of_method,
                "evaluated_with_torch": "2.6",
                "targets_digest": "0123",
                "checkpoint_sha256": name,
                "sources_method": "no JSON",
            },
        )
        folder = cell_folder(tmp_path, cell.name)
        write_cell(folder / CELL, cell)
        if name != "wine/cnn/0":
            write_run(folder, start_run("train"), name)
            write_run(folder, start_run("evaluate"), sha256_of(folder / CELL))
    return aggregate_study(tmp_path, ["digits", "wine"], ["mlp", "cnn"], [0])


def test_file_says_what_it_holds_and_what_made_it(file: Path) -> None:
    shown = format_file_origin(file)
    for expected in (
        f"sha256              {sha256_of(file)}",
        "task                classification",
        "study               2 datasets, 2 methods, 1 seed",
        "cells               4 of 4",
        "made with           torch 2.5, torch (evaluated) 2.6",
        "test targets        0123",
        f"hosts               {start_run('x').host}",
        f"no full record      wine/cnn/0: 'mushin show {file} --cell CELL' says why",
        f"One cell: mushin show {file} --cell digits/mlp/0",
    ):
        assert expected in shown


def test_cell_says_settings_hashes_and_runs(file: Path) -> None:
    shown = format_cell_origin(file, "digits/cnn/0")
    for expected in (
        f"cell.nc             sha256 {sha256_of(file.parent / 'digits/cnn/0/cell.nc')}",
        "trained file        sha256 digits/cnn/0",
        '  method            of: "digits/cnn/0"',
        "  method            no JSON",
        f" on {start_run('x').host}",
        "  command",
        "  commit",
    ):
        assert expected in shown
    assert "nobody noted" not in shown
    assert "unknown             train: nobody noted the run" in format_cell_origin(file, "wine/cnn/0")


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("mlp/0", "mlp/0 is in several data sets; give DATASET/METHOD/SEED"),
        ("digits/mpl/0", r"has no cell digits/mpl/0; did you mean 'digits/mlp/0'\? accepted: digits/mlp/0, "),
        ("x", "has no cell x; accepted: digits/mlp/0"),
    ],
)
def test_unknown_cell_is_refused_with_those_there_are(file: Path, name: str, problem: str) -> None:
    with pytest.raises(CellError, match=problem):
        format_cell_origin(file, name)


def test_provenance_of_another_file_is_not_shown(file: Path, tmp_path: Path) -> None:
    copy = shutil.copy(file, tmp_path / "copy.nc")
    assert sha256_of(copy) in format_file_origin(copy)
    copy.write_bytes(file.read_bytes()[:-1] + b" ")
    for show in (format_file_origin, lambda path: format_cell_origin(path, "digits/mlp/0")):
        with pytest.raises(CellError, match=r"describes another file; merge|damaged: its bytes differ"):
            show(copy)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CellError, match=r"compare\.nc: no such file; name merged results"):
        format_cell_origin(tmp_path / "compare.nc", "digits/mlp/0")
