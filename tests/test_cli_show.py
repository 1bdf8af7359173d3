"""The command ``mushin show`` on the tiny study, in this process."""

from __future__ import annotations

import functools
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

import mushin
from mushin.cli import main
from mushin.config.plan import CellName
from mushin.errors import IncompleteStudyError
from mushin.running_cells import mark_running
from tiny_study import Command, replace_once

CELLS = [f"{method}/{seed}" for method in ("near", "far") for seed in (0, 1)]


@pytest.fixture
def run(command: Command) -> Callable[..., None]:
    """Run commands that must succeed."""

    def run_all(*lines: str) -> None:
        for line in lines:
            status, _, err = command(*line.split())
            assert status == 0, err

    return run_all


@pytest.fixture(scope="module")
def results_once(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Path:
    """The results of the tiny study, made once."""
    folder = tmp_path_factory.mktemp("once") / "study"
    shutil.copytree(pytestconfig.rootpath / "tests/workflow/study", folder)
    lines = [f"{stage} {cell}" for cell in CELLS for stage in ("train", "evaluate")]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(sys, "path", list(sys.path))
        patch.setattr(sys, "dont_write_bytecode", True)
        for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
            patch.setenv(name, "1")
        assert [main(line.split()) for line in (*lines, "aggregate", "stats")] == 10 * [0]
        for file in folder.glob("*.py"):
            sys.modules.pop(file.stem, None)
    return folder / "results"


@pytest.fixture
def finished(here: Path, results_once: Path) -> None:
    shutil.copytree(results_once, here / "results")


def shown(command: Command, *arguments: str) -> str:
    status, out, err = command("show", *arguments)
    assert (status, err) == (0, "")
    return out


def as_json(command: Command, *arguments: str) -> Any:
    return json.loads(shown(command, *arguments, "--json"))


def test_a_study_that_never_ran_has_a_status(here: Path, command: Command) -> None:
    lines = shown(command).splitlines()
    assert lines[0] == "results: 0 of 4 cells complete (0%), 4 missing"
    assert [line.split() for line in lines[4:6]] == [
        ["blobs", "near", "0", "of", "2", "2"],
        ["blobs", "far", "0", "of", "2", "2"],
    ]
    assert lines[-1] == "Merged results: there is no compare.nc yet: it is made when all cells are complete."
    assert not (here / "results").exists()


def test_a_stopped_study_shows_what_is_there_and_what_the_rest_takes(
    here: Path, command: Command, finished: None
) -> None:
    for name in ("near/1/cell.nc", "far", "../compare.nc"):
        file = here / "results/blobs" / name
        shutil.rmtree(file) if file.is_dir() else file.unlink()
    out = shown(command)
    assert out.startswith("results: 1 of 4 cells complete (25%), 1 trained, 2 missing\n")
    assert "No cell runs right now. What is left takes about " in out
    assert "an estimate for 3 cells, one at a time, from 2 measured cells." in out
    header, _, row = out.split("Scores so far\n")[1].splitlines()[:3]
    assert header.split()[:4] == ["method", "n", "accuracy", "↑"]
    assert row.split()[:2] == ["near", "1"]
    assert "±" not in row


def test_status_can_be_asked_for_while_a_cell_trains(
    here: Path, command: Command, run: Callable[..., None]
) -> None:
    run("train near/0", "evaluate near/0")
    building = "    model = Blurred(num_classes)\n"
    replace_once(
        here / "far.py", building, f"    import mushin.cli\n\n    mushin.cli.main(['show'])\n{building}"
    )
    status, out, _ = command("train", "far/1")
    assert status == 0
    assert "results: 1 of 4 cells complete (25%), 1 running, 2 missing\n" in out
    assert "Time left: about " in out
    assert not (here / "results/.running").exists()


def test_a_running_study_of_a_notebook_is_seen_from_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    seen: list[str] = []

    def train(seed: int, name: str) -> Path:
        main(["show", "study"])
        seen.append(capsys.readouterr().out)
        path = tmp_path / f"{name}-{seed}.pt"
        torch.save(torch.nn.Linear(2, 2), path)
        return path

    methods = {name: functools.partial(train, name=name) for name in ("one", "two")}
    data = [(torch.eye(2), torch.tensor([0, 1]))]
    mushin.Study(methods, seeds=[0], data=data, num_classes=2, working_dir="study").run()
    assert seen[0].startswith("study: 0 of 2 cells complete (0%), 1 running, 1 missing\nThe cells are those")
    assert seen[1].startswith("study: 1 of 2 cells complete (50%), 1 running\n")
    assert "Time left: about 1 s, an estimate for 1 cell, one at a time, from 1 measured cell." in seen[1]
    assert main(["show", "study"]) == 0
    finished = capsys.readouterr().out
    assert finished.startswith("method    accuracy ↑")
    assert "study/compare.nc" in finished


@pytest.mark.parametrize("on_error", ["raise", "skip"])
def test_a_failed_cell_of_a_notebook_is_told_with_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], on_error: Any
) -> None:
    monkeypatch.chdir(tmp_path)

    def diverge(seed: int) -> Path:
        raise ArithmeticError("the loss is NaN\nat step 3")

    data = [(torch.eye(2), torch.tensor([0, 1]))]
    study = mushin.Study(
        {"one": diverge, "two": diverge}, seeds=[0], data=data, num_classes=2, working_dir="study"
    )
    with pytest.raises((ArithmeticError, IncompleteStudyError)):
        study.run(on_error=on_error)
    assert main(["show", "study"]) == 0
    out = capsys.readouterr().out
    assert ("2 failed" if on_error == "skip" else "1 failed, 1 missing") in out.splitlines()[0]
    assert "ArithmeticError: the loss is NaN\n" in out
    assert "step 3" not in out


