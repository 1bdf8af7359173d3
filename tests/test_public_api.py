from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import mushin


def imported_by(statement: str) -> set[str]:
    code = f"import sys; {statement}; print('\\n'.join(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {name.split(".")[0] for name in ran.stdout.split()}


def test_every_public_name_can_be_had() -> None:
    for name in mushin.__all__:
        assert getattr(mushin, name) is not None
    assert set(mushin.__all__) <= set(dir(mushin))


def test_every_public_name_is_in_the_reference(repository: Path) -> None:
    page = (repository / "docs/reference.md").read_text()
    documented = set(re.findall(r"^\.\. auto\w+:: mushin\.(\w+)$", page, flags=re.MULTILINE))
    assert documented == set(mushin.__all__) - {"__version__"}


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'mushin' has no attribute 'comprae'"):
        mushin.comprae  # noqa: B018


@pytest.mark.parametrize(
    ("file", "form"), [("pyproject.toml", r'^version = "(.+)"$'), ("CITATION.cff", r"^version: (.+)$")]
)
def test_version_is_the_same_everywhere(repository: Path, file: str, form: str) -> None:
    declared = re.search(form, (repository / file).read_text(), flags=re.MULTILINE)
    assert declared is not None
    assert declared[1] == mushin.__version__


HEAVY = {
    "torch",
    "torchmetrics",
    "numpy",
    "pandas",
    "xarray",
    "scipy",
    "netCDF4",
    "hydra",
    "omegaconf",
    "snakemake",
    "matplotlib",
}


@pytest.mark.parametrize(
    ("statement", "allowed"),
    [
        ("import mushin", set()),
        ("import mushin.cli; mushin.cli._parser().format_help()", set()),
        ("import mushin.config.make_plan", {"hydra", "omegaconf"}),
        ("import mushin.stages.status", {"numpy", "netCDF4"}),
        ("from mushin import sweep, multirun", {"numpy", "hydra", "omegaconf"}),
        ("import mushin.stages.plan_power", {"numpy", "scipy", "hydra", "omegaconf"}),
        ("import mushin.stages.aggregate", {"numpy", "netCDF4", "pandas", "xarray"}),
        ("import mushin.stages.compare", {"numpy", "netCDF4", "pandas", "xarray", "scipy"}),
        ("import mushin.stages.score", {"numpy", "netCDF4", "pandas", "xarray", "scipy"}),
        ("import mushin.study", {"numpy", "netCDF4", "pandas", "xarray", "scipy", "torch"}),
        ("import mushin.stages.train", {"numpy", "torch", "hydra", "omegaconf"}),
        ("import mushin.stages.evaluate", {"numpy", "torch", "hydra", "omegaconf", "netCDF4"}),
    ],
)
def test_each_command_imports_no_more_than_it_needs(statement: str, allowed: set[str]) -> None:
    assert imported_by(statement) & HEAVY <= allowed
