from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import pytest
import xarray as xr
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mushin.cells import DIMENSIONS, FORMAT, Cell, read_cell, read_facts, write_cell
from mushin.config.plan import CellName
from mushin.errors import CellError
from mushin.evaluation.sufficient import CustomScore, SufficientStatistics
from mushin.files import replacing

MakeCell = Callable[..., Cell]
FUZZ = settings(
    derandomize=True,
    deadline=None,
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def facts(cell: Cell) -> dict[str, Any]:
    """What a cell holds, in a form that compares."""
    arrays = {name: (array.dtype.str, array.tolist()) for name, array in cell.statistics.arrays().items()}
    parts = {name: getattr(cell, name) for name in ("name", "task", "metrics", "class_names", "ignore_index")}
    return {**parts, **arrays, "n": cell.statistics.n_samples, "provenance": dict(cell.provenance)}


def change(path: Path, edit: Callable[[netCDF4.Dataset], None]) -> None:
    """Edit a cell as another program could, and seal it again."""
    with replacing(path, sealed=True) as temporary:
        shutil.copy(path, temporary)
        with netCDF4.Dataset(temporary, "a") as file:
            edit(file)


def assert_refused(path: Path, problem: str) -> None:
    with pytest.raises(CellError, match=f"^{re.escape(str(path))}: .*{problem}"):
        read_cell(path)


@pytest.fixture
def written(tmp_path: Path, make_cell: MakeCell) -> Path:
    path = tmp_path / "cell.nc"
    write_cell(path, make_cell("digits/mlp/0", probabilities=True))
    return path


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"probabilities": True},
        {"ignore_index": 255},
        {"ignore_index": -1},
        {"class_names": ("κόσμος", "naïve, with spaces", "日本")},
        {"class_names": ("", "b", "c")},
        {"confusion": [[3, 1], [0, 4]]},
        {"confusion": [[7]], "class_names": ("only one",)},
        {"confusion": np.zeros((3, 3))},
        {"confusion": np.full((2, 2), 2**60)},
        {"metrics": ("accuracy",), "provenance": {}},
        {"provenance": {"settings_data": 'data={"name":"κ","lr":0.1}', "long": "x" * 100_000}},
    ],
)
def test_cell_reads_back_as_it_was_written(
    tmp_path: Path, make_cell: MakeCell, changes: dict[str, Any]
) -> None:
    cell = make_cell("digits/mlp/7", **changes)
    write_cell(tmp_path / "cell.nc", cell)
    assert facts(read_cell(tmp_path / "cell.nc")) == facts(cell)


def test_largest_seed_survives(tmp_path: Path, make_cell: MakeCell) -> None:
    write_cell(tmp_path / "cell.nc", make_cell(f"digits/mlp/{2**32 - 1}"))
    assert read_cell(tmp_path / "cell.nc").name.seed == 2**32 - 1


def test_same_cell_gives_the_same_bytes_anywhere(tmp_path: Path, make_cell: MakeCell) -> None:
    for folder, order in (("a", 1), ("b/longer", -1)):
        provenance = dict([("one", "1"), ("two", "2")][::order])
        cell = make_cell("digits/mlp/0", probabilities=True, provenance=provenance)
        write_cell(tmp_path / folder / "cell.nc", cell)
    assert (tmp_path / "a/cell.nc").read_bytes() == (tmp_path / "b/longer/cell.nc").read_bytes()


def test_plain_xarray_opens_a_cell(written: Path) -> None:
    with xr.open_dataset(written) as ds:
        assert ds["confusion"].dims == ("target", "prediction")
        assert ds.attrs["format"] == FORMAT
        assert int(ds["confusion"].sum()) == ds.attrs["n_samples"]


def test_missing_file_says_to_run_the_cell(tmp_path: Path) -> None:
    assert_refused(tmp_path / "cell.nc", "no such file; run the cell first")
    assert_refused(tmp_path, "no such file")


def test_file_cut_short_anywhere_is_refused(written: Path) -> None:
    content = written.read_bytes()
    for length in [*range(0, len(content), 397), len(content) - 1]:
        written.write_bytes(content[:length])
        assert_refused(written, "cut short, .* delete it and run the cell again")


