from __future__ import annotations

from pathlib import Path

import pytest

from mushin.stages.cell_logs import last_error


@pytest.mark.parametrize(
    ("log", "error"),
    [
        ("train digits/mlp/0: 2026\nwrote model.pt\n", ""),
        ("x\nmushin: error: data: raised\nmushin: error: more of it\n", "data: raised"),
        ("\x1b[31mmushin: error:\x1b[39;49;00m data: raised\n", "data: raised"),
        ("training said 'mushin: error: no'\n", ""),
        ("mushin: error: early\n" + 70_000 * "x", ""),
    ],
)
def test_error_stands_at_the_end_of_the_log(tmp_path: Path, log: str, error: str) -> None:
    (tmp_path / "0.log").write_text(log)
    assert last_error(tmp_path / "0.log") == error


def test_there_may_be_no_log(tmp_path: Path) -> None:
    assert last_error(tmp_path / "0.log") == ""
