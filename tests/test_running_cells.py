from __future__ import annotations

import errno
import fcntl
import os
import signal
from pathlib import Path

import pytest

from mushin.config.plan import CellName
from mushin.running_cells import RUNNING, mark_running, running_cells

FIRST, SECOND = CellName("digits", "mlp", 0), CellName("digits", "mlp", 1)


def test_a_cell_is_marked_while_its_block_runs(tmp_path: Path) -> None:
    with mark_running(tmp_path, SECOND, "train"), mark_running(tmp_path, FIRST, "evaluate"):
        found = running_cells(tmp_path)
        assert [(one.cell, one.stage) for one in found] == [(FIRST, "evaluate"), (SECOND, "train")]
        assert all(one.began > 0 for one in found)
    assert running_cells(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_left_where_the_block_raises_before_there_are_results(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), mark_running(tmp_path / "results", FIRST, "train"):
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_two_processes_of_one_cell_do_not_wait_for_each_other(tmp_path: Path) -> None:
    with mark_running(tmp_path, FIRST, "train"):
        with mark_running(tmp_path, FIRST, "train"):
            assert len(running_cells(tmp_path)) == 2
        assert len(running_cells(tmp_path)) == 1


def test_a_killed_process_runs_no_more_and_the_next_mark_removes_its_own(tmp_path: Path) -> None:
    child = os.fork()
    if child == 0:
        with mark_running(tmp_path, FIRST, "train"):
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    assert len(list((tmp_path / RUNNING).iterdir())) == 1
    assert running_cells(tmp_path) == []
    with mark_running(tmp_path, SECOND, "train"):
        assert [one.cell for one in running_cells(tmp_path)] == [SECOND]
        assert len(list((tmp_path / RUNNING).iterdir())) == 1


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EROFS, errno.EIO])
def test_a_file_system_without_locks_marks_nothing_and_stops_nothing(
    tmp_path: Path, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(descriptor: int, operation: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with mark_running(tmp_path, FIRST, "train"):
        assert running_cells(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_mark_is_no_cell(tmp_path: Path) -> None:
    (tmp_path / RUNNING).mkdir()
    (tmp_path / RUNNING / "notes.txt").touch()
    assert running_cells(tmp_path) == []
