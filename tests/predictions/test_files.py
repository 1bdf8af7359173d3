"""The readers of .npz, .nc and .csv: what they accept, and that anything else is one error."""

from __future__ import annotations

import copy
import io
import pickle
import struct
import sys
import time
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from mushin.errors import DataError, PredictionError
from mushin.predictions.npz import read_npz, write_npz
from mushin.predictions.read import read_predictions, read_targets

LABELS = np.array([0, 2, 1, 1])
PROBABILITIES = np.array([[0.5, 0.25, 0.25], [0.125, 0.125, 0.75], [0.0, 1.0, 0.0], [0.25, 0.5, 0.25]])


def save(path: Path, array: Any) -> Path:
    """Write one array in the kind of file that the name asks for."""
    array = np.asarray(array)
    if path.suffix == ".npz":
        np.savez(path, array)
    elif path.suffix == ".nc":
        xr.Dataset({"p": ([f"d{axis}" for axis in range(array.ndim)], array)}).to_netcdf(path)
    else:
        columns = 1 if array.ndim == 1 else array.shape[1]
        header = ",".join(f"c{column}" for column in range(columns))
        np.savetxt(path, array, delimiter=",", header=header, comments="", fmt="%.17g")
    return path


@pytest.mark.parametrize("name", ["p.npz", "p.nc", "p.csv"])
def test_single_array_is_labels_or_probabilities_by_its_type(tmp_path: Path, name: str) -> None:
    labels = read_predictions(save(tmp_path / name, LABELS))
    np.testing.assert_array_equal(labels.labels, LABELS)
    assert labels.probabilities is None
    probabilities = read_predictions(save(tmp_path / name, PROBABILITIES))
    np.testing.assert_array_equal(probabilities.labels, LABELS)
    np.testing.assert_array_equal(probabilities.probabilities, PROBABILITIES)


@pytest.mark.parametrize("name", ["t.npz", "t.nc", "t.csv"])
def test_targets_are_int64(tmp_path: Path, name: str) -> None:
    found = read_targets(save(tmp_path / name, LABELS.astype(np.uint8)))
    assert found.dtype == np.int64
    np.testing.assert_array_equal(found, LABELS)


def test_masks_of_segmentation_keep_their_shape(tmp_path: Path) -> None:
    masks = np.zeros((2, 4, 5), dtype=np.uint8)
    for name in ("m.npz", "m.nc"):
        assert read_predictions(save(tmp_path / name, masks)).labels.shape == (2, 4, 5)
        assert read_targets(tmp_path / name).shape == (2, 4, 5)


def test_arrays_are_found_by_name_among_others(tmp_path: Path) -> None:
    np.savez_compressed(
        tmp_path / "p.npz", labels=LABELS, probabilities=np.asfortranarray(PROBABILITIES), other=[1.0]
    )
    coordinates = {"sample": [10, 11, 12, 13], "class": ["a", "b", "c"]}
    xr.Dataset(
        {"labels": ("sample", LABELS.astype(">i2")), "probabilities": (("sample", "class"), PROBABILITIES)},
        coords=coordinates,
    ).to_netcdf(tmp_path / "p.nc", encoding={"probabilities": {"zlib": True}})
    for name in ("p.npz", "p.nc"):
        found = read_predictions(tmp_path / name)
        np.testing.assert_array_equal(found.labels, LABELS)
        np.testing.assert_array_equal(found.probabilities, PROBABILITIES)
    np.savez(tmp_path / "t.npz", targets=LABELS, labels=LABELS[::-1])
    np.testing.assert_array_equal(read_targets(tmp_path / "t.npz"), LABELS)


