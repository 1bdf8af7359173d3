"""What a study on SLURM survives: each drill ends with the bytes of a local run and repeats no training."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import pytest

from slurm_study import REPOSITORY, SlurmStudy, ask_slurm, cancel_all_jobs, jobs, wait_until
from tiny_study import Study

pytestmark = pytest.mark.slurm
slow = pytest.mark.skipif(
    "MUSHIN_ALL_DRILLS" not in os.environ, reason="takes minutes; set MUSHIN_ALL_DRILLS=1 to run it"
)


def test_cell_is_one_job_and_a_cancelled_one_is_submitted_again_without_training_again(
    study: SlurmStudy, local_bytes: bytes
) -> None:
    study.hold("evaluate")
    run = study.start()
    study.wait_until_reached("evaluate", run)
    wait_until(lambda: study.kept == ["0", "1"], "both trainings", run)
    assert len(jobs()) == 2
    cancel_all_jobs()
    study.release("evaluate")
    printed = run.wait(0)
    assert "Trying to restart job" in printed
    assert study.merged == local_bytes
    assert study.trained == ["0", "1"]


def test_job_that_runs_out_of_time_gets_twice_as_much(study: SlurmStudy, local_bytes: bytes) -> None:
    study.hold("train 1")
    run = study.start()
    study.wait_until_reached("train 1", run)
    wait_until(lambda: study.kept == ["0"] and len(jobs()) == 1, "the end of the other cell", run)
    [late] = jobs()
    limit = ask_slurm("squeue", "--noheader", "--format=%l", "--jobs", late).strip()
    assert limit == "2:00:00"
    ask_slurm("scontrol", "update", f"JobId={late}", "EndTime=now")
    wait_until(lambda: late in jobs("timeout"), "the time-out", run)
    wait_until(lambda: jobs().keys() - {late}, "the second attempt", run)
    [again] = jobs().keys() - {late}
    assert ask_slurm("squeue", "--noheader", "--format=%l %m", "--jobs", again).split() == [
        "4:00:00",
        "4000M",
    ]
    study.release("train 1")
    run.wait(0)
    assert study.merged == local_bytes
    assert study.trained == ["0", "1"]


@slow
def test_jobs_of_a_node_that_goes_down_run_again(study: SlurmStudy, local_bytes: bytes) -> None:
    study.hold("train 0")
    run = study.start()
    study.wait_until_reached("train 0", run)
    node = ask_slurm("sinfo", "--noheader", "--partition=debug", "--format=%N").strip()
    ask_slurm("scontrol", "update", f"NodeName={node}", "State=DOWN", "Reason=drill")
    study.wait_until_ended("train 0", run)
    study.release("train 0")
    ask_slurm("scontrol", "update", f"NodeName={node}", "State=RESUME")
    run.wait(0)
    assert study.merged == local_bytes
    assert study.trained == ["0", "1"]


def test_interrupt_cancels_the_jobs_and_a_rerun_completes(study: SlurmStudy, local_bytes: bytes) -> None:
    study.hold("train 0")
    run = study.start()
    study.wait_until_reached("train 0", run)
    wait_until(lambda: study.kept == ["1"], "the other training", run)
    run.process.send_signal(signal.SIGINT)
    run.wait(1)
    wait_until(lambda: not jobs(), "the end of all jobs", run)
    study.release("train 0")
    study.finish()
    assert study.merged == local_bytes
    assert study.trained == ["0", "1"]


def test_jobs_outlive_a_killed_snakemake_and_a_rerun_only_merges(
    study: SlurmStudy, local_bytes: bytes
) -> None:
    study.hold("evaluate")
    run = study.start()
    study.wait_until_reached("evaluate", run)
    wait_until(lambda: study.kept == ["0", "1"], "both trainings", run)
    run.process.kill()
    run.process.wait()
    study.release("evaluate")
    wait_until(lambda: not jobs(), "the end of all jobs")
    study.finish("--unlock")
    printed = study.finish()
    assert "train blobs" not in printed
    assert study.merged == local_bytes
    assert study.trained == ["0", "1"]


def test_packed_cells_share_a_job_that_asks_for_one_cell_and_the_sum_of_times(
    study: SlurmStudy, local_bytes: bytes
) -> None:
    study.hold("train 0")
    run = study.start("--group-components", "cell=2", "--set-resources", "train:gpu=1")
    study.wait_until_reached("train 0", run)
    [packed] = jobs()
    asked = ask_slurm("squeue", "--noheader", "--format=%C %m %l", "--jobs", packed).split()
    assert asked == ["1", "2000M", "4:00:00"]
    assert "TresPerJob=gres:gpu:1\n" in ask_slurm("scontrol", "show", "job", packed)
    study.release("train 0")
    run.wait(0)
    assert study.merged == local_bytes
    assert study.trained == ["0", "1"]


@slow
def test_whole_study_of_the_digits_has_the_bytes_of_a_local_run(slurm: None, tmp_path: Path) -> None:
    for name in ("local", "cluster"):
        for folder in ("conf", "slurm"):
            shutil.copytree(REPOSITORY / folder, tmp_path / name / folder)
    ran = Study(tmp_path / "local").run("results/compare.nc")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    cluster = SlurmStudy(tmp_path / "cluster")
    cluster.finish("--group-components", "cell=4")
    assert cluster.merged == (tmp_path / "local/results/compare.nc").read_bytes()
