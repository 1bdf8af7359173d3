"""A kill before and after every renaming of every file of a study."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path

from mushin.cli import main
from mushin.running_cells import RUNNING
from tiny_study import replace_once

COMMANDS = [
    *(f"{stage} blobs/{method}/0" for method in ("near", "far") for stage in ("train", "evaluate")),
    "aggregate",
    "stats",
]
TIMED = ("run.train.json", "run.evaluate.json", "provenance.json")


def test_kill_around_any_write_tears_nothing_and_a_rerun_gives_the_same_bytes(here: Path) -> None:
    replace_once(here / "conf/config.yaml", "[0, 1]", "[0]")
    points = 0
    for command in COMMANDS[:2]:
        assert main(command.split()) == 0
    for command in COMMANDS[2:]:
        before = contents(here)
        assert main(command.split()) == 0
        expected = contents(here)
        point = 0
        restore(here, before)
        while is_killed(command, point):
            left = contents(here)
            assert all(expected[file] == content for file, content in left.items()), f"{command} tore a file"
            assert main(command.split()) == 0
            assert contents(here) == expected
            assert not [*here.rglob("*.partial"), *here.rglob(RUNNING)]
            restore(here, before)
            point += 1
        assert main(command.split()) == 0
        points += point
    # Twice for the checkpoint, its record and the note of its run, all three kept, the cell and its note,
    # compare.nc, costs.csv, provenance.json and eight tables.
    assert points == 38


def contents(folder: Path) -> dict[Path, object]:
    """Return what every file holds that stays; of those that tell the time only which fields they have."""
    return {
        file: sorted(json.loads(file.read_bytes())) if file.name in TIMED else file.read_bytes()
        for file in sorted((folder / "results").rglob("*"))
        if file.is_file() and file.suffix != ".partial" and file.parent.name != RUNNING
    }


def restore(folder: Path, wanted: dict[Path, object]) -> None:
    for file in contents(folder).keys() - wanted.keys():
        file.unlink()


def is_killed(command: str, point: int) -> bool:
    """Run a command in a process that is killed at a point, counted from 0; tell whether it got there."""
    child = os.fork()
    if child == 0:
        passed = 0

        def pass_point() -> None:
            nonlocal passed
            if passed == point:
                os.kill(os.getpid(), signal.SIGKILL)
            passed += 1

        os.fsync = preceded_by(pass_point, os.fsync)
        Path.replace = followed_by(pass_point, Path.replace)  # type: ignore[method-assign]
        os._exit(main(command.split()))
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in (0, -signal.SIGKILL)
    return status != 0


def preceded_by(call: Callable[[], None], function: Callable[..., object]) -> Callable[..., object]:
    def called(*arguments: object) -> object:
        call()
        return function(*arguments)

    return called


def followed_by(call: Callable[[], None], function: Callable[..., object]) -> Callable[..., object]:
    def called(*arguments: object) -> object:
        returned = function(*arguments)
        call()
        return returned

    return called