def test_csv_of_a_spreadsheet_is_read(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_bytes('\ufeff"first, class",second\r\n"0.25",0.75\r\n1,0\r\n'.encode())
    assert read_predictions(tmp_path / "p.csv").labels.tolist() == [1, 0]
    (tmp_path / "t.csv").write_text("y\n3.0\n 1\n")
    assert read_targets(tmp_path / "t.csv").tolist() == [3, 1]


def test_equal_arrays_give_equal_bytes_without_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrays = {"labels": LABELS, "probabilities": PROBABILITIES}
    first = write_npz(tmp_path / "a.npz", arrays)
    monkeypatch.setattr(time, "time", lambda: 2e9)
    monkeypatch.setattr(time, "localtime", lambda *_: time.struct_time((2033, 5, 18, 0, 0, 0, 0, 1, 0)))
    assert write_npz(tmp_path / "sub/b.npz", arrays) == first
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "sub/b.npz").read_bytes()
    with np.load(tmp_path / "a.npz", allow_pickle=False) as loaded:
        np.testing.assert_array_equal(loaded["probabilities"], PROBABILITIES)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("p.csv", "", "the first line is no header"),
        ("p.csv", "\n1\n", "the first line is no header"),
        ("p.csv", "label\n", "no line follows the header"),
        ("p.csv", "0\n1\n2\n", "the first line holds numbers"),
        ("p.csv", "0.5,0.5\n0.2,0.8\n", "the first line holds numbers"),
        ("p.csv", ",label\n0,1\n1,1\n", r"column 1 has no name; .*index=False"),
        ("p.csv", "label\ncat\n", "could not convert string 'cat'"),
        ("p.csv", "label\n0\n\n0.5\n", "sample 2 is 0.5; a single column holds labels"),
        ("p.csv", "label\nnan\n", "sample 1 is nan"),
        ("p.csv", "label\n1e300\n", "sample 1 is 1e"),
        ("p.csv", "a,b\n0.5,0.5,0\n", "names 2 columns, but the lines have 3"),
        ("p.csv", "a,b\n0.5,0.5\n0.5\n", "number of columns changed"),
        ("p.csv", "a;b\n0.5;0.5\n", "could not convert"),
        ("p.csv", "a,b\n0.5,0.1\n", "sum to 0.6"),
        ("p.csv", "a\0b\n1\n", "the first line is no header"),
        ("p.csv", b"a,b\n\xff\xfe,1\n", "not a table of numbers"),
        ("p.csv", 'a,"b\n0.5,0.5\n', "the first line is no header"),
        ("p.npz", "", "damaged, or no .npz file"),
        ("p.npz", "PK\3\4 and no more", "damaged, or no .npz file"),
        ("p.nc", "", "damaged, or no netCDF file"),
        ("p.nc", "CDF\1 and no more", "damaged, or no netCDF file"),
        ("p.nc", "\x89HDF\r\n\x1a\n and no more", "damaged, or no netCDF file"),
        ("p.txt", "0\n", "the kind '.txt' is unknown; accepted: .npz, .nc, .csv"),
        ("p", "0\n", "the kind '' is unknown"),
    ],
)
def test_foreign_file_is_refused_by_name(tmp_path: Path, name: str, content: Any, message: str) -> None:
    file = tmp_path / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode("latin-1"))
    with pytest.raises((DataError, PredictionError), match=f"{name}: .*{message}"):
        read_predictions(file)


@pytest.mark.parametrize("name", ["p.npz", "p.nc", "p.csv"])
def test_missing_file_and_folder_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match=f"{name}: no such file"):
        read_targets(tmp_path / name)
    (tmp_path / name).mkdir()
    with pytest.raises(DataError, match=f"{name}: no such file"):
        read_predictions(tmp_path / name)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"a": [1], "b": [2]}, "arrays: a, b; accepted: targets and labels, or a single array"),
        ({}, "arrays: none"),
        ({"targets": [0.5, 1.0]}, r"float64 of shape \(2,\); targets are whole numbers"),
        ({"targets": []}, "targets are whole numbers"),
        ({"targets": np.int64(3)}, r"shape \(\)"),
        ({"targets": np.array([2**63], dtype=np.uint64)}, "a target is 9223372036854775808"),
    ],
)
def test_targets_that_are_no_labels_are_refused(tmp_path: Path, arrays: Any, message: str) -> None:
    np.savez(tmp_path / "t.npz", **arrays)
    with pytest.raises(DataError, match=f"t.npz: .*{message}"):
        read_targets(tmp_path / "t.npz")


