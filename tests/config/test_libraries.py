from __future__ import annotations

from pathlib import Path

import pytest

from mushin.config.libraries import libraries_behind
from mushin.config.make_plan import make_plan
from mushin.config.selection import Selection
from mushin.config.targets import clear_caches

OWN = """
import json
from collections.abc import Iterable
import scipy.special
import mushin.errors
import also_own

def method(data):
    from sklearn.linear_model import LogisticRegression
    import no_such_library
    return LogisticRegression()
"""


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "own_method.py").write_text(OWN)
    (tmp_path / "also_own.py").write_text("from package import part\nimport own_method\n")
    (tmp_path / "package").mkdir()
    (tmp_path / "package/__init__.py").write_text("from . import part\n")
    (tmp_path / "package/part.py").write_text("from .sibling import anything\nimport pandas.api\n")
    (tmp_path / "package/sibling.py").write_text("import xarray\nanything = 1\n")
    monkeypatch.chdir(tmp_path)
    clear_caches()
    return "own_method.method"


def test_own_source_needs_the_installed_modules_that_it_imports(own: str) -> None:
    """Also through other files of one's own, which may import each other in circles."""
    assert libraries_behind(own) == {"pandas.api", "scipy.special", "sklearn.linear_model", "xarray"}


@pytest.mark.parametrize(
    ("target", "libraries"),
    [
        ("torch.optim.AdamW", {"torch.optim"}),
        ("numpy.random.default_rng", {"numpy.random"}),
        ("json.loads", set()),
        ("math.exp", set()),
    ],
)
def test_installed_target_needs_its_own_module(target: str, libraries: set[str]) -> None:
    assert libraries_behind(target) == libraries


def test_targets_that_mushin_ships_need_what_they_import() -> None:
    """They are read as one's own, because they import within functions."""
    assert "sklearn.datasets" in libraries_behind("mushin.zoo.digits.load_digits")


def test_plan_lists_the_libraries_of_all_methods_once(study: Path) -> None:
    libraries = make_plan(Selection.from_arguments(["methods=mlp,forest"])).libraries
    assert {"sklearn.datasets", "sklearn.ensemble", "torch.optim"} <= set(libraries)
    assert list(libraries) == sorted(set(libraries))
    assert not [name for name in libraries if name.startswith("mushin")]
