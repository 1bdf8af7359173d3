from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mushin.sweeps.job_files import (
    JobResult,
    forget_outcome,
    read_failure,
    read_result,
    write_failure,
    write_result,
)

RESULT = JobResult(
    {"lr": 0.1, "name": "é"},
    "abc",
    {"file": np.arange(3.0), "n": 1, "bad": float("inf"), "s": None, "ok": True},
)


def test_a_result_comes_back_in_order(tmp_path: Path) -> None:
    write_result(tmp_path, RESULT)
    found = read_result(tmp_path)
    assert found is not None
    assert (found.parameters, found.source) == (RESULT.parameters, RESULT.source)
    assert list(found.metrics) == ["file", "n", "bad", "s", "ok"]
    np.testing.assert_array_equal(found.metrics["file"], [0.0, 1.0, 2.0])
    assert found.metrics["ok"] is True
    assert not list(tmp_path.glob(".*"))


def test_the_same_result_is_the_same_bytes(tmp_path: Path) -> None:
    for name in "ab":
        write_result(tmp_path / name, RESULT)
    for name in ("result.json", "arrays.npz"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


@pytest.mark.parametrize("name", ["result.json", "arrays.npz"])
@pytest.mark.parametrize("length", [0, 20])
def test_a_part_of_a_result_is_none(tmp_path: Path, name: str, length: int) -> None:
    write_result(tmp_path, RESULT)
    file = tmp_path / name
    file.write_bytes(file.read_bytes()[:length])
    assert read_result(tmp_path) is None
    file.unlink()
    assert read_result(tmp_path) is None


def test_a_failure_comes_back(tmp_path: Path) -> None:
    assert read_failure(tmp_path, {}) is None
    write_failure(tmp_path, ValueError("bad \ud800"), "Traceback \ud800")
    found = read_failure(tmp_path, {"lr": 1})
    assert found is not None
    assert (found.parameters, found.exception, found.message) == ({"lr": 1}, "ValueError", "bad \ud800")
    assert found.traceback.read_text() == "Traceback \\ud800"


def test_nothing_is_left_of_a_forgotten_outcome(tmp_path: Path) -> None:
    write_result(tmp_path, RESULT)
    write_failure(tmp_path, ValueError(), "")
    forget_outcome(tmp_path)
    assert list(tmp_path.iterdir()) == []