def test_a_finished_study_shows_its_decisions_and_files(here: Path, command: Command, finished: None) -> None:
    out = shown(command)
    assert out.startswith("method    accuracy ↑")
    assert "mean ± half of the 95% t interval" in out
    assert "\n  results/summary.md\n" in out
    assert shown(command, "results") == shown(command, "--conf", "conf") == out


def test_a_new_seed_makes_a_finished_study_an_older_one(here: Path, command: Command, finished: None) -> None:
    replace_once(here / "conf/config.yaml", "[0, 1]", "[0, 1, 2]")
    out = shown(command)
    assert out.startswith("results: 4 of 6 cells complete (67%), 2 missing")
    assert "Merged results: compare.nc is older than the study: it lacks blobs/far/2." in out
    part = shown(command, "methods=near", "seeds=0,1")
    assert "it holds blobs/far/0, which is no cell of the study." in part


def test_a_changed_setting_shows_which_cells_would_run_and_why(
    here: Path, command: Command, finished: None
) -> None:
    replace_once(here / "conf/method/near.yaml", "scale: 1.0\n", "scale: 2.0\n")
    out = shown(command)
    assert out.startswith("results: 2 of 4 cells complete (50%), 2 changed")
    reason = "method.fit.scale: 1.0 -> 2.0; method.scale: 1.0 -> 2.0"
    assert f"To run again\n  blobs/near/0, blobs/near/1: {reason}\n" in out
    assert "compare.nc is older than the study: blobs/near/0 is changed." in out


def test_a_cell_that_was_scored_again_is_not_merged_yet(
    here: Path, command: Command, finished: None, run: Callable[..., None]
) -> None:
    replace_once(here / "conf/method/near.yaml", "scale: 1.0\n", "scale: 2.0\n")
    run("train near/0", "evaluate near/0", "train near/1", "evaluate near/1")
    assert "compare.nc is older than the study: blobs/near/0 was completed since." in shown(command)
    run("aggregate")
    out = shown(command)
    assert "comparisons.csv compares other scores than results/compare.nc holds: write the tables" in out
    run("stats")
    assert shown(command).startswith("method")


