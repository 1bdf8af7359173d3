from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import mushin.partials
from mushin.files import replacing, write_bytes
from mushin.partials import partial_name


def partials(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir() if file.suffix == ".partial")


def killed_in_the_middle_of_a_write(path: Path) -> str:
    """Leave what a process leaves that is killed before it renames, and return its name."""
    child = os.fork()
    if child == 0:
        with replacing(path) as temporary:
            temporary.write_bytes(b"half")
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    [left] = partials(path.parent)
    return left


@pytest.fixture
def living() -> Iterator[int]:
    """A process that stays."""
    process = subprocess.Popen(["sleep", "600"])
    yield process.pid
    process.kill()
    process.wait()


def test_kill_in_the_middle_of_a_write_keeps_the_old_file_and_the_next_write_clears_up(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.bin"
    write_bytes(path, b"old")
    killed_in_the_middle_of_a_write(path)
    assert path.read_bytes() == b"old"
    write_bytes(path, b"new")
    assert [file.name for file in tmp_path.iterdir()] == ["a.bin"]
    assert path.read_bytes() == b"new"


def test_temporary_file_of_another_name_in_the_folder_is_cleared_up_too(tmp_path: Path) -> None:
    killed_in_the_middle_of_a_write(tmp_path / "model.pt")
    write_bytes(tmp_path / "predictions.npz", b"new")
    assert [file.name for file in tmp_path.iterdir()] == ["predictions.npz"]


def test_temporary_file_of_a_living_writer_stays(tmp_path: Path, living: int) -> None:
    other = partial_name(tmp_path / "a.bin")
    other = other.with_name(other.name.replace(f"-{os.getpid()}-", f"-{living}-"))
    other.write_bytes(b"half")
    write_bytes(tmp_path / "a.bin", b"new")
    assert partials(tmp_path) == [other.name]


def test_temporary_file_of_another_machine_stays_for_a_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = killed_in_the_middle_of_a_write(tmp_path / "a.bin")
    elsewhere = tmp_path / left.replace(mushin.partials._machine(), "0" * 8)
    (tmp_path / left).rename(elsewhere)
    os.utime(elsewhere, (0, 0))  # Anyone can set this time; it does not count.
    write_bytes(tmp_path / "a.bin", b"new")
    assert partials(tmp_path) == [elsewhere.name]
    monkeypatch.setattr(mushin.partials, "_ABANDONED_AFTER", -3600.0)
    write_bytes(tmp_path / "a.bin", b"newer")
    assert partials(tmp_path) == []


@pytest.mark.parametrize("name", [".a.bin.partial", "a.bin.0-0-0.partial", ".a.bin.12345678.partial"])
def test_what_another_program_left_stays(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    write_bytes(tmp_path / "a.bin", b"new")
    assert (tmp_path / name).exists()


@pytest.mark.parametrize("points", [5, pytest.param(100, marks=pytest.mark.slow)])
def test_kills_at_random_moments_leave_a_whole_file(tmp_path: Path, points: int) -> None:
    """Two writers at once, of which one is killed again and again."""
    path, generator = tmp_path / "a.bin", random.Random(0)
    contents = [bytes([number]) * 2**20 for number in range(4)]
    write_bytes(path, contents[0])
    for _ in range(points):
        children = [_write_for_ever(path, contents[:2]), _write_for_ever(path, contents[2:])]
        time.sleep(generator.uniform(0.0, 0.05))
        for child in children:
            os.kill(child, signal.SIGKILL)
        for child in children:
            assert os.waitpid(child, 0)[1] == signal.SIGKILL
        assert path.read_bytes() in contents
    write_bytes(path, contents[0])
    assert partials(tmp_path) == []


def _write_for_ever(path: Path, contents: list[bytes]) -> int:
    child = os.fork()
    while child == 0:
        try:
            for content in contents:
                write_bytes(path, content)
        except BaseException:
            os._exit(1)
    return child
