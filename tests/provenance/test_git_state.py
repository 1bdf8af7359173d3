from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from mushin.provenance.git_state import GitState, git_state_of_mushin, read_git_state


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@b", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def repository_of_a_study(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--quiet")
    (tmp_path / "near.py").write_text("x = 1\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message", "first")
    return tmp_path


def test_commit_of_a_clean_folder_is_read(repository_of_a_study: Path) -> None:
    commit = git(repository_of_a_study, "rev-parse", "HEAD")
    (repository_of_a_study / "untracked").mkdir()
    (repository_of_a_study / "untracked/file").touch()
    for folder in (repository_of_a_study, repository_of_a_study / "untracked"):
        assert read_git_state(folder) == GitState(commit, dirty=False)


@pytest.mark.parametrize("staged", [True, False])
def test_changed_file_makes_it_dirty(repository_of_a_study: Path, staged: bool) -> None:
    (repository_of_a_study / "near.py").write_text("x = 2\n")
    if staged:
        git(repository_of_a_study, "add", ".")
    found = read_git_state(repository_of_a_study)
    assert found is not None
    assert found.dirty
    assert str(found).endswith(" with uncommitted changes")


def test_no_repository_no_commit_and_no_git_are_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_git_state(tmp_path) is None
    git(tmp_path, "init", "--quiet")
    assert read_git_state(tmp_path) is None
    assert read_git_state(tmp_path / "missing") is None
    monkeypatch.setenv("PATH", str(tmp_path))
    assert read_git_state(tmp_path) is None


def test_repository_of_a_hook_is_not_taken_for_that_of_the_folder(
    repository_of_a_study: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(repository_of_a_study / ".git"))
    assert read_git_state(tmp_path_factory.mktemp("elsewhere")) is None


def test_own_commit_is_that_of_the_checkout(repository: Path) -> None:
    git_state_of_mushin.cache_clear()
    assert git_state_of_mushin() == (read_git_state(repository) if (repository / ".git").exists() else None)