def test_a_study_merged_with_gaps_shows_both_its_status_and_its_tables(
    here: Path, command: Command, finished: None, run: Callable[..., None]
) -> None:
    shutil.rmtree(here / "results/blobs/far/1")
    assert "compare.nc is older than the study: blobs/far/1 is missing." in shown(command)
    run("aggregate --allow-incomplete", "stats --allow-incomplete")
    out = shown(command)
    assert out.startswith("results: 3 of 4 cells complete (75%), 1 missing\n")
    assert "(1 missing)" in out
    assert "Files:" in out


def test_a_failed_cell_is_told_with_its_reason(
    here: Path, command: Command, run: Callable[..., None]
) -> None:
    log = here / "logs/results/train/blobs/far/0.log"
    log.parent.mkdir(parents=True)
    log.write_text("train blobs/far/0: …\nmushin: error: method: far.fit raised ValueError: no\n")
    out = shown(command)
    assert "3 missing" in out.splitlines()[0]
    assert "1 failed" in out.splitlines()[0]
    assert "Failed at their last run\n  blobs/far/0: method: far.fit raised ValueError: no\n" in out
    run("train far/0")
    assert "failed" not in shown(command)


def test_logs_are_found_however_the_folder_of_the_plan_is_written(here: Path, command: Command) -> None:
    log = here / "logs/results/train/blobs/far/0.log"
    log.parent.mkdir(parents=True)
    log.write_text("train blobs/far/0: …\nmushin: error: far.fit raised ValueError: no\n")
    for folder in (str(here / "results"), "./results/", "results"):
        assert "blobs/far/0: far.fit raised ValueError: no\n" in shown(command, folder)


def test_cells_alone_have_a_status_too(here: Path, command: Command, run: Callable[..., None]) -> None:
    run("train near/0", "evaluate near/0", "train near/1")
    shutil.rmtree(here / "conf")
    with mark_running(here / "results", CellName("blobs", "far", 3), "train"):
        out = shown(command)
    assert out.startswith("results: 1 cell complete, 1 running, 1 trained\nHow many are to come is not known")
    path = here / "results/blobs/near/0/cell.nc"
    path.write_bytes(path.read_bytes()[:-10])
    shutil.copytree(here / "results/blobs/near/1", here / "results/blobs/near/7")
    shutil.copy(path, here / "results/blobs/near/7/cell.nc")
    assert "cell.nc: cut short" in shown(command)


def test_tables_alone_are_shown_as_they_are(here: Path, command: Command, finished: None) -> None:
    out = shown(command)
    shutil.rmtree(here / "results/blobs")
    assert shown(command) == out
    shutil.rmtree(here / "conf")
    assert shown(command) == out
    (here / "results/compare.nc").unlink()
    assert shown(command).startswith("method    accuracy ↑")


def test_faults_of_conf_are_noted_and_the_cells_shown(
    here: Path, command: Command, run: Callable[..., None]
) -> None:
    run("train near/0")
    replace_once(here / "conf/config.yaml", "seeds: [0, 1]", "seeds: [0, 0]")
    status, out, err = command("show")
    assert status == 0
    assert out.startswith("results: 0 cells complete, 1 trained\n")
    assert err.startswith("mushin: note: conf has faults, so the plan is not known: conf/config.yaml: seeds")


def test_another_folder_is_not_measured_by_the_plan_of_this_one(
    here: Path, command: Command, run: Callable[..., None]
) -> None:
    run("train near/0 results=other", "evaluate near/0 results=other")
    assert shown(command, "other").startswith("other: 1 cell complete\n")
    assert shown(command, "results=other").startswith("other: 1 of 4 cells complete (25%), 3 missing\n")


