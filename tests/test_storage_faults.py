"""What happens when the disk is full or cannot be written to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from mushin.cells import Cell, read_cell, write_cell
from mushin.errors import StorageError
from mushin.files import replacing, write_bytes
from small_disk import SmallDisk, small_disk
from tiny_study import Command


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "disk") as mounted:
        yield mounted


@pytest.fixture
def disk_of_results(here: Path) -> Iterator[SmallDisk]:
    with small_disk(here / "results") as mounted:
        yield mounted


def files(folder: Path) -> set[str]:
    return {file.name for file in folder.rglob("*") if file.is_file()}


def test_full_disk_keeps_the_old_file_and_says_to_make_room(disk: SmallDisk) -> None:
    path = disk.folder / "a.bin"
    write_bytes(path, b"old" * 1000)
    disk.fill()
    with pytest.raises(StorageError, match=r"a\.bin: cannot be written: No space left on device; make room"):
        write_bytes(path, bytes(10**5))
    assert path.read_bytes() == b"old" * 1000
    assert files(disk.folder) == {"a.bin", "filler"}
    disk.make_room()
    write_bytes(path, b"new")
    assert path.read_bytes() == b"new"


@pytest.mark.parametrize("room", [0, 4096, 16384, 65536])
def test_cell_that_finds_too_little_room_is_not_written(
    disk: SmallDisk, make_cell: Callable[..., Cell], room: int
) -> None:
    """HDF5 notices late, and does not say what is wrong."""
    path = disk.folder / "cell.nc"
    write_cell(path, make_cell("digits/mlp/0"))
    disk.fill(leaving=room)
    counts = np.random.default_rng(0).integers(0, 2**62, (120, 120)) // 120**2
    with pytest.raises(StorageError, match=r"cell\.nc: cannot be written: No space left on device"):
        write_cell(path, make_cell("digits/mlp/1", confusion=counts))
    assert read_cell(path).name.seed == 0
    assert files(disk.folder) == {"cell.nc", "filler"}


def test_read_only_folder_is_named_with_a_way_out(disk: SmallDisk) -> None:
    path = disk.folder / "cells/a.bin"
    write_bytes(path, b"old")
    disk.make_read_only()
    with pytest.raises(StorageError, match="Read-only file system; mount it writable, or choose another"):
        write_bytes(path, b"new")
    with pytest.raises(StorageError, match="Read-only file system"):
        write_bytes(disk.folder / "other/a.bin", b"new")
    assert path.read_bytes() == b"old"


def test_error_that_storage_has_no_part_in_comes_through(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="half-way"), replacing(tmp_path / "a.bin"):
        raise RuntimeError("half-way")
    (tmp_path / "file").touch()
    with pytest.raises(FileExistsError):
        write_bytes(tmp_path / "file/a.bin", b"")


def test_study_on_a_full_disk_goes_on_once_there_is_room(
    disk_of_results: SmallDisk, command: Command
) -> None:
    assert command("train", "blobs/near/0")[0] == 0
    disk_of_results.fill()
    for arguments, file in [
        (("evaluate", "blobs/near/0"), "cell.nc"),
        (("train", "blobs/far/0"), "model.pt"),
    ]:
        status, _, printed = command(*arguments)
        assert status == 1
        [line] = printed.splitlines()
        assert f"{file}: cannot be written: No space left on device; make room on its file system" in line
    assert files(disk_of_results.folder) == {"model.pt", "train.json", "run.train.json", "filler"}
    disk_of_results.make_room()
    assert command("evaluate", "blobs/near/0")[0] == 0


def test_study_in_a_read_only_folder_keeps_what_is_there(
    disk_of_results: SmallDisk, command: Command
) -> None:
    assert command("train", "blobs/near/0")[0] == 0
    disk_of_results.make_read_only()
    status, _, printed = command("evaluate", "blobs/near/0")
    assert status == 1
    assert "cell.nc: cannot be written: Read-only file system; mount it writable" in printed
    disk_of_results.make_read_only(False)
    assert command("evaluate", "blobs/near/0")[0] == 0
