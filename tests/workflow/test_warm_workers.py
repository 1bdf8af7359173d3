"""Where the workflow forks its jobs from a server, and where it starts them directly."""

from __future__ import annotations

import sys

import pytest

from tiny_study import Study

pytestmark = pytest.mark.workflow


@pytest.mark.skipif(sys.platform != "linux", reason="warm workers need Linux")
def test_a_run_of_several_jobs_has_a_server(fresh: Study) -> None:
    ran = fresh.run("results/blobs/near/0/cell.nc")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert (fresh.folder / "logs/results/workers.log").is_file()


def test_a_snakemake_that_is_started_for_one_job_has_none(fresh: Study) -> None:
    """As in the steps of a SLURM job, where a server would import what one job needs, and serve only that."""
    ran = fresh.run("--target-jobs", "train:dataset=blobs,method=near,seed=0", "--force")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert (fresh.folder / "results/blobs/near/0/model.pt").is_file()
    assert not (fresh.folder / "logs/results/workers.log").exists()
