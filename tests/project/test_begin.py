"""A new project: what it holds, and where none is begun."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mushin.config.make_plan import make_plan
from mushin.errors import ProjectError
from mushin.project.begin import begin_project
from tiny_study import Command


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_its_study_can_be_planned_and_its_first_cell_trained(project: Path, run: Command) -> None:
    plan = make_plan()
    assert (plan.datasets, plan.methods) == (("iris",), ("network", "narrow"))
    assert run("train", "network/0", "overrides=training.epochs=20")[0] == 0
    assert run("evaluate", "network/0", "overrides=training.epochs=20")[0] == 0
    status, printed, _ = run("plan", "methods=network", "seeds=0", "overrides=training.epochs=20")
    assert (status, "1 cell: 1 complete, 0 to run" in printed) == (0, True)


def test_iris_is_split_without_a_sample_in_both_parts(project: Path) -> None:
    from mushin.stages.build import load_data

    data = load_data(make_plan().settings["iris", "network"].data)
    assert (len(data.train[0]), len(data.test[0])) == (90, 60)
    assert tuple(data.class_names) == ("setosa", "versicolor", "virginica")


def test_it_holds_the_settings_and_schemas_that_mushin_ships(project: Path, repository: Path) -> None:
    for part in ("conf/task", "conf/training", "conf/stats", "workflow/schemas", "profiles", "slurm"):
        assert contents(project / part) == contents(repository / part)
    for file in (project / "conf").rglob("*.yaml"):
        [schema] = re.findall(r"\$schema=(\S+)", file.read_text())
        assert (file.parent / schema).is_file()


def test_it_holds_no_path_of_this_machine(project: Path, repository: Path) -> None:
    for name, content in contents(project).items():
        assert str(repository).encode() not in content, name


def test_hidden_files_may_be_there(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git/HEAD").write_text("ref: refs/heads/main\n")
    written = begin_project(tmp_path)
    assert tmp_path / "Snakefile" in written
    assert (tmp_path / ".git/HEAD").read_text() == "ref: refs/heads/main\n"


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("notes.txt", r"is not empty, it holds notes\.txt; name a new folder"),
        (".gitignore", r"\.gitignore: there already; nothing is written"),
    ],
)
def test_nothing_is_written_beside_what_is_there(tmp_path: Path, file: str, message: str) -> None:
    (tmp_path / file).write_text("mine\n")
    with pytest.raises(ProjectError, match=message):
        begin_project(tmp_path)
    assert contents(tmp_path) == {file: b"mine\n"}


def test_a_project_is_never_begun_twice(project: Path) -> None:
    before = contents(project)
    with pytest.raises(ProjectError, match=r"is not empty, it holds README\.md, Snakefile, conf, …"):
        begin_project(project)
    assert contents(project) == before


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "study").touch()
    with pytest.raises(ProjectError, match="study: is a file; name a new folder"):
        begin_project(tmp_path / "study")


def test_the_command_says_how_to_go_on(project: Path, run: Command) -> None:
    status, printed, _ = run("init", "my study")
    assert status == 0
    assert "files into my study" in printed
    assert "next: cd 'my study'" in printed
    assert "snakemake --cores 2" in printed
    status, _, complaint = run("init", "my study")
    assert (status, complaint.startswith("mushin: error: my study: is not empty")) == (1, True)
