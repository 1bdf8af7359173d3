from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import netCDF4
import numpy as np
import pytest
import xarray as xr

from mushin.cells import Cell, write_cell
from mushin.dataset import MergedResults, aggregate_cells
from mushin.errors import CellError
from mushin.files import replacing
from mushin.labelled import ResultsDataset
from mushin.layout import CELL, cell_folder
from mushin.results_file import open_results, write_results

METHODS, SEEDS = ("mlp", "cnn"), (3, 0)
Merge = Callable[..., MergedResults]


@pytest.fixture
def merge(tmp_path: Path, make_cell: Callable[..., Cell]) -> Merge:
    """Merge a study of data sets, given by their numbers of classes."""

    def make(**classes: int) -> MergedResults:
        for dataset, count in classes.items():
            for method in METHODS:
                for seed in SEEDS:
                    confusion = np.eye(count) + np.roll(np.eye(count), seed, axis=1)
                    cell = make_cell(f"{dataset}/{method}/{seed}", confusion=confusion, probabilities=True)
                    write_cell(cell_folder(tmp_path, cell.name) / CELL, cell)
        return aggregate_cells(tmp_path, list(classes), METHODS, SEEDS)

    return make


@pytest.fixture
def written(tmp_path: Path, merge: Merge) -> Path:
    path = tmp_path / "compare.nc"
    write_results(path, merge(digits=3, wine=4))
    return path


def assert_refused(path: Path, problem: str, group: str | None = None) -> None:
    with pytest.raises(CellError, match=f"^{re.escape(str(path))}: .*{problem}"):
        open_results(path, group)


@pytest.mark.parametrize("classes", [{"digits": 3}, {"digits": 3, "wine": 3}, {"digits": 3, "wine": 4}])
def test_results_read_back_as_they_were_written(
    tmp_path: Path, merge: Merge, classes: dict[str, int]
) -> None:
    merged = merge(**classes)
    write_results(tmp_path / "compare.nc", merged)
    opened = open_results(tmp_path / "compare.nc")
    assert isinstance(opened, ResultsDataset)
    xr.testing.assert_identical(opened, merged.scores)
    for name, group in merged.groups.items():
        xr.testing.assert_identical(open_results(tmp_path / "compare.nc", name), group)


def test_opened_results_select_a_method_by_label(written: Path) -> None:
    opened = open_results(str(written))
    assert opened.sel(method="cnn")["accuracy"].dims == ("dataset", "seed")
    assert open_results(written, "wine").sel(method="cnn")["confusion"].dims == (
        "seed",
        "target",
        "prediction",
    )


def test_opened_results_are_in_memory_and_the_file_is_free(written: Path) -> None:
    opened = open_results(written)
    written.unlink()
    assert opened["accuracy"].shape == (2, 2, 2)


def test_plain_xarray_is_enough_to_use_a_file(written: Path) -> None:
    with xr.open_dataset(written) as ds, xr.open_dataset(written, group="wine") as wine:
        assert ds["accuracy"].dims == ("dataset", "method", "seed")
        assert ds["accuracy"].attrs["long_name"] == "Accuracy"
        assert ds["accuracy"].attrs["units"] == "1"
        assert ds["accuracy"].attrs["higher_is_better"] == 1
        assert ds["accuracy"].attrs["valid_range"].tolist() == [0, 1]
        assert ds["method"].values.tolist() == ["mlp", "cnn"]
        assert wine["confusion"].dtype == np.int64
        assert wine["confusion"].shape == (2, 2, 4, 4)


def test_same_results_give_the_same_bytes_anywhere(tmp_path: Path, merge: Merge) -> None:
    merged = merge(digits=3, wine=4)
    for folder in ("a", "b/longer"):
        write_results(tmp_path / folder / "compare.nc", merged)
    assert (tmp_path / "a/compare.nc").read_bytes() == (tmp_path / "b/longer/compare.nc").read_bytes()


def test_failure_half_way_leaves_the_old_file(
    written: Path, merge: Merge, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = written.read_bytes()
    merged = merge(digits=3, wine=4)
    broken = MergedResults(merged.scores, {"digits": merged.groups["digits"], "accuracy": merged.scores})
    with pytest.raises(RuntimeError, match="NetCDF"):
        write_results(written, broken)
    assert written.read_bytes() == content
    assert not list(written.parent.glob(".*.partial"))


def test_missing_file_says_how_to_make_it(tmp_path: Path) -> None:
    assert_refused(tmp_path / "compare.nc", "no such file; make it with 'snakemake --cores 2 .*compare.nc'")


def test_file_cut_short_anywhere_is_refused(written: Path) -> None:
    content = written.read_bytes()
    for length in [*range(0, len(content) - 200, 4999), len(content) // 2]:
        written.write_bytes(content[:length])
        assert_refused(written, "not a whole netCDF-4 file .*; make it again")


def test_flipped_bit_is_noticed_wherever_it_is(written: Path) -> None:
    content = bytearray(written.read_bytes())
    for position in (9, len(content) // 3, len(content) // 2, len(content) - 2):
        content[position] ^= 1
        written.write_bytes(content)
        assert_refused(written, "damaged: its bytes differ from the checksum at its end; make it again")
        content[position] ^= 1


def test_text_file_is_refused(written: Path) -> None:
    written.write_text("method,seed,accuracy\n")
    assert_refused(written, "not a whole netCDF-4 file")


def test_netcdf_file_of_another_program_is_refused(written: Path) -> None:
    xr.Dataset({"accuracy": ("method", [0.5])}).to_netcdf(written)
    assert_refused(written, "no results of mushin .its attribute 'format' is None")


def test_older_format_is_named(written: Path) -> None:
    with replacing(written, sealed=True) as temporary:
        shutil.copy(written, temporary)
        with netCDF4.Dataset(temporary, "a") as file:
            file.setncattr("format", "mushin-results/0")
    assert_refused(
        written, "format mushin-results/0 is not read by this version of mushin .mushin-results/1."
    )


def test_unknown_group_lists_the_groups(tmp_path: Path, written: Path, merge: Merge) -> None:
    assert_refused(written, "no group 'wines'; it has digits, wine", group="wines")
    write_results(tmp_path / "one.nc", merge(digits=3))
    assert_refused(tmp_path / "one.nc", "no group 'digits'; it has none", group="digits")


def test_copy_that_a_user_saved_with_xarray_opens(tmp_path: Path, written: Path) -> None:
    opened = open_results(written)
    opened.sel(method=["cnn"]).to_netcdf(tmp_path / "mine.nc")
    xr.testing.assert_identical(open_results(tmp_path / "mine.nc"), opened.sel(method=["cnn"]))
