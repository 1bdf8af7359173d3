from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from mushin.errors import CellError
from mushin.provenance.cost import Cost
from mushin.provenance.git_state import GitState
from mushin.provenance.run_record import COMMAND_VARIABLE, Run, read_run, start_run, without_home, write_run


def write(folder: Path, **changes: object) -> Path:
    """Write a note of a run with some of its entries changed."""
    write_run(folder, start_run("train"), "ab" * 32)
    path = folder / "run.train.json"
    content = {**json.loads(path.read_text()), **changes}
    path.write_text(json.dumps({key: value for key, value in content.items() if value != "left out"}))
    return path


def test_note_comes_back(tmp_path: Path) -> None:
    run = start_run("evaluate")
    write_run(tmp_path / "cell", run, "ab" * 32)
    found = read_run(tmp_path / "cell", "evaluate")
    assert found is not None
    assert found.output_sha256 == "ab" * 32
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", found.ended)
    assert found.started <= found.ended
    assert found.host
    assert (found.host, found.study_git, found.command) == (run.host, run.study_git, run.command)
    assert read_run(tmp_path / "cell", "train") is None
    assert [file.name for file in (tmp_path / "cell").iterdir()] == ["run.evaluate.json"]


def test_cost_comes_back(tmp_path: Path) -> None:
    write_run(tmp_path, start_run("train"), "ab" * 32, Cost(1.5, 1.25, 300.5))
    found = read_run(tmp_path, "train")
    assert found is not None
    assert found.cost == Cost(1.5, 1.25, 300.5)


@pytest.mark.parametrize(
    "cost",
    [
        {"seconds": 1.0},
        {"seconds": "1", "cpu_seconds": None, "peak_memory_mb": None},
        {"seconds": -1.0, "cpu_seconds": None, "peak_memory_mb": None},
        {"seconds": True, "cpu_seconds": None, "peak_memory_mb": None},
        [1.0],
    ],
)
def test_cost_of_another_form_is_refused(tmp_path: Path, cost: object) -> None:
    write(tmp_path, cost=cost)
    with pytest.raises(CellError, match="a cost has cpu_seconds, peak_memory_mb, seconds; run"):
        read_run(tmp_path, "train")


def test_what_the_user_typed_to_the_workflow_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(COMMAND_VARIABLE, "snakemake --cores 2")
    assert start_run("train").command == "snakemake --cores 2"
    monkeypatch.delenv(COMMAND_VARIABLE)
    monkeypatch.setattr("sys.argv", ["/a/long/way/to/mushin", "train", "a b/0"])
    assert start_run("train").command == "mushin train 'a b/0'"


def test_home_folder_and_the_rest_of_a_long_command_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    assert without_home("snakemake --directory /home/ada/study") == "snakemake --directory ~/study"
    monkeypatch.setenv(COMMAND_VARIABLE, "x" * 9999)
    assert len(start_run("train").command) == 2000


def test_header_names_time_host_commit_and_versions() -> None:
    run = Run(
        stage="train",
        started="2026-01-31T09:00:00Z",
        host="node1",
        command="mushin train a/b/0",
        python="3.12.1",
        platform="Linux",
        study_git=GitState("0123456789abcdef", dirty=True),
    )
    assert run.header("a/b/0", {"torch": "2.5"}) == (
        "train a/b/0: 2026-01-31T09:00:00Z on node1, commit 0123456789 with uncommitted changes, torch 2.5,"
        " Python 3.12.1 (mushin train a/b/0)"
    )


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"format": "mushin-run/9"}, r"no note of a run \(mushin-run/1\)"),
        ({"host": 3}, "damaged: accepted are the texts command, ended, host"),
        ({"host": "left out"}, "damaged: accepted are the texts"),
        ({"more": "x"}, "damaged: accepted are the texts"),
        ({"study_git": "0123"}, "a commit is a mapping with 'commit' and 'dirty'"),
        ({"study_git": {"commit": "0123", "dirty": 1}}, "a commit is a mapping"),
    ],
)
def test_damaged_note_is_refused(tmp_path: Path, changes: dict[str, object], problem: str) -> None:
    write(tmp_path, **changes)
    with pytest.raises(CellError, match=rf"run\.train\.json: .*{problem}"):
        read_run(tmp_path, "train")


@pytest.mark.parametrize("content", ["", "{", "[" * 10**5, "\udcff"])
def test_note_that_is_no_json_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "run.train.json").write_bytes(content.encode(errors="surrogateescape"))
    with pytest.raises(CellError, match=r"run\.train\.json: damaged: not JSON; delete it"):
        read_run(tmp_path, "train")
