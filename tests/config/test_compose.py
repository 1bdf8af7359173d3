"""Files of conf/ that nobody can read: one line with the file, whichever part of the study chooses it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mushin.config.compose import open_conf
from mushin.config.make_plan import make_plan
from mushin.config.selection import Selection
from mushin.errors import ConfigError

LATIN = "# für\nname: classification\n".encode("latin-1")
NOT_UTF8 = "not UTF-8 text: invalid start byte"
NO_MAPPING = "accepted: a mapping of keys to values"


@pytest.mark.parametrize("content", [LATIN, b"3\n"], ids=["latin", "number"])
@pytest.mark.parametrize(
    ("name", "selected"),
    [
        ("config", ""),
        ("task/classification", ""),
        ("training/default", ""),
        ("data/wine", "datasets=wine"),
        ("method/mlp", ""),
        ("experiment/quick", "experiment=quick"),
        ("stats/odd", "overrides=stats=odd"),
    ],
)
def test_file_that_cannot_be_read_is_one_line(study: Path, content: bytes, name: str, selected: str) -> None:
    (study / f"conf/{name}.yaml").write_bytes(content)
    problem = NOT_UTF8 if content == LATIN else NO_MAPPING
    with pytest.raises(ConfigError) as caught:
        make_plan(Selection.from_arguments([selected] if selected else []))
    assert str(caught.value) == f"conf/{name}.yaml: {problem}"


def test_file_that_nothing_chooses_may_be_anything(study: Path) -> None:
    (study / "conf/task/notes.yaml").write_bytes(LATIN)
    assert make_plan().methods == ("mlp", "cnn", "linear")


def test_null_as_a_key_is_refused(study: Path) -> None:
    (study / "conf/method/mlp.yaml").write_text("null: 3\n")
    with pytest.raises(ConfigError, match=r"^conf/method/mlp.yaml: .*NoneType"):
        make_plan()


def test_file_that_may_not_be_opened_is_named(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Permissions say nothing to root, who may run the tests."""

    def refuse(file: Path) -> None:
        raise PermissionError(13, "Permission denied", str(file))

    conf = open_conf(Path("conf"))
    monkeypatch.setattr("mushin.config.compose.OmegaConf.load", refuse)
    with pytest.raises(
        ConfigError, match=r"^conf/task/classification.yaml: cannot be read: Permission denied$"
    ):
        conf.read("task", "classification")


def test_all_files_that_cannot_be_read_are_listed(study: Path) -> None:
    assert open_conf(Path("conf")).unreadable() == []
    (study / "conf/config.yaml").write_text("3\n")
    (study / "conf/task/odd.yaml").write_text("a: {\n")
    first, second = open_conf(Path("conf")).unreadable()
    assert first == f"conf/config.yaml: {NO_MAPPING}"
    assert second.startswith("conf/task/odd.yaml: line 2, column 1: not valid YAML: ")