@pytest.mark.parametrize(
    "content", [b"", b"not a netCDF file\n", b"\x89HDF\r\n\x1a\n", b"CDF\x01" + bytes(99)]
)
def test_file_that_is_no_cell_is_refused(written: Path, content: bytes) -> None:
    written.write_bytes(content)
    assert_refused(written, "no cell of mushin")


def test_netcdf_file_of_another_program_is_refused(written: Path) -> None:
    xr.Dataset({"confusion": (("target", "prediction"), [[1, 0], [0, 1]])}).to_netcdf(written)
    assert_refused(written, "no cell of mushin: the seal at its end is missing")


@pytest.mark.parametrize(
    ("found", "problem"),
    [
        (
            "mushin-cell/0",
            "format mushin-cell/0 is not read by this version of mushin, which writes mushin-cell/1",
        ),
        ("mushin-results/1", "no cell of mushin .its attribute 'format' is 'mushin-results/1'"),
        (np.int64(1), "no cell of mushin"),
    ],
)
def test_other_format_is_named(written: Path, found: Any, problem: str) -> None:
    change(written, lambda file: file.setncattr("format", found))
    assert_refused(written, problem)


@pytest.mark.parametrize(
    "attribute", ["dataset", "method", "seed", "task", "metrics", "num_classes", "class_names", "n_samples"]
)
def test_missing_attribute_is_named(written: Path, attribute: str) -> None:
    change(written, lambda file: file.delncattr(attribute))
    assert_refused(written, f"a cell without '{attribute}'; delete it and run the cell again")


@pytest.mark.parametrize(
    ("attribute", "value", "problem"),
    [
        ("n_samples", np.int64(29), "n_samples is 29, but the confusion matrix sums to 30"),
        ("num_classes", np.int64(4), "3 class names for 3 classes"),
        ("class_names", ["a", "b"], "2 class names for 3 classes"),
        ("seed", "zero", "invalid literal"),
    ],
)
def test_attribute_that_contradicts_the_counts_is_refused(
    written: Path, attribute: str, value: Any, problem: str
) -> None:
    change(written, lambda file: file.setncattr(attribute, value))
    assert_refused(written, f"damaged: .*{problem}")


def test_cell_without_a_confusion_matrix_is_refused(written: Path) -> None:
    change(written, lambda file: file.renameVariable("confusion", "matrix"))
    assert_refused(written, "damaged: .*confusion")


