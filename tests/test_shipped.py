"""Where the shipped workflow is found."""

from __future__ import annotations

from pathlib import Path

import pytest

import mushin
from mushin.errors import ShippedFilesError
from mushin.shipped import workflow_folder


def make_package(root: Path) -> Path:
    package = root / "src/mushin"
    package.mkdir(parents=True)
    return package


def make_workflow(folder: Path) -> Path:
    (folder / "workflow").mkdir(parents=True)
    (folder / "workflow/Snakefile").touch()
    return folder


def test_checkout_serves_its_own_files(repository: Path) -> None:
    assert workflow_folder() == repository
    assert mushin.snakefile() == repository / "workflow/Snakefile"
    assert mushin.snakefile().is_absolute()


def test_installed_package_serves_the_files_inside_it(tmp_path: Path) -> None:
    package = make_package(tmp_path)
    make_workflow(tmp_path)
    inside = make_workflow(package / "_workflow")
    assert workflow_folder(package) == inside


def test_package_without_a_workflow_says_so(tmp_path: Path) -> None:
    with pytest.raises(ShippedFilesError, match=r"_workflow: no workflow there, .* install mushin again"):
        workflow_folder(make_package(tmp_path))
