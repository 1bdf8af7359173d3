"""The README's own method, data set and commands, run as they stand."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest

import mushin
from tiny_study import Study

pytestmark = pytest.mark.workflow


@pytest.fixture
def readme(repository: Path) -> str:
    return (repository / "README.md").read_text()


@pytest.fixture
def checkout(repository: Path, tmp_path: Path, readme: str) -> Study:
    """A folder with conf/ and with every file that the README shows."""
    shutil.copytree(repository / "conf", tmp_path / "conf")
    for name, content in re.findall(
        r"^```(?:python|yaml)\n# (\S+\.(?:py|yaml))\n(.*?)^```", readme, re.M | re.S
    ):
        (tmp_path / name).write_text(content)
    return Study(tmp_path)


def command_with(readme: str, part: str) -> list[str]:
    [line] = [line for line in readme.splitlines() if line.startswith("snakemake ") and part in line]
    return shlex.split(line.partition("#")[0])[3:]


@pytest.mark.parametrize(
    ("part", "file", "methods"),
    [
        ("methods=mlp,residual", "results/compare.nc", ["mlp", "residual"]),
        ("methods=mlp,trees", "results/trees/compare.nc", ["mlp", "trees"]),
        ("datasets=moons", "results/moons/compare.nc", ["mlp", "linear"]),
    ],
)
def test_example_of_the_readme_runs(
    checkout: Study, readme: str, part: str, file: str, methods: list[str]
) -> None:
    ran = checkout.run("--config", *command_with(readme, part)[1:], "overrides=training.epochs=2")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    ds = mushin.open_results(checkout.folder / file)
    assert ds["method"].values.tolist() == methods
    assert ds["seed"].values.tolist() == [0, 1, 2]
    assert float(ds["accuracy"].min()) > 0.3


def test_every_key_value_command_of_the_readme_can_be_planned(checkout: Study, readme: str) -> None:
    lines = [line for line in readme.splitlines() if line.startswith("snakemake ") and "--config" in line]
    assert len(lines) >= 4
    for line in lines:
        words = shlex.split(line.partition("#")[0])
        planned = checkout.mushin("plan", *words[words.index("--config") + 1 :])
        assert planned.returncode == 0, planned.stderr
