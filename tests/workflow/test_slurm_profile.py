"""What the profile ``slurm`` says and asks for, where there is no SLURM."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tiny_study import SNAKEFILE, SNAKEMAKE, Study, environment

pytestmark = pytest.mark.workflow


SLURM = {"sacct", "sacctmgr", "sbatch", "scancel", "scontrol", "sinfo", "squeue", "srun"}


@pytest.fixture
def bare_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A PATH without SLURM, and an environment that names neither account nor partition."""
    commands = tmp_path / "bin"
    commands.mkdir()
    for folder in os.environ["PATH"].split(":"):
        for file in Path(folder).glob("*"):
            link = commands / file.name
            if file.name not in SLURM and not link.is_symlink():
                link.symlink_to(file)
    monkeypatch.setenv("PATH", str(commands))
    for name in ("SBATCH_ACCOUNT", "SLURM_ACCOUNT", "SBATCH_PARTITION", "SLURM_PARTITION"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def profiled(fresh: Study, repository: Path, bare_path: None) -> Study:
    (fresh.folder / "slurm").symlink_to(repository / "slurm")
    return fresh


def run_on_slurm(study: Study, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [SNAKEMAKE, "--snakefile", SNAKEFILE, "--profile", "slurm", *arguments],
        cwd=study.folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_without_sbatch_one_line_says_what_to_do(profiled: Study) -> None:
    ran = run_on_slurm(profiled)
    assert ran.returncode == 1
    assert ran.stderr.splitlines()[1:] == [  # the first names the profiles
        "profile slurm: no sbatch here; run it on a login node of SLURM, or run: snakemake --cores all"
    ]


def test_without_the_executor_one_line_says_what_to_install(
    profiled: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.util\n"
        "find = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name, *rest: "
        "None if name == 'snakemake_executor_plugin_slurm' else find(name, *rest)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=":")
    ran = run_on_slurm(profiled, "--dry-run")
    assert ran.returncode == 1
    assert ran.stderr.splitlines()[1:] == [  # the first names the profiles
        "profile slurm: the executor is missing; pip install snakemake-executor-plugin-slurm"
    ]


@pytest.mark.parametrize("dry", ["--dry-run", "-np"])
def test_dry_run_needs_no_slurm(profiled: Study, dry: str) -> None:
    ran = run_on_slurm(profiled, dry)
    assert ran.returncode == 0, ran.stderr
    assert "This was a dry-run" in ran.stdout + ran.stderr


def test_account_and_partition_come_from_the_environment(
    profiled: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SBATCH_ACCOUNT", "lab")
    monkeypatch.setenv("SBATCH_PARTITION", "short")
    printed = run_on_slurm(profiled, "-n").stdout
    assert "slurm_account=lab" in printed
    assert "slurm_partition=short" in printed


def test_a_second_profile_replaces_what_it_names(profiled: Study) -> None:
    (profiled.folder / "mine").mkdir()
    (profiled.folder / "mine/config.yaml").write_text(
        "default-resources: {slurm_account: lab, slurm_partition: long}\nretries: 3\n"
    )
    printed = run_on_slurm(profiled, "--profile", "mine", "-n").stdout
    assert "slurm_account=lab" in printed
    assert "slurm_partition=long" in printed
