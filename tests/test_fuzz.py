"""Any bytes in the place of a file of results are read or refused with one error of ours."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from damaged import CHANGES, FUZZ, damaged, damaged_member
from mushin.cells import Cell, read_cell, write_cell
from mushin.dataset import merge_cells
from mushin.errors import CellError, MushinError, SweepError
from mushin.files import replacing
from mushin.provenance.run_record import read_run, start_run, write_run
from mushin.provenance.study_file import read_provenance
from mushin.results_file import open_results, write_results
from mushin.stages.aggregate import aggregate_study
from mushin.stages.record import TrainingRecord, read_record, write_record
from mushin.sweeps.job_files import JobResult, read_failure, read_result, write_failure, write_result
from mushin.sweeps.manifest import read_manifest

Changes = list[tuple[int, int, bytes]]
MakeCell = Callable[..., Cell]
RECORD = TrainingRecord(
    "ab", {"data": 'data={"n":1}'}, {"data": "data.source={}"}, {"loss": [1.0]}, {"torch": "2"}
)


def read_or_refuse(read: Callable[[], object], path: Path) -> None:
    """Any error but one of ours that names the file fails the test."""
    refusal = str(path)
    try:
        read()
    except MushinError as error:
        refusal = str(error)
    assert str(path) in refusal


@FUZZ
@given(changes=CHANGES)
def test_damaged_text_is_read_or_refused(tmp_path: Path, changes: Changes) -> None:
    write_record(tmp_path / "train.json", RECORD)
    write_run(tmp_path, start_run_once(), "ab" * 32)
    write_failure(tmp_path, ValueError("x"), "trace")
    (tmp_path / "sweep.json").write_text(
        '{"format": 1, "task": "t", "source": "s", "swept": {"lr": [0.1]}, "fixed": {}}'
    )
    readers: dict[str, Callable[[], Any]] = {
        "train.json": lambda: read_record(tmp_path / "train.json"),
        "run.train.json": lambda: read_run(tmp_path, "train"),
        "failure.json": lambda: read_failure(tmp_path, {}),
        "sweep.json": lambda: read_manifest(tmp_path),
    }
    for name, read in readers.items():
        path = tmp_path / name
        path.write_bytes(damaged(path.read_bytes(), changes))
        read_or_refuse(read, path)


RUNS = []


def start_run_once() -> Any:
    """Asking git takes longer than an example."""
    RUNS.extend([] if RUNS else [start_run("train")])
    return RUNS[0]


@FUZZ
@given(changes=CHANGES, hit=st.sampled_from(["result.json", "arrays.npz", "arr_0.npy"]))
def test_damaged_result_of_a_job_counts_as_none(tmp_path: Path, changes: Changes, hit: str) -> None:
    result = JobResult({"lr": 0.1}, "abc", {"curve": np.arange(3.0), "n": 1})
    write_result(tmp_path, result)
    described, arrays = tmp_path / "result.json", tmp_path / "arrays.npz"
    if hit == "result.json":
        described.write_bytes(damaged(described.read_bytes(), changes))
    else:
        content = arrays.read_bytes()
        arrays.write_bytes(
            damaged(content, changes) if hit == "arrays.npz" else damaged_member(content, hit, changes)
        )
        matching = json.loads(described.read_text())
        matching["arrays_sha256"] = hashlib.sha256(arrays.read_bytes()).hexdigest()
        described.write_text(json.dumps(matching))
    found = read_result(tmp_path)
    assert found is None or all(isinstance(name, str) for name in found.metrics)


def test_arrays_that_unpack_to_more_than_the_file_count_as_none(tmp_path: Path) -> None:
    write_result(tmp_path, JobResult({}, "abc", {"curve": np.zeros(10**6)}))
    np.savez_compressed(tmp_path / "arrays.npz", np.zeros(10**6))
    content = json.loads((tmp_path / "result.json").read_text())
    content["arrays_sha256"] = hashlib.sha256((tmp_path / "arrays.npz").read_bytes()).hexdigest()
    (tmp_path / "result.json").write_text(json.dumps(content))
    assert read_result(tmp_path) is None


def test_manifest_nested_without_end_is_refused(tmp_path: Path) -> None:
    (tmp_path / "sweep.json").write_text("[" * 10**5)
    with pytest.raises(SweepError, match=r"sweep\.json is damaged"):
        read_manifest(tmp_path)


@FUZZ
@given(changes=CHANGES)
def test_damaged_provenance_is_read_or_refused(tmp_path: Path, make_cell: MakeCell, changes: Changes) -> None:
    whole = tmp_path / "whole.json"
    if not whole.exists():
        cell = make_cell("digits/mlp/0")
        write_cell(tmp_path / str(cell.name) / "cell.nc", cell)
        aggregate_study(tmp_path, ["digits"], ["mlp"], [0])
        (tmp_path / "provenance.json").rename(whole)
    (tmp_path / "provenance.json").write_bytes(damaged(whole.read_bytes(), changes))
    read_or_refuse(lambda: read_provenance(tmp_path), tmp_path / "provenance.json")


@FUZZ
@given(changes=CHANGES)
def test_damage_under_a_seal_is_refused_before_hdf5_sees_it(
    tmp_path: Path, make_cell: MakeCell, changes: Changes
) -> None:
    whole = tmp_path / "whole.nc"
    if not whole.exists():
        write_cell(whole, make_cell("digits/mlp/0"))
    content = damaged(whole.read_bytes(), changes)
    (tmp_path / "cell.nc").write_bytes(content)
    if content != whole.read_bytes():
        with pytest.raises(CellError, match=r"cell\.nc: (damaged|cut short)"):
            read_cell(tmp_path / "cell.nc")


NUMBERS = st.sampled_from([-1, 0, 2, 3, 2**62, -1.5, float("nan"), "", "x", "3", "\0", [1, 2], [""], [1.5]])
ATTRIBUTES = st.dictionaries(
    st.sampled_from(
        [
            "dataset",
            "method",
            "seed",
            "task",
            "metrics",
            "n_samples",
            "num_classes",
            "class_names",
            "ignore_index",
        ]
    ),
    NUMBERS,
    max_size=4,
)
VARIABLES = st.dictionaries(
    st.sampled_from(["confusion", "mann_whitney_u", "record_count", "regression_moments", "own"]),
    st.tuples(st.sampled_from(["i8", "f4", "u1", "S1", str]), st.integers(0, 3)),
    max_size=2,
)


@settings(FUZZ, max_examples=40)
@given(attributes=ATTRIBUTES, variables=VARIABLES)
def test_whole_file_of_another_shape_is_read_or_refused(
    tmp_path: Path, make_cell: MakeCell, attributes: dict[str, Any], variables: dict[str, Any]
) -> None:
    """Whoever writes a file can seal it, so a seal says nothing of what is inside."""
    cell, merged = tmp_path / "cell.nc", tmp_path / "compare.nc"
    write_cell(cell, make_cell("digits/mlp/0"))
    write_results(merged, merge_cells(lambda name: make_cell(str(name)), ["digits"], ["mlp"], [0, 1]))
    for path, read in ((cell, read_cell), (merged, open_results)):
        content = path.read_bytes()
        with replacing(path, sealed=True) as changed:
            changed.write_bytes(content)
            add_to(changed, attributes, variables)
        read_or_refuse(partial(read, path), path)


def add_to(path: Path, attributes: dict[str, Any], variables: dict[str, Any]) -> None:
    with netCDF4.Dataset(path, "a") as file:
        file.setncatts(attributes)
        for name, (kind, dimensions) in variables.items():
            shape = [f"other_{number}" for number in range(dimensions)]
            for dimension in shape:
                if dimension not in file.dimensions:
                    file.createDimension(dimension, 2)
            if name not in file.variables:
                added = file.createVariable(name, kind, shape)
                added.setncatts({"higher_is_better": "x", "valid_range": [1.0], "units": "days since never"})


def test_netcdf_without_a_seal_is_tried_in_another_process(tmp_path: Path, make_cell: MakeCell) -> None:
    """A few changed bytes of these make HDF5 crash, where nothing was compared first."""
    path = tmp_path / "compare.nc"
    merged = merge_cells(lambda name: make_cell(str(name)), ["digits"], ["mlp"], [0, 1])
    merged.scores.to_netcdf(path)
    assert open_results(path).sizes["seed"] == 2
    content = bytearray(path.read_bytes())
    for start in (100, len(content) // 2):
        content[start : start + 300] = b"\xff" * 300
    path.write_bytes(content)
    with pytest.raises(CellError, match=r"compare\.nc: not a whole netCDF-4 file"):
        open_results(path)
