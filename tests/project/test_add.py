"""A new method or data set works at once in the study that it is added to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mushin.cells import read_cell
from mushin.config.names import problem_with_name
from mushin.errors import ConfigError, ProjectError, UnknownNameError
from mushin.project.add import add_to_study
from mushin.project.skeletons import SKELETON_TASKS, module_name
from tiny_study import Command, replace_once


@pytest.mark.parametrize("task", SKELETON_TASKS)
def test_new_method_learns_the_new_data_of_the_studys_task(
    project: Path, run: Command, turn_to: Callable[[str], None], task: str
) -> None:
    turn_to(task)
    status, printed, _ = run("new", "data", "drawn")
    assert status == 0
    assert "next: snakemake --cores 2 --config datasets=iris,drawn" in printed
    assert "to keep it: conf/config.yaml: datasets: [iris, drawn]" in printed
    status, printed, _ = run("new", "method", "resnet-18")
    assert status == 0
    for expected in (
        "wrote conf/method/resnet-18.yaml",
        "wrote methods/resnet_18.py",
        "next: snakemake --cores 2 --config methods=network,narrow,resnet-18",
        "to keep it: conf/config.yaml: add resnet-18 to methods:",
    ):
        assert expected in printed
    selection = ("datasets=drawn", "methods=resnet-18", "seeds=0", "overrides=training.epochs=12")
    for command in ("train", "evaluate"):
        status, _, complaint = run(command, "drawn/resnet-18/0", *selection)
        assert status == 0, complaint
    cell = read_cell(project / "results/drawn/resnet-18/0/cell.nc")
    assert cell.task == task
    if task != "regression":
        confusion = cell.statistics.confusion
        assert confusion.diagonal().sum() > 0.8 * confusion.sum()


def test_method_that_the_study_lists_already_needs_no_selection(project: Path) -> None:
    replace_once(project / "conf/config.yaml", "  - network\n", "  - network\n  - mine\n")
    added = add_to_study("method", "mine")
    assert (added.command, added.to_keep) == ("snakemake --cores 2", None)


def test_another_task_than_the_studys_can_be_named(project: Path) -> None:
    add_to_study("method", "unet", task="segmentation")
    assert "Conv2d" in (project / "methods/unet.py").read_text()
    with pytest.raises(
        UnknownNameError, match="skeleton for the task 'segmentaton' is unknown; did you mean"
    ):
        add_to_study("method", "other", task="segmentaton")


def test_changing_its_file_is_a_reason_to_run_its_cells_again(project: Path, run: Command) -> None:
    add_to_study("method", "mine")
    selection = ("methods=mine", "seeds=0", "overrides=training.epochs=1")
    for command in ("train", "evaluate"):
        assert run(command, "mine/0", *selection)[0] == 0
    assert "1 cell: 1 complete, 0 to run" in run("plan", *selection)[1]
    replace_once(project / "methods/mine.py", "nn.ReLU()", "nn.Tanh()")
    assert "1 cell: 0 complete, 1 to run" in run("plan", *selection)[1]


@pytest.mark.parametrize("taken", ["conf/method/mine.yaml", "methods/mine.py"])
def test_neither_file_is_overwritten(project: Path, taken: str) -> None:
    (project / taken).write_text("# mine\n")
    before = sorted(project.rglob("*"))
    with pytest.raises(ProjectError, match=rf"{taken}: there already; nothing is written"):
        add_to_study("method", "mine")
    assert (project / taken).read_text() == "# mine\n"
    assert sorted(project.rglob("*")) == before


def test_module_that_the_new_folder_would_hide_is_named(study: Path) -> None:
    (study / "methods.py").touch()
    with pytest.raises(ProjectError, match=r"methods\.py: would be hidden by the new folder methods/"):
        add_to_study("method", "mine")


def test_checkout_without_the_folders_gets_them(study: Path) -> None:
    added = add_to_study("method", "mine")
    assert [str(path) for path in added.written] == [
        "conf/method/mine.yaml",
        "methods/mine.py",
        "methods/__init__.py",
    ]


@pytest.mark.parametrize("name", ["on", "../x", "nearest", ""])
def test_name_that_cannot_be_a_label_is_refused(project: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="command line: "):
        add_to_study("method", name)


def test_there_has_to_be_a_study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match="conf: no such folder; run this where conf/ is"):
        add_to_study("method", "mine")


@given(st.text("ab1-._", min_size=1) | st.sampled_from(["class", "def", "None", "import"]))
def test_module_of_every_name_can_be_imported_by_name(name: str) -> None:
    assume(problem_with_name(name) is None)
    compile(f"import methods.{module_name(name)}", "test", "exec")
