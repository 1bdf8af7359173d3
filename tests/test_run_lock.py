from __future__ import annotations

import errno
import fcntl
import os
from pathlib import Path

import pytest

from mushin.errors import BusyError
from mushin.run_lock import only_run


def refuse_with(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(descriptor: int, operation: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refuse)


def test_one_run_at_a_time_has_a_folder_and_others_are_free(tmp_path: Path) -> None:
    with (
        only_run(tmp_path / "a"),
        only_run(tmp_path / "b"),
        pytest.raises(BusyError, match=r"a: another Study runs in this folder; wait until"),
    ):
        only_run(tmp_path / "a").__enter__()
    with only_run(tmp_path / "a"):
        pass


def test_file_system_without_locks_is_pointed_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_with(errno.ENOLCK, monkeypatch)
    with (
        pytest.warns(UserWarning, match="has no locks.*see to it that there is one at a time"),
        only_run(tmp_path),
    ):
        pass


def test_other_fault_of_the_lock_comes_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_with(errno.EIO, monkeypatch)
    with pytest.raises(OSError, match="Input/output error"):
        only_run(tmp_path).__enter__()
