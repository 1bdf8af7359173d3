"""Damage to a file of predictions ends in one error of ours, whatever bytes it hits."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import xarray as xr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mushin.errors import MushinError
from mushin.predictions.read import read_predictions, read_targets

LABELS = np.array([0, 2, 1, 1])
PROBABILITIES = np.array([[0.5, 0.25, 0.25], [0.125, 0.125, 0.75], [0.0, 1.0, 0.0], [0.25, 0.5, 0.25]])
FUZZ = settings(
    max_examples=200,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def damaged(content: bytes, changes: list[tuple[int, int]], cut: int) -> bytes:
    changed = bytearray(content)
    for place, value in changes:
        changed[place % len(changed)] = value
    return bytes(changed[: len(changed) - cut % len(changed)])


CHANGES = st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=5)


def read_or_refuse(path: Path) -> None:
    """Read as both; any error but one short line of ours that names the file fails the test."""
    for read in (read_predictions, read_targets):
        refusal = f"{path}: "
        try:
            read(path)  # type: ignore[operator]
        except MushinError as error:
            refusal = str(error)
        assert refusal.startswith(f"{path}: ")
        assert len(refusal) < 600
        assert "\n" not in refusal


@FUZZ
@given(changes=CHANGES, cut=st.integers(0, 30) | st.just(0), compressed=st.booleans())
def test_damaged_npz_is_read_or_refused(
    tmp_path: Path, changes: list[tuple[int, int]], cut: int, compressed: bool
) -> None:
    buffer = io.BytesIO()
    writer: Callable[..., None] = np.savez_compressed if compressed else np.savez
    writer(buffer, labels=LABELS, probabilities=PROBABILITIES)
    (tmp_path / "p.npz").write_bytes(damaged(buffer.getvalue(), changes, cut))
    read_or_refuse(tmp_path / "p.npz")


@FUZZ
@given(
    content=st.binary(max_size=200) | st.text(alphabet="01,.-e\n\r\"' ;nainfx\0", max_size=80).map(str.encode)
)
def test_any_csv_is_read_or_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "p.csv").write_bytes(content)
    read_or_refuse(tmp_path / "p.csv")
    (tmp_path / "p.csv").write_bytes(b"a,b\n" + content)
    read_or_refuse(tmp_path / "p.csv")


@settings(FUZZ, max_examples=8)
@given(changes=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=3, max_size=40))
def test_damaged_netcdf_is_read_or_refused(tmp_path: Path, changes: list[tuple[int, int]]) -> None:
    source = tmp_path / "whole.nc"
    if not source.exists():
        xr.Dataset({"p": (("n", "c"), PROBABILITIES)}).to_netcdf(source)
    (tmp_path / "p.nc").write_bytes(damaged(source.read_bytes(), changes, 0))
    read_or_refuse(tmp_path / "p.nc")
