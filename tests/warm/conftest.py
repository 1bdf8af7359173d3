"""Runs whose jobs a test starts by hand, as the rules start them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from warm_run import METHOD, TRIAL, Run


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny study with a method that does what a test tells it to."""
    folder = tmp_path_factory.mktemp("warm") / "study"
    shutil.copytree(Path(__file__).parent.parent / "workflow/study", folder)
    (folder / "trial.py").write_text(TRIAL)
    (folder / "conf/method/trial.yaml").write_text(METHOD)
    config = folder / "conf/config.yaml"
    config.write_text(config.read_text().replace("[near, far]", "[near, far, trial]"))
    return folder


@pytest.fixture(scope="module")
def run(template: Path) -> Iterator[Run]:
    """A run whose server is shared by the tests of a module."""
    shared = Run(template)
    yield shared
    shared.end()


@pytest.fixture
def own_run(template: Path, tmp_path: Path) -> Iterator[Callable[..., Run]]:
    """Begin a run of the test's own."""
    begun: list[Run] = []

    def begin(*libraries: str) -> Run:
        folder = tmp_path / f"study{len(begun)}"
        shutil.copytree(template, folder)
        begun.append(Run(folder, libraries))
        return begun[-1]

    yield begin
    for each in begun:
        each.end()