def npy(header: str, data: bytes, version: int = 1) -> bytes:
    width = "<H" if version == 1 else "<I"
    return b"\x93NUMPY" + bytes([version, 0]) + struct.pack(width, len(header)) + header.encode() + data


def header(descr: str = "<i8", shape: str = "(2,)") -> str:
    return f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (npy(header(shape="(1000000000000,)"), b"\0" * 16), "does not fit the 16 bytes that follow"),
        (npy(header(shape="(99999999, 99999999, 99999999)"), b""), "does not fit the 0 bytes"),
        (npy(header(shape="(-2,)"), b""), "objects or records, or damaged"),
        (npy(header("|O"), pickle.dumps(print)), r"type \|O|objects or records"),
        (npy(header("<U8"), b"\0" * 64), "type <U8"),
        (npy(header("|V8"), b"\0" * 16), r"type \|V8"),
        (npy("__import__('os').getcwd()\n", b""), "objects or records, or damaged"),
        (npy(" " * 20_000, b"", version=2), "a header of 20000 bytes"),
        (npy(header(), b"\0" * 16, version=9), "no array of numpy"),
        (b"hello", "no array of numpy"),
        (npy(header("<i3"), b"\0" * 6), "type <i3"),
    ],
)
def test_array_that_says_more_than_it_holds_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    with zipfile.ZipFile(tmp_path / "p.npz", "w") as archive:
        archive.writestr("labels.npy", content)
    with pytest.raises(DataError, match=f"p.npz: .*({message})"):
        read_npz(tmp_path / "p.npz")


def test_pickled_objects_are_not_loaded(tmp_path: Path) -> None:
    np.savez(tmp_path / "p.npz", labels=np.array([print], dtype=object))
    with pytest.raises(DataError, match=r"labels: an array of type|objects or records"):
        read_predictions(tmp_path / "p.npz")


def test_array_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    with warnings.catch_warnings(), zipfile.ZipFile(tmp_path / "p.npz", "w") as archive:
        warnings.simplefilter("ignore")
        for _ in range(2):
            archive.writestr("labels.npy", npy(header(), b"\0" * 16))
    with pytest.raises(DataError, match="'labels' is there twice"):
        read_npz(tmp_path / "p.npz")


def test_array_that_begins_before_the_file_is_refused(tmp_path: Path) -> None:
    content = bytearray((save(tmp_path / "p.npz", LABELS)).read_bytes())
    content[-6] += 1  # where the directory begins: a byte late, so that what it lists begins a byte early
    (tmp_path / "p.npz").write_bytes(content)
    with pytest.raises(DataError, match=r"p\.npz: damaged, or no \.npz file"):
        read_npz(tmp_path / "p.npz")


def test_netcdf_that_was_never_filled_is_refused(tmp_path: Path) -> None:
    import netCDF4

    with netCDF4.Dataset(tmp_path / "p.nc", "w") as file:
        file.createDimension("sample", 10**12)
        file.createVariable("labels", "i8", ("sample",), chunksizes=(1000,))
    with pytest.raises(DataError, match=r"p\.nc: .*says that it holds 8000000000000 bytes"):
        read_predictions(tmp_path / "p.nc")


def test_netcdf_that_crashes_or_never_ends_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = save(tmp_path / "p.nc", LABELS)
    crash, hang = "import os; os.abort()", "import time; time.sleep(60)"
    for code, message in ((crash, "netCDF ended with -6"), (hang, "still reading it after 0 seconds")):
        fake = tmp_path / "python"
        fake.write_text(f"#!/bin/sh\nexec {sys.executable} -c '{code}'\n")
        fake.chmod(0o755)
        with monkeypatch.context() as patched:
            patched.setattr("mushin.predictions.netcdf.sys.executable", str(fake))
            if code is hang:
                patched.setattr("mushin.predictions.netcdf._SECONDS", 0.2)
            with pytest.raises(DataError, match=f"damaged.*{message}"):
                read_predictions(file)


