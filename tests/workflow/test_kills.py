"""Kills at random moments of a run: of everything, of Snakemake alone, and of one job."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tiny_study import Command, Study, environment

CELLS = [f"blobs/{method}/{seed}" for method in ("near", "far") for seed in (0, 1)]
NOTED = "    with open('trained.txt', 'a') as log:\n        print(sys.argv[2], file=log)\n"
KINDS = ("everything", "snakemake", "a job")
LONGEST = 2.0
"""Seconds between the line that a kill waits for and the kill."""


@pytest.fixture
def expected(here: Path, command: Command) -> bytes:
    """What a run leaves that nobody interrupts; the commands by hand leave the same bytes, but sooner."""
    for cell in CELLS:
        assert command("train", cell)[0] == command("evaluate", cell)[0] == 0
    assert command("aggregate")[0] == 0
    return (here / "results/compare.nc").read_bytes()


@pytest.fixture
def noting(fresh: Study) -> Study:
    """The tiny study, which notes every training that has ended."""
    fresh.edit("near.py", "import torch\n", "import sys\n\nimport torch\n")
    fresh.edit("near.py", "    return model\n", f"{NOTED}    return model\n")
    return fresh


@pytest.mark.workflow
@pytest.mark.parametrize(
    # Of the 135 lines that a run prints: early kills leave less to do twice.
    ("points", "last_line"),
    [(5, 60), pytest.param(40, 100, marks=pytest.mark.slow)],
)
def test_kills_at_random_moments_repeat_nothing_and_change_no_byte(
    noting: Study, expected: bytes, points: int, last_line: int
) -> None:
    """Every run after a kill goes on from what was left; where the study is complete, it begins anew."""
    generator = random.Random(points)
    recorded: set[str] = set()
    kills = 0
    while kills < points:
        before = len(trainings(noting))
        moment = generator.randrange(20, last_line), generator.uniform(0.0, LONGEST)
        status, log = run_and_kill(noting, KINDS[kills % len(KINDS)], *moment)
        assert recorded.isdisjoint(trainings(noting)[before:]), "a complete cell was trained again"
        recorded |= finished_trainings(log)
        kills += status != 0
        if recorded == set(CELLS):
            complete(noting, expected)
            shutil.rmtree(noting.folder / "results")
            recorded.clear()
    before = len(trainings(noting))
    complete(noting, expected)
    assert recorded.isdisjoint(trainings(noting)[before:])


def complete(study: Study, expected: bytes) -> None:
    """Do what a user does after a kill, and check what that gives."""
    unlock(study)
    ran = study.run()
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert (study.folder / "results/compare.nc").read_bytes() == expected
    assert (study.folder / "results/comparisons.csv").is_file()
    assert not list((study.folder / "results").rglob("*.partial"))


def run_and_kill(study: Study, kind: str, lines: int, seconds: float) -> tuple[int, str]:
    """Start a run, kill a part of it some time after it has printed so many lines, and wait for the rest."""
    unlock(study)
    log = study.folder / "run.log"
    with log.open("w") as output:
        run = subprocess.Popen(
            study.command(), stdout=output, stderr=output, env=environment(), start_new_session=True
        )
        while run.poll() is None and log.read_text().count("\n") < lines:
            time.sleep(0.02)
        time.sleep(seconds)
        if run.returncode is not None:
            pass  # It was complete before it came so far.
        elif kind == "everything":
            os.killpg(run.pid, signal.SIGKILL)
        elif kind == "snakemake":
            run.kill()  # Its jobs go on, also beside those of the next run.
        else:
            for job in jobs_of(run.pid)[:1]:
                os.kill(job, signal.SIGKILL)
        status = run.wait()
    printed = log.read_text()
    assert "Traceback" not in printed
    return status, printed


def jobs_of(session: int) -> list[int]:
    """Return the processes of a session that train or evaluate."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
            belongs = os.getsid(int(folder.name)) == session
        except (FileNotFoundError, ProcessLookupError):
            continue
        if belongs and b"-m\0mushin\0" in command:
            found.append(int(folder.name))
    return sorted(found)


def unlock(study: Study) -> None:
    if any((study.folder / ".snakemake/locks").glob("*")):
        ran = study.run("--unlock")
        assert ran.returncode == 0, ran.stderr


def trainings(study: Study) -> list[str]:
    file = study.folder / "trained.txt"
    return file.read_text().split() if file.is_file() else []


def finished_trainings(log: str) -> set[str]:
    """Return the cells whose training Snakemake has recorded as finished."""
    started = dict(re.findall(r"^Job (\d+): train (\S+)", log, flags=re.MULTILINE))
    ended = re.findall(r"^Finished jobid: (\d+) \(Rule: train\)", log, flags=re.MULTILINE)
    return {started[job] for job in ended}
