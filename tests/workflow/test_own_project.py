"""A project of one's own takes the rules of the installed mushin, and adds to them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from mushin.project.begin import begin_project
from tiny_study import SNAKEMAKE, environment, replace_once

pytestmark = pytest.mark.workflow

OWN_RULE = """

rule letter:
    input:
        rules.{prefix}stats.output,
    output:
        "results/letter.txt",
    shell:
        "wc {{input}} > {{output}}"
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    begin_project(tmp_path / "project")
    return tmp_path / "project"


def dry_run(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(SNAKEMAKE), "--dry-run", *arguments],
        cwd=project,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
    )


def counted(project: Path, *arguments: str) -> dict[str, int]:
    """Count the jobs of each rule in a dry run."""
    ran = dry_run(project, *arguments)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return {rule: int(count) for rule, count in re.findall(r"^(\w+) +(\d+)$", ran.stdout + ran.stderr, re.M)}


def test_all_is_the_default_target(project: Path) -> None:
    jobs = {"all": 1, "train": 10, "evaluate": 10, "aggregate": 1, "stats": 1, "report": 1, "total": 24}
    assert counted(project, "--cores", "1") == jobs
    assert counted(project, "--profile", "slurm") == jobs


@pytest.mark.parametrize("prefix", ["", "study_"])
def test_own_rules_go_on_from_the_tables(project: Path, prefix: str) -> None:
    if prefix:
        replace_once(project / "Snakefile", "use rule * from study", f"use rule * from study as {prefix}*")
    with (project / "Snakefile").open("a") as snakefile:
        snakefile.write(OWN_RULE.format(prefix=prefix))
    jobs = counted(project, "--cores", "1", "letter", "--config", "seeds=0")
    assert jobs.keys() == {
        "letter",
        "total",
        *(f"{prefix}{rule}" for rule in ("train", "evaluate", "aggregate", "stats")),
    }
    assert jobs["total"] == 7


def test_mistake_on_the_command_line_is_one_line(project: Path) -> None:
    ran = dry_run(project, "--cores", "1", "--config", "metods=network")
    assert ran.returncode == 1
    assert "metods: unknown key; did you mean 'methods'?" in ran.stdout + ran.stderr
    assert "Traceback" not in ran.stdout + ran.stderr


def test_shipped_study_runs_where_no_conf_is(tmp_path: Path, repository: Path) -> None:
    jobs = counted(tmp_path, "--cores", "1", "--snakefile", str(repository / "workflow/Snakefile"))
    assert (jobs["train"], jobs["stats"]) == (15, 1)