def test_flipped_bit_in_the_counts_is_noticed(written: Path) -> None:
    content = bytearray(written.read_bytes())
    with netCDF4.Dataset(written) as file:
        assert all(file[name].filters()["fletcher32"] for name in file.variables)
    content[len(content) // 2] ^= 1
    written.write_bytes(content)
    assert_refused(written, "damaged: its bytes differ from the checksum at its end")


def test_flipped_bit_in_a_setting_is_noticed(written: Path) -> None:
    content = written.read_bytes()
    assert content.count(b"digits/mlp/0") == 1
    written.write_bytes(content.replace(b"digits/mlp/0", b"digits/mlp/1"))
    assert_refused(written, "damaged: its bytes differ")


def test_file_that_another_program_wrote_into_is_refused(written: Path) -> None:
    with netCDF4.Dataset(written, "a") as file:
        file.setncattr("seed", np.int64(1))
    assert_refused(written, "the seal at its end is missing|its bytes differ")


@FUZZ
@given(content=st.binary(max_size=2000))
@example(content=b"\x89HDF\r\n\x1a\n" + bytes(1000))
def test_arbitrary_bytes_are_refused_and_nothing_worse(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "fuzzed.nc"
    path.write_bytes(content)
    assert_refused(path, "")


@FUZZ
@given(data=st.data())
def test_changed_bytes_are_refused_or_change_nothing(
    tmp_path: Path, make_cell: MakeCell, data: st.DataObject
) -> None:
    path, cell = tmp_path / "fuzzed.nc", make_cell("digits/mlp/0", probabilities=True)
    if not path.exists():
        write_cell(path, cell)
    original = path.read_bytes()
    content = bytearray(original)
    positions = st.integers(0, len(content) - 1)
    for position, value in data.draw(st.lists(st.tuples(positions, st.integers(0, 255)), max_size=20)):
        content[position] = value
    path.write_bytes(content)
    try:
        if content == original:
            assert facts(read_cell(path)) == facts(cell)
        else:
            assert_refused(path, "")
    finally:
        path.write_bytes(original)


def test_failure_half_way_leaves_the_old_cell(
    written: Path, make_cell: MakeCell, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = written.read_bytes()
    monkeypatch.delitem(DIMENSIONS, "mann_whitney_u")
    with pytest.raises(KeyError, match="mann_whitney_u"):
        write_cell(written, make_cell("digits/cnn/1", probabilities=True))
    assert written.read_bytes() == content
    assert list(written.parent.iterdir()) == [written]


def regression(**changes: Any) -> Cell:
    values = np.array([0.1, -2.0, 1e300])
    statistics = SufficientStatistics(
        n_samples=3,
        regression_moments=np.array([3.0, 1, 2, 3, 4, 5, 6, 7]),
        target_value=values,
        predicted_value=-values,
        scores={
            "mape": CustomScore(value=0.1, higher_is_better=False, long_name="κ error", units="%"),
            "own": CustomScore(value=np.nan, higher_is_better=True, long_name="own", valid_range=(-1.0, 1.0)),
        },
    )
    facts: dict[str, Any] = {
        "name": CellName("diabetes", "mlp", 0),
        "task": "regression",
        "metrics": ("mape", "own", "rmse"),
        "class_names": (),
        "ignore_index": None,
        "statistics": statistics,
    }
    return Cell(**{**facts, **changes})


def test_cell_of_a_regression_reads_back_as_it_was_written(tmp_path: Path) -> None:
    cell = regression()
    write_cell(tmp_path / "cell.nc", cell)
    found = read_cell(tmp_path / "cell.nc")
    assert facts(found) == facts(cell)
    assert list(found.statistics.scores) == ["mape", "own"]
    assert found.statistics.scores["mape"] == cell.statistics.scores["mape"]
    assert np.isnan(found.statistics.scores["own"].value)
    assert found.statistics.scores["own"].valid_range == (-1, 1)
    with xr.open_dataset(tmp_path / "cell.nc") as ds:
        assert ds["mape"].dims == ()
        assert ds["mape"].dtype == np.float64
        assert ds["mape"].attrs["higher_is_better"] == 0
        assert "num_classes" not in ds.attrs


@pytest.mark.parametrize(
    ("edit", "problem"),
    [
        (lambda file: file.setncattr("n_samples", 4), "n_samples is 4, but the moments count 3"),
        (lambda file: file["mape"].delncattr("units"), "a cell without 'units'"),
        (lambda file: file["mape"].setncattr("valid_range", 1.0), "damaged"),
    ],
)
def test_damaged_cell_of_a_regression_is_refused(
    tmp_path: Path, edit: Callable[[netCDF4.Dataset], None], problem: str
) -> None:
    path = tmp_path / "cell.nc"
    write_cell(path, regression())
    change(path, edit)
    assert_refused(path, problem)


def test_facts_are_those_of_the_whole_cell(tmp_path: Path, make_cell: Callable[..., Cell]) -> None:
    write_cell(tmp_path / "cell.nc", make_cell("digits/mlp/0"))
    whole, facts = read_cell(tmp_path / "cell.nc"), read_facts(tmp_path / "cell.nc")
    assert (facts.name, facts.provenance) == (whole.name, whole.provenance)


def test_facts_of_a_damaged_cell_are_refused(tmp_path: Path, make_cell: Callable[..., Cell]) -> None:
    path = tmp_path / "cell.nc"
    with pytest.raises(CellError, match=r"cell\.nc: no such file; run the cell first"):
        read_facts(path)
    write_cell(path, make_cell("digits/mlp/0"))
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(CellError, match="cut short, or no cell of mushin"):
        read_facts(path)
