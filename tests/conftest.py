"""What several tests share: a small study of their own, and the real configuration."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent


@pytest.fixture
def repository() -> Path:
    return REPOSITORY


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with a copy of conf/, and the current one for the test."""
    shutil.copytree(REPOSITORY / "conf", tmp_path / "conf")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def edit(study: Path) -> Callable[[str, str, str], None]:
    """Replace a text that occurs once in a file of the study."""

    def replace(name: str, old: str, new: str) -> None:
        file = study / name
        content = file.read_text()
        assert content.count(old) == 1, f"{old!r} occurs {content.count(old)} times in {name}"
        file.write_text(content.replace(old, new))

    return replace
