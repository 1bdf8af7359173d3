"""Which rules run where Snakemake runs, also on a cluster: a job there costs more than they do."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tiny_study import SNAKEFILE, Study, environment

pytestmark = pytest.mark.workflow

LIST = """
import sys
from pathlib import Path
from snakemake.api import SnakemakeApi
from snakemake.settings.types import ResourceSettings
with SnakemakeApi() as api:
    opened = api.workflow(resource_settings=ResourceSettings(cores=1), snakefile=Path(sys.argv[1]))
    workflow = opened._workflow
    type(workflow).local_exec = False  # as with an executor that submits jobs
    print("LOCAL", *(rule.name for rule in workflow.rules if workflow.is_local(rule)))
    print("SUBMITTED", *(rule.name for rule in workflow.rules if not workflow.is_local(rule)))
"""


def test_only_training_and_evaluation_become_jobs_of_a_cluster(fresh: Study) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LIST, str(SNAKEFILE)],
        cwd=fresh.folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = {line.split()[0]: set(line.split()[1:]) for line in done.stdout.splitlines() if line.strip()}
    assert found["LOCAL"] == {"all", "aggregate", "stats", "report"}
    assert found["SUBMITTED"] == {"train", "train_predictions", "evaluate"}
