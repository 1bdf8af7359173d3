"""What happens when a cell fails or is damaged, and when two runs start at once."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import netCDF4
import pytest

from mushin.cells import read_cell, write_cell
from mushin.files import replacing
from tiny_study import Command, Study, environment


@pytest.mark.workflow
def test_failing_cell_spares_the_others_and_is_named(fresh: Study) -> None:
    fresh.edit(
        "far.py",
        "    model = Blurred(num_classes)\n",
        "    model = Blurred(num_classes)\n    assert seed != 1, 'an unlucky seed'\n",
    )
    ran = fresh.run("--keep-going")
    printed = ran.stdout + ran.stderr
    assert ran.returncode == 1
    assert "AssertionError: an unlucky seed" in printed
    assert "logs/results/train/blobs/far/1.log" in printed
    done = sorted(str(cell.parent.relative_to(fresh.folder)) for cell in fresh.folder.rglob("cell.nc"))
    assert done == ["results/blobs/far/0", "results/blobs/near/0", "results/blobs/near/1"]
    assert not (fresh.folder / "results/compare.nc").exists()
    plan = fresh.mushin("plan").stdout
    assert "4 cells: 3 complete, 1 to run" in plan
    fresh.edit("far.py", "    assert seed != 1, 'an unlucky seed'\n", "")
    assert sum(fresh.planned().values()) >= 4


@pytest.mark.workflow
def test_broken_source_that_a_target_imports_is_one_line_at_planning(fresh: Study) -> None:
    fresh.edit("near.py", "import torch\n", "import torch\nimport shared\n")
    (fresh.folder / "shared.py").write_text("x = 1\ndef (\n")
    ran = fresh.run("--dry-run")
    assert ran.returncode == 1
    lines = (ran.stdout + ran.stderr).splitlines()
    assert "shared.py:2 is not valid Python: invalid syntax" in lines
    assert not [line for line in lines if "Traceback" in line or "ConfigError" in line]


@pytest.mark.workflow
def test_one_method_is_merged_and_not_compared(fresh: Study) -> None:
    planned = fresh.planned("--config", "methods=near", "seeds=0")
    assert planned["aggregate"] == 1
    assert {"stats", "report"}.isdisjoint(planned)
    ran = fresh.run("--config", "methods=near", "seeds=0")
    assert ran.returncode == 0, ran.stderr
    assert "one method: results/compare.nc is made; tables and report compare two or more" in ran.stderr
    assert (fresh.folder / "results/compare.nc").exists()


@pytest.mark.workflow
def test_second_run_at_once_is_refused_and_the_first_completes(fresh: Study) -> None:
    target, go = "results/blobs/near/0/train.json", fresh.folder / "go"
    os.mkfifo(go)
    fresh.edit("near.py", "    return model\n", "    open('go').close()\n    return model\n")
    first = subprocess.Popen(
        fresh.command(target),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment(),
        start_new_session=True,
    )
    try:
        _wait_for(lambda: any((fresh.folder / ".snakemake/locks").glob("*")), first)
        second = fresh.run(target)
        assert second.returncode == 1
        assert "Directory cannot be locked" in second.stdout + second.stderr
        assert "--unlock" in second.stdout + second.stderr
        with go.open("w"):
            assert first.wait(120) == 0
    finally:
        if first.poll() is None:
            os.killpg(first.pid, signal.SIGKILL)
            first.wait()
    assert (fresh.folder / target).is_file()


Damage = Callable[[Path], object]


def _flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(content)


def _age(path: Path) -> None:
    content = path.read_bytes()
    with replacing(path, sealed=True) as temporary:
        temporary.write_bytes(content)
        with netCDF4.Dataset(temporary, "a") as file:
            file.setncattr("format", "mushin-cell/0")


def _exchange(path: Path) -> None:
    shutil.copy(path.parents[2] / "far/0/cell.nc", path)


def _put_of_another_study(path: Path) -> None:
    cell = read_cell(path)
    write_cell(path, replace(cell, provenance={**cell.provenance, "targets_digest": "0123"}))


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-100]), r"cut short.*; delete it and run the cell"),
        (lambda path: path.write_bytes(b""), "cut short.*; delete it and run the cell again"),
        (_flip_a_bit, "its bytes differ from the checksum at its end; delete it and run the cell again"),
        (_age, "format mushin-cell/0 is not read by this version.*move the old results away"),
        (_exchange, "holds the cell blobs/far/0, not blobs/near/1; delete it and run the cell again"),
        (_put_of_another_study, "test targets differ from those of .*evaluate both on the same test split"),
    ],
    ids=["cut short", "empty", "flipped bit", "older format", "of another cell", "of another study"],
)
def test_damaged_cell_is_named_and_the_merged_file_stays(
    evaluated: Path, command: Command, damage: Damage, message: str
) -> None:
    cell, merged = evaluated / "results/blobs/near/1/cell.nc", evaluated / "results/compare.nc"
    before = merged.read_bytes()
    damage(cell)
    status, _, printed = command("aggregate")
    assert status == 1
    assert re.search(message, printed)
    assert "near/1" in printed
    assert merged.read_bytes() == before


def test_deleted_cell_is_made_again_with_the_same_bytes(evaluated: Path, command: Command) -> None:
    cell = evaluated / "results/blobs/near/1/cell.nc"
    before = cell.read_bytes()
    cell.unlink()
    assert command("evaluate", "near/1")[0] == 0
    assert cell.read_bytes() == before


@pytest.fixture(scope="module")
def evaluated_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("evaluated")


@pytest.fixture
def evaluated(here: Path, command: Command, evaluated_once: Path) -> Path:
    """The tiny study after 'aggregate'; its commands run for the first test only."""
    if not any(evaluated_once.iterdir()):
        for cell in ("near/0", "near/1", "far/0", "far/1"):
            assert command("train", cell)[0] == command("evaluate", cell)[0] == 0
        assert command("aggregate")[0] == 0
        shutil.copytree(here / "results", evaluated_once / "results")
    else:
        shutil.copytree(evaluated_once / "results", here / "results")
    return here


@pytest.mark.slow
@pytest.mark.workflow
def test_new_cell_that_looks_older_than_the_merged_file_is_merged(finished: Study) -> None:
    """As after a kill between evaluation and merging, where the clock was set back in between."""
    finished.edit("conf/method/far.yaml", "noise: 2.0", "noise: 1.0")
    assert finished.run("--until", "evaluate").returncode == 0
    for cell in finished.folder.rglob("cell.nc"):
        os.utime(cell, (0, 0))
    assert finished.planned() == Counter({"aggregate": 1, "stats": 1, "report": 1})


def _wait_for(condition: object, process: subprocess.Popen[bytes]) -> None:
    assert callable(condition)
    deadline = time.monotonic() + 120
    while not condition():
        assert process.poll() is None, "the run ended before it could be killed"
        assert time.monotonic() < deadline, "nothing finished in time"
        time.sleep(0.02)
