"""The table of CONTRIBUTING.md that says where things are."""

from __future__ import annotations

import re
from fnmatch import fnmatch
from pathlib import Path


def test_every_module_has_its_place_and_every_place_exists(repository: Path) -> None:
    page = (repository / "CONTRIBUTING.md").read_text()
    rows = re.findall(r"^\| (`.+`) \| .+ \|$", page.split("## Where things are")[1], flags=re.MULTILINE)
    named = set()
    for row in rows:
        first, *others = re.findall(r"`([^`]+)`", row)
        beside = "src/mushin/" if first.startswith("src/mushin/") else ""
        named |= {first.rstrip("/"), *(f"{beside}{other}".rstrip("/") for other in others)}
    for name in named:
        assert list(repository.glob(name)), f"{name} is not there"
    modules = [
        path.relative_to(repository).as_posix()
        for path in (repository / "src/mushin").iterdir()
        if not path.name.startswith(("_", "py.typed"))
    ]
    assert [name for name in modules if not any(fnmatch(name, place) for place in named)] == []
