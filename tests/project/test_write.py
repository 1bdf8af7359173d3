"""New files are written all, or none."""

from __future__ import annotations

from pathlib import Path

import pytest

from mushin.errors import ProjectError
from mushin.project.write import write_new_files


def test_file_that_cannot_be_written_takes_the_others_with_it(tmp_path: Path) -> None:
    (tmp_path / "methods").write_text("a file where a folder should be")
    files = {"conf/method/mine.yaml": b"a: 1", "methods/mine.py": b"A = 1"}
    with pytest.raises(ProjectError, match=r"methods: cannot be written: File exists; nothing is written"):
        write_new_files(tmp_path, files)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["methods"]


def test_no_file_is_written_over_another(tmp_path: Path) -> None:
    (tmp_path / "b").write_text("old")
    with pytest.raises(ProjectError, match=r"b: there already; nothing is written"):
        write_new_files(tmp_path, {"a": b"new", "b": b"new"})
    assert (tmp_path / "b").read_text() == "old"
    assert not (tmp_path / "a").exists()
