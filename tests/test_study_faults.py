"""What a Study makes of interrupts, of a second Study at once, and of files that somebody changed."""

from __future__ import annotations

import functools
import os
import signal
from collections.abc import Callable
from pathlib import Path

import netCDF4
import pytest
import torch
from torch import nn

from mushin import Study
from mushin.errors import BusyError, TrainingError
from mushin.files import replacing

DATA = [(torch.eye(3).repeat(4, 1), torch.arange(12) % 3)]


def train(seed: int, folder: Path, name: str) -> Path:
    path = folder / f"{name}-{seed}.pt"
    torch.save(nn.Linear(3, 3), path)
    with (folder / "trained.txt").open("a") as log:
        print(f"{name}/{seed}", file=log)
    return path


Make = Callable[..., Study]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def make_study(**others: Callable[[int], Path]) -> Study:
        methods = {name: functools.partial(train, folder=tmp_path, name=name) for name in ("a", "b")}
        return Study(
            {**methods, **others}, seeds=[0, 1], data=DATA, num_classes=3, working_dir=tmp_path / "results"
        )

    return make_study


def trained(folder: Path) -> list[str]:
    return (folder / "trained.txt").read_text().split()


@pytest.mark.parametrize(
    ("leave", "error", "message"),
    [
        (lambda seed: exit(3), TrainingError, r"method 'b', seed 0: .* called sys\.exit\(3\); let it return"),
        (lambda seed: signal.raise_signal(signal.SIGINT), KeyboardInterrupt, None),
    ],
)
def test_training_that_leaves_or_is_interrupted_keeps_what_is_finished(
    make: Make, tmp_path: Path, leave: Callable[[int], Path], error: type[BaseException], message: str | None
) -> None:
    with pytest.raises(error, match=message):
        make(b=leave).run()
    make().run()
    assert trained(tmp_path) == ["a/0", "a/1", "b/0", "b/1"]


Damage = Callable[[Path], object]


def flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(content)


def age(path: Path) -> None:
    """Write the cell as an older version might have."""
    content = path.read_bytes()
    with replacing(path, sealed=True) as temporary:
        temporary.write_bytes(content)
        with netCDF4.Dataset(temporary, "a") as file:
            file.setncattr("format", "mushin-cell/0")


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-100]), "cut short"),
        (lambda path: path.write_bytes(b""), "cut short"),
        (flip_a_bit, "damaged: its bytes differ from the checksum"),
        (age, "format mushin-cell/0 is not read by this version"),
        (lambda path: path.write_bytes((path.parents[2] / "a/0/cell.nc").read_bytes()), "holds data/a/0"),
        (lambda path: path.unlink(), "trained, not evaluated"),
    ],
    ids=["cut short", "empty", "flipped bit", "older format", "of another cell", "removed"],
)
def test_damaged_cell_is_named_and_scored_again_with_the_same_bytes(
    make: Make, tmp_path: Path, damage: Damage, reason: str
) -> None:
    make().run()
    cell, results = tmp_path / "results/data/b/1/cell.nc", tmp_path / "results/compare.nc"
    before = cell.read_bytes(), results.read_bytes()
    damage(cell)
    status = make().status().set_index(["method", "seed"])
    assert status.loc[("b", 1), "runs"] == "evaluate"
    assert reason in status.loc[("b", 1), "reason"]
    make().run()
    assert (cell.read_bytes(), results.read_bytes()) == before
    assert len(trained(tmp_path)) == 4


@pytest.mark.parametrize("moved_by", [-10 * 365 * 86400, 10 * 365 * 86400])
def test_clock_that_is_set_differently_runs_nothing_again(
    make: Make, tmp_path: Path, moved_by: float
) -> None:
    make().run()
    before = (tmp_path / "results/compare.nc").read_bytes()
    for file in (tmp_path / "results").rglob("*.*"):
        dated = file.stat().st_mtime + moved_by
        os.utime(file, (dated, dated))
    assert set(make().status()["runs"]) == {""}
    make().run()
    assert (tmp_path / "results/compare.nc").read_bytes() == before
    assert len(trained(tmp_path)) == 4


def test_second_study_at_once_is_refused_and_the_first_completes(make: Make, tmp_path: Path) -> None:
    begun, begin = os.pipe()
    go, gone_on = os.pipe()

    def wait(seed: int) -> Path:
        if seed == 0:
            os.write(begin, b".")
            os.read(go, 1)
        return train(seed, tmp_path, "waits")

    child = os.fork()
    if child == 0:
        make(waits=wait).run()
        os._exit(0)
    os.read(begun, 1)
    with pytest.raises(BusyError, match="another Study runs in this folder; wait until it ends"):
        make().run()
    os.write(gone_on, b".")
    assert os.waitpid(child, 0)[1] == 0
    assert sorted(trained(tmp_path)) == sorted(f"{m}/{s}" for m in ("a", "b", "waits") for s in (0, 1))
    make().run()
    assert len(trained(tmp_path)) == 6


def test_killed_study_leaves_no_lock(make: Make, tmp_path: Path) -> None:
    child = os.fork()
    if child == 0:
        make(b=lambda seed: os.kill(os.getpid(), signal.SIGKILL)).run()
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    make().run()
    assert trained(tmp_path) == ["a/0", "a/1", "b/0", "b/1"]
