from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mushin.cells import Cell, write_cell
from mushin.config.plan import CellName, Plan, Settings
from mushin.config.targets import clear_caches
from mushin.layout import CELL, CHECKPOINT, TRAINING_RECORD, cell_folder
from mushin.stages.record import TrainingRecord, write_record
from mushin.stages.status import CellStatus, cell_status, study_status
from mushin.stages.status_table import format_status, status_content

NAME = CellName("digits", "mlp", 0)
TRAINING = ("data", "method", "training")


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's module that `settings` names."""
    monkeypatch.chdir(tmp_path)
    clear_caches()
    file = tmp_path / "own.py"
    file.write_text("def build(): ...\ndef other(): ...\n")
    return file


def settings(**changes: Any) -> Settings:
    groups: dict[str, Any] = {
        "data": {"_target_": "json.loads", "num_classes": 3},
        "method": {"_target_": "own.build", "hidden": [64]},
        "training": {"epochs": 5, "optimizer": {"lr": 0.1}},
        "task": {"name": "classification"},
    }
    return Settings(**{**groups, **changes})


def provenance(of: Settings) -> dict[str, str]:
    return {
        **{f"settings_{group}": text for group, text in of.texts.items()},
        **{f"sources_{group}": text for group, text in of.sources.items()},
    }


@pytest.fixture
def write(source: Path, make_cell: Callable[..., Cell]) -> Callable[..., Path]:
    """Write the cell as a run with some settings leaves it."""

    def write_one(of: Settings, name: str = str(NAME)) -> Path:
        path = cell_folder(Path("results"), NAME) / CELL
        write_cell(path, make_cell(name, provenance=provenance(of)))
        return path

    return write_one


def status(of: Settings) -> tuple[str, str]:
    found = cell_status(NAME, of, Path("results"))
    assert found.cell == NAME
    return found.runs, found.reason


def test_cell_of_the_planned_settings_is_complete(write: Callable[..., Path]) -> None:
    write(settings())
    assert status(settings()) == ("", "complete")


def test_cell_without_any_file_is_missing(source: Path) -> None:
    assert status(settings()) == ("train, evaluate", "missing")


@pytest.mark.parametrize(
    ("changes", "runs", "reason"),
    [
        ({"training": {"epochs": 6, "optimizer": {"lr": 0.1}}}, "train, evaluate", "training.epochs: 5 -> 6"),
        (
            {"training": {"epochs": 5, "optimizer": {"lr": 0.2}}},
            "train, evaluate",
            "training.optimizer.lr: 0.1 -> 0.2",
        ),
        (
            {"training": {"epochs": 5, "optimizer": {"lr": 0.1}, "amp": True}},
            "train, evaluate",
            "training.amp is new: true",
        ),
        ({"training": {"epochs": 5}}, "train, evaluate", 'training.optimizer is gone: {"lr": 0.1}'),
        (
            {"method": {"_target_": "own.build", "hidden": [64, 32]}},
            "train, evaluate",
            "method.hidden: [64] -> [64, 32]",
        ),
        ({"task": {"name": "segmentation"}}, "evaluate", 'task.name: "classification" -> "segmentation"'),
        (
            {"training": {"epochs": 6, "optimizer": {"lr": 0.1}}, "task": {"name": "segmentation"}},
            "train, evaluate",
            'training.epochs: 5 -> 6; task.name: "classification" -> "segmentation"',
        ),
    ],
)
def test_changed_setting_is_the_reason(
    write: Callable[..., Path], changes: dict[str, Any], runs: str, reason: str
) -> None:
    write(settings())
    assert status(settings(**changes)) == (runs, reason)


def test_long_list_of_changes_is_cut(write: Callable[..., Path]) -> None:
    write(settings())
    runs, reason = status(settings(training={"a": 1, "b": 2, "epochs": 6}))
    assert runs == "train, evaluate"
    assert reason == "training.a is new: 1; training.b is new: 2; training.epochs: 5 -> 6; 1 more"


def test_edited_source_is_the_reason(write: Callable[..., Path], source: Path) -> None:
    write(settings())
    source.write_text("def build(): return 3\n")
    clear_caches()
    assert status(settings()) == ("train, evaluate", "the source of own.build changed")


def test_other_target_tells_of_both_sources(write: Callable[..., Path]) -> None:
    write(settings())
    runs, reason = status(settings(method={"_target_": "own.other", "hidden": [64]}))
    assert runs == "train, evaluate"
    assert reason == (
        'method._target_: "own.build" -> "own.other"; the source of own.other changed;'
        " the source of own.build is no longer watched"
    )