def test_json_of_a_running_study(here: Path, command: Command, run: Callable[..., None]) -> None:
    run("train near/0", "evaluate near/0")
    with mark_running(here / "results", CellName("blobs", "far", 0), "train"):
        found = as_json(command)
    assert found["format"] == "mushin-show/1"
    assert (found["state"], found["planned_by"], found["n_cells"]) == ("running", "conf", 4)
    assert found["counts"]["complete"] == found["counts"]["running"] == 1
    assert found["share_complete"] == 0.25
    assert found["time_left"]["at_once"] == 1
    assert found["methods"][0] == {
        "dataset": "blobs",
        "method": "near",
        "complete": 1,
        "running": 0,
        "trained": 0,
        "failed": 0,
        "changed": 0,
        "missing": 1,
    }
    assert found["cells"][2] == {
        "dataset": "blobs",
        "method": "far",
        "seed": 0,
        "state": "running",
        "needs": ["train", "evaluate"],
        "reason": "missing",
    }
    score = found["scores"][0]
    assert (score["method"], score["metric"], score["n"], score["sd"]) == ("near", "accuracy", 1, None)
    assert found["summary"] is None


def test_json_of_a_finished_study(here: Path, command: Command, finished: None) -> None:
    found = as_json(command)
    assert (found["state"], found["why_not_merged"], found["time_left"]) == ("finished", None, None)
    assert {row["method"] for row in found["summary"]} == {"near", "far"}
    assert {"decision", "p_corrected", "mean_diff"} <= set(found["comparisons"][0])
    assert "results/compare.nc" in found["files"]


def test_json_of_an_origin(here: Path, command: Command, finished: None) -> None:
    found = as_json(command, "results/compare.nc")
    assert (found["format"], found["methods"], found["seeds"]) == ("mushin-origin/1", ["near", "far"], [0, 1])
    assert len(found["cells"]) == 4
    cell = as_json(command, "--cell", "near/0")
    assert cell["cell"]["cell"] == "blobs/near/0"
    assert set(cell["texts"]) == {*cell["cell"]["settings"].values(), *cell["cell"]["sources"].values()}


def test_json_stays_valid_where_an_error_goes_to_the_other_stream(here: Path, command: Command) -> None:
    status, out, err = command("show", "elsewhere", "--json")
    assert (status, out) == (1, "")
    assert err.startswith("mushin: error: elsewhere/summary.csv")


def test_watching_ends_with_the_study_or_at_ctrl_c(
    here: Path, command: Command, finished: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("NO_COLOR", "1")
    status, out, _ = command("show", "--watch", "60")
    assert status == 0
    assert out.startswith("\x1b[H\x1b[2J\x1b[3Jmethod    accuracy ↑")
    replace_once(here / "conf/config.yaml", "[0, 1]", "[0, 1, 2]")

    def interrupt(seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("mushin.terminal.watch.__kwdefaults__", {"wait": interrupt})
    with pytest.raises(SystemExit) as left:
        main(["show", "--watch"])
    assert left.value.code == 130


@pytest.mark.parametrize("seconds", ["0", "-1", "soon", "nan", "inf"])
def test_a_watch_needs_a_number_of_seconds(
    here: Path, seconds: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["show", f"--watch={seconds}"])
    assert f"{seconds!r} is no time; accepted: a number of seconds from 0.1" in capsys.readouterr().err


def test_a_terminal_has_colours_and_a_pipe_the_same_text_without(
    here: Path, command: Command, finished: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = shown(command), command("plan")[1]
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("FORCE_COLOR", "1")
    coloured = shown(command), command("plan")[1]
    assert all("\x1b[" in text for text in coloured)
    assert tuple(without_colours(text) for text in coloured) == plain


def without_colours(text: str) -> str:
    for code in ("01", "31", "32", "33", "36", "39;49;00"):
        text = text.replace(f"\x1b[{code}m", "")
    return text
