from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from mushin.stages.kept import FORCED_VARIABLE, KEPT
from tiny_study import Command

CELL = Path("blobs/near/0")
NOT_REPEATED = "blobs/near/0 was trained by a job that ended early"


@pytest.fixture
def interrupted(here: Path, command: Command) -> Path:
    """The results folder after a job that trained a cell and was then cancelled: without its outputs."""
    status, printed, _ = command("train", "near/0")
    assert status == 0
    assert NOT_REPEATED not in printed
    shutil.copytree(here / "results" / CELL, here / "first")
    shutil.rmtree(here / "results" / CELL)
    return here / "results"


def same_files(one: Path, other: Path, names: Sequence[str] = ("model.pt", "train.json")) -> bool:
    return all((one / name).read_bytes() == (other / name).read_bytes() for name in names)


def test_finished_training_is_put_back_and_not_repeated(interrupted: Path, command: Command) -> None:
    status, printed, _ = command("train", "near/0")
    assert status == 0
    assert NOT_REPEATED in printed
    kept = ("model.pt", "train.json", "run.train.json")  # with who trained it when, and at what cost
    assert same_files(interrupted / CELL, interrupted.parent / "first", kept)


def test_training_by_hand_is_repeated_where_its_files_are_there(interrupted: Path, command: Command) -> None:
    assert NOT_REPEATED in command("train", "near/0")[1]
    assert NOT_REPEATED not in command("train", "near/0")[1]


def test_predictions_are_kept_too(here: Path, command: Command) -> None:
    from tiny_study import add_vote

    add_vote(here)
    words = ("train", "vote/1", "methods=near,vote")
    assert command(*words)[0] == 0
    content = (here / "results/blobs/vote/1/predictions.npz").read_bytes()
    shutil.rmtree(here / "results/blobs")
    assert "its training is kept" in command(*words)[1]
    assert (here / "results/blobs/vote/1/predictions.npz").read_bytes() == content


def test_kept_files_take_no_space_of_their_own(here: Path, command: Command) -> None:
    command("train", "near/0")
    kept = here / "results" / KEPT / CELL / "model.pt"
    assert kept.samefile(here / "results" / CELL / "model.pt")


def test_other_settings_train_anew(interrupted: Path, command: Command) -> None:
    status, printed, _ = command("train", "near/0", "overrides=data.samples=80")
    assert status == 0
    assert NOT_REPEATED not in printed
    assert not same_files(interrupted / CELL, interrupted.parent / "first")
    record = json.loads((interrupted / KEPT / CELL / "train.json").read_text())
    assert "80" in record["settings"]["data"]


def test_other_source_trains_anew(interrupted: Path, command: Command) -> None:
    source = Path("near.py")
    source.write_text(source.read_text() + "\nEDITED = True\n")
    assert NOT_REPEATED not in command("train", "near/0")[1]


def test_other_versions_train_anew(
    interrupted: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mushin.stages.record.package_versions", lambda: {"torch": "99.0"})
    assert NOT_REPEATED not in command("train", "near/0")[1]


def test_what_is_forced_is_trained_anew(
    interrupted: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FORCED_VARIABLE, "1")
    assert NOT_REPEATED not in command("train", "near/0")[1]
    shutil.rmtree(interrupted / CELL)
    monkeypatch.setenv(FORCED_VARIABLE, "")
    assert NOT_REPEATED in command("train", "near/0")[1]


@pytest.mark.parametrize("name", ["model.pt", "train.json"])
def test_damaged_file_is_not_put_back(interrupted: Path, command: Command, name: str) -> None:
    kept = interrupted / KEPT / CELL / name
    kept.write_bytes(kept.read_bytes()[:-9])
    status, printed, _ = command("train", "near/0")
    assert status == 0
    assert NOT_REPEATED not in printed
    assert same_files(interrupted / CELL, interrupted.parent / "first")


def test_merging_the_study_drops_what_was_kept(here: Path, command: Command) -> None:
    for method in ("near", "far"):
        for rule in ("train", "evaluate"):
            assert command(rule, f"{method}/0", "seeds=0")[0] == 0
    assert (here / "results" / KEPT).is_dir()
    assert command("aggregate", "seeds=0")[0] == 0
    assert not (here / "results" / KEPT).exists()
    assert (here / "results" / CELL / "model.pt").is_file()


def test_merging_some_cells_keeps_the_trainings_of_others(here: Path, command: Command) -> None:
    for method in ("near", "far"):
        assert command("train", f"{method}/0")[0] == 0
    assert command("evaluate", "near/0")[0] == 0
    assert command("aggregate", "seeds=0", "methods=near")[0] == 0
    assert not (here / "results" / KEPT / CELL).exists()
    assert (here / "results" / KEPT / "blobs/far/0/model.pt").is_file()


def test_file_system_without_links_gets_copies(
    here: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(source: Path, target: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("os.link", refuse)
    command("train", "near/0")
    kept = here / "results" / KEPT / CELL / "model.pt"
    assert kept.read_bytes() == (here / "results" / CELL / "model.pt").read_bytes()
    assert not kept.samefile(here / "results" / CELL / "model.pt")