def test_damaged_cell_runs_again_and_says_what_is_wrong(write: Callable[..., Path]) -> None:
    path = write(settings())
    path.write_bytes(path.read_bytes()[:-10])
    runs, reason = status(settings())
    assert runs == "train, evaluate"
    assert reason.startswith(f"{path}: cut short")


def test_cell_of_another_name_runs_again(write: Callable[..., Path]) -> None:
    path = write(settings(), name="digits/cnn/7")
    assert status(settings()) == ("train, evaluate", f"{path} holds digits/cnn/7")


@pytest.fixture
def trained(source: Path) -> Path:
    """A trained cell that is not evaluated yet."""
    folder = cell_folder(Path("results"), NAME)
    folder.mkdir(parents=True)
    (folder / CHECKPOINT).write_bytes(b"weights")
    now = settings()
    record = TrainingRecord(
        "ab",
        {group: now.texts[group] for group in TRAINING},
        {group: now.sources[group] for group in TRAINING},
    )
    write_record(folder / TRAINING_RECORD, record)
    return folder


def test_trained_cell_is_evaluated_only(trained: Path) -> None:
    assert status(settings()) == ("evaluate", "trained, not evaluated")
    assert status(settings(task={"name": "segmentation"})) == ("evaluate", "trained, not evaluated")


def test_trained_cell_of_other_settings_is_trained_again(trained: Path) -> None:
    assert status(settings(data={"_target_": "json.loads", "num_classes": 4})) == (
        "train, evaluate",
        "data.num_classes: 3 -> 4",
    )


def test_checkpoint_with_a_damaged_record_is_trained_again(trained: Path) -> None:
    (trained / TRAINING_RECORD).write_text("{")
    runs, reason = status(settings())
    assert runs == "train, evaluate"
    assert "not a training record" in reason


@pytest.mark.parametrize("name", [CHECKPOINT, TRAINING_RECORD])
def test_checkpoint_and_record_count_together_only(trained: Path, name: str) -> None:
    (trained / name).unlink()
    assert status(settings()) == ("train, evaluate", "missing")


def test_study_has_a_status_per_cell_in_its_order(write: Callable[..., Path]) -> None:
    write(settings())
    study = Plan(("digits",), ("mlp",), (1, 0), {("digits", "mlp"): settings()}, {}, {}, "results")
    found = list(study_status(study))
    assert found == [
        CellStatus(CellName("digits", "mlp", 1), "train, evaluate", "missing"),
        CellStatus(NAME, "", "complete"),
    ]
    table = format_status(found)
    assert table.splitlines()[0].split() == ["data", "set", "method", "seed", "runs", "why"]
    assert table.endswith("2 cells: 1 complete, 1 to run")


def statuses(n_seeds: int, *changed: int) -> list[CellStatus]:
    """A study of two methods; the cells of the first under some seeds would run."""
    return [
        CellStatus(CellName("digits", "mlp", seed), "evaluate", "trained, not evaluated")
        if method == "mlp" and seed in changed
        else CellStatus(CellName("digits", method, seed), "", "complete")
        for method in ("mlp", "cnn")
        for seed in range(n_seeds)
    ]


def test_a_large_study_is_shown_by_method_and_reason() -> None:
    table = format_status(statuses(30, 3, 4))
    assert [line.split() for line in table.splitlines()[2:5]] == [
        ["digits", "mlp", "28", "of", "30", "-", "complete"],
        ["2", "of", "30", "evaluate", "trained,", "not", "evaluated"],
        ["digits", "cnn", "30", "of", "30", "-", "complete"],
    ]
    assert table.endswith("60 cells: 58 complete, 2 to run\n'mushin plan --cells' lists them all")


def test_its_cells_are_listed_where_that_is_asked_for() -> None:
    table = format_status(statuses(30), all_cells=True)
    assert len(table.splitlines()) == 2 + 60 + 2
    assert table.endswith("60 cells: 60 complete, 0 to run")


def test_many_reasons_of_one_method_are_cut() -> None:
    many = [CellStatus(CellName("digits", "mlp", n), "train, evaluate", f"reason {n}") for n in range(60)]
    lines = format_status(many).splitlines()
    assert lines[6].endswith("reason 4")
    assert lines[7].split() == ["55", "of", "60", "other", "reasons"]


def test_one_cell_is_no_cells() -> None:
    assert format_status(statuses(1)[:1]).endswith("1 cell: 1 complete, 0 to run")


def test_a_plan_for_programs_has_every_cell() -> None:
    content = status_content("results", statuses(30, 3))
    assert (content["n_cells"], content["n_complete"], content["n_to_run"]) == (60, 59, 1)
    assert content["cells"][3] == {
        "dataset": "digits",
        "method": "mlp",
        "seed": 3,
        "runs": ["evaluate"],
        "reason": "trained, not evaluated",
    }
