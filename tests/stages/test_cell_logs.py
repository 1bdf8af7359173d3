from __future__ import annotations

from pathlib import Path

import pytest

from mushin.stages.cell_logs import last_error

TRACEBACK = 'Traceback (most recent call last):\n  File "own.py", line 3, in fit\n'


@pytest.mark.parametrize(
    ("log", "error"),
    [
        ("train digits/mlp/0: 2026\nwrote model.pt\n", ""),
        ("x\nmushin: error: data: raised\nmushin: error: more of it\n", "data: raised"),
        ("\x1b[31mmushin: error:\x1b[39;49;00m data: raised\n", "data: raised"),
        ("mushin: error: caught\nwrote model.pt\n", ""),
        (f"{TRACEBACK}ValueError: too noisy\n  and more\n", "ValueError: too noisy"),
        (f"{TRACEBACK}KeyError: 'a'\n\nDuring …:\n\n{TRACEBACK}own.NoData\n", "own.NoData"),
        (f"{TRACEBACK}mushin: error: data: raised\n", "data: raised"),
        (f"{TRACEBACK}ValueError: caught\nwrote model.pt\n", ""),
        ("epoch 1\n", ""),
        ("training said 'mushin: error: no'\n", ""),
        ("mushin: error: early\n" + 70_000 * "x", ""),
    ],
)
def test_error_stands_at_the_end_of_the_log(tmp_path: Path, log: str, error: str) -> None:
    (tmp_path / "0.log").write_text(log)
    assert last_error(tmp_path / "0.log") == error


def test_there_may_be_no_log(tmp_path: Path) -> None:
    assert last_error(tmp_path / "0.log") == ""