VALUES = np.array([1.5, -2.0, 1e300])


@pytest.mark.parametrize("name", ["v.npz", "v.nc", "v.csv"])
def test_values_and_their_targets_are_read_from_every_kind_of_file(tmp_path: Path, name: str) -> None:
    path = save(tmp_path / name, VALUES)
    found = read_predictions(path, of_values=True)
    np.testing.assert_array_equal(found.values, VALUES)
    targets = read_targets(path, of_values=True)
    assert targets.dtype == np.float64
    np.testing.assert_array_equal(targets, VALUES)
    whole = save(tmp_path / name, np.array([3, -1]))
    np.testing.assert_array_equal(read_predictions(whole, of_values=True).values, [3.0, -1.0])
    np.testing.assert_array_equal(read_targets(whole, of_values=True), [3.0, -1.0])


def test_an_array_of_that_name_holds_values_among_others(tmp_path: Path) -> None:
    path = tmp_path / "v.npz"
    np.savez(path, ids=np.arange(3), values=VALUES, targets=VALUES + 1)
    np.testing.assert_array_equal(read_predictions(path).values, VALUES)
    np.testing.assert_array_equal(read_targets(path, of_values=True), VALUES + 1)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"targets": [0.5, np.nan]}, "the target of sample 2 is nan; leave such samples out of both"),
        ({"targets": [np.inf]}, "the target of sample 1 is inf"),
        ({"targets": [[0.5, 1.0]]}, r"float64 of shape \(1, 2\); targets are numbers, one per sample"),
        ({"a": [0.5], "b": [0.5]}, "arrays: a, b; accepted: targets and values, or a single array"),
    ],
)
def test_target_values_that_cannot_be_scored_are_refused(
    tmp_path: Path, arrays: dict[str, Any], message: str
) -> None:
    np.savez(tmp_path / "t.npz", **{name: np.array(values) for name, values in arrays.items()})
    with pytest.raises(DataError, match=rf"t\.npz: {message}"):
        read_targets(tmp_path / "t.npz", of_values=True)


def test_table_of_several_columns_holds_no_values(tmp_path: Path) -> None:
    with pytest.raises(PredictionError, match=r"values of shape \(4, 3\) came"):
        read_predictions(save(tmp_path / "p.csv", PROBABILITIES), of_values=True)


def test_arrays_that_share_their_bytes_are_refused(tmp_path: Path) -> None:
    """A bomb whose entries overlap unpacks to any size from a small file."""
    path = tmp_path / "p.npz"
    np.savez(path, a=np.zeros(1000))
    with zipfile.ZipFile(path, "a") as archive:
        for name in ("b.npy", "c.npy"):
            again = copy.copy(archive.filelist[0])
            again.filename = name
            archive.filelist.append(again)
        archive._didModify = True  # type: ignore[attr-defined]
    with pytest.raises(DataError, match=r"p\.npz: damaged: its arrays overlap"):
        read_npz(path)


def test_arrays_larger_than_the_memory_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    np.savez_compressed(tmp_path / "p.npz", labels=np.zeros(1000, dtype=np.int64))
    monkeypatch.setattr("mushin.predictions.npz.physical_memory", lambda: 8000)
    with pytest.raises(DataError, match=r"p\.npz: its arrays take 8128 bytes, more than this machine has"):
        read_npz(tmp_path / "p.npz")


def test_names_inside_an_archive_lead_nowhere(tmp_path: Path) -> None:
    path = tmp_path / "p.npz"
    buffer = io.BytesIO()
    np.save(buffer, LABELS)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../escaped.npy", buffer.getvalue())
    assert list(read_npz(path)) == ["../../escaped"]
    assert [file.name for file in tmp_path.iterdir()] == ["p.npz"]
